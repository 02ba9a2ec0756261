/** What the responses that one replica holds need of the others. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ContinuationHub, type Subscriber } from '../../../../src/backends/runtype/stream/continuation-hub.ts';
import { createHeldLanes } from '../../../../src/backends/runtype/stream/held-lanes.ts';
import { StoreError } from '../../../../src/core/ports/errors.ts';
import type { Word } from '../../../../src/core/ports/store/fleet.ts';
import { createTestClock } from '../../../support/clock.ts';
import { captureLog } from '../../../support/log.ts';

const hashOf = (key: string) => `hash of ${key}`;

/** The hub of a replica, and what it asked of its fleet. */
function createReplica(told: (word: Word) => void = () => {}) {
  const asked: string[] = [];
  const refused: Error[] = [];
  const ask = async (what: string) => {
    const error = refused.shift();
    if (error !== undefined) throw error;
    asked.push(what);
  };
  const fleet = {
    beatEveryMs: 3_000,
    keepLane: (lane: string) => ask(`keep ${lane}`),
    letGo: (lane: string) => ask(`let go ${lane}`),
    tell: told,
    onTold: () => () => {},
  };
  const clock = { ...createTestClock(), sleep: async () => {} };
  const hub = new ContinuationHub(createHeldLanes({ fleet, hashOf, clock, log: captureLog().log }));
  return { hub, asked, refused };
}

function held(key: string | null): Subscriber & { heard: string[] } {
  const heard: string[] = [];
  return {
    key,
    heard,
    begin: () => ({ frame() {}, whole() {}, end() {} }),
    superseded: () => void heard.push('superseded'),
    settled: () => void heard.push('settled'),
  };
}

const turns = async () => {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

describe('the lane of a run', () => {
  test('is kept before a pause is recorded where a response waits, once, and let go with the last response', async () => {
    const { hub, asked } = createReplica();
    const [one, two] = [held('a'), held('a')];
    hub.join('exec_1', one, 'await:1');
    hub.join('exec_1', two, 'await:1');
    await hub.keepHeld('exec_1');
    await hub.keepHeld('exec_1');
    assert.deepEqual(asked, ['keep run:runtype:exec_1']);
    hub.leave(one);
    await turns();
    assert.equal(asked.length, 1);
    hub.leave(two);
    await turns();
    assert.deepEqual(asked, ['keep run:runtype:exec_1', 'let go run:runtype:exec_1']);
  });

  test('is not kept where none waits', async () => {
    const { hub, asked } = createReplica();
    await hub.keepHeld('exec_1');
    hub.join('exec_2', held('a'), 'await:1');
    await hub.keepHeld('exec_1');
    assert.deepEqual(asked, []);
  });

  test('is kept as soon as the store can, and let go after that, if the response left meanwhile', async () => {
    const { hub, asked, refused } = createReplica();
    const one = held('a');
    refused.push(new StoreError('down'), new StoreError('down'));
    hub.join('exec_1', one, 'await:1');
    const keeping = hub.keepHeld('exec_1');
    hub.leave(one);
    await keeping;
    await turns();
    assert.deepEqual(asked, ['keep run:runtype:exec_1', 'let go run:runtype:exec_1']);
  });
});

describe('the lane of a run that waits for its application, too', () => {
  const [keep, letGo] = ['keep run:runtype:exec_1', 'let go run:runtype:exec_1'];

  test('is kept after the last response has ended, until the application answers here', async () => {
    const { hub, asked } = createReplica();
    const response = held('a');
    hub.join('exec_1', response, 'approval:1');
    await hub.keepHeld('exec_1');
    await hub.keepLeft('exec_1');
    hub.leave(response);
    await turns();
    assert.deepEqual(asked, [keep]);
    hub.applicationAnswers('exec_1');
    hub.applicationAnswers('exec_1');
    await turns();
    assert.deepEqual(asked, [keep, letGo]);
  });

  test('is kept where no response was ever held, until the application answers elsewhere', async () => {
    const { hub, asked } = createReplica();
    await hub.keepLeft('exec_1');
    await hub.keepHeld('exec_1');
    hub.onTold({ type: 'run', runId: 'exec_1', key: null, by: 'hash of a', goesOn: true });
    await turns();
    assert.deepEqual(asked, [keep, letGo]);
  });

  test('is let go once the run is over, and not where it pauses again', async () => {
    const { hub, asked } = createReplica();
    await hub.keepLeft('exec_1');
    hub.open('exec_1').end({ type: 'paused', held: false });
    await turns();
    assert.deepEqual(asked, [keep]);
    hub.open('exec_1').end({ type: 'over' });
    await turns();
    assert.deepEqual(asked, [keep, letGo]);
  });

  test('stays with a response that is held at its next pause', async () => {
    const { hub, asked } = createReplica();
    await hub.keepLeft('exec_1');
    hub.join('exec_1', held('a'), 'approval:2');
    hub.applicationAnswers('exec_1');
    await turns();
    assert.deepEqual(asked, [keep]);
  });

  test('is let go first where more wait than are kept', async () => {
    const { hub, asked } = createReplica();
    for (let run = 1; run <= 5_001; run += 1) await hub.keepLeft(`exec_${run}`);
    await turns();
    assert.deepEqual(
      asked.filter((what) => what.startsWith('let go')),
      [letGo],
    );
  });
});

describe('what a stream at one replica says', () => {
  function createPair() {
    const words: Word[] = [];
    const here = createReplica((word) => words.push(word));
    const there = createReplica();
    /** Through the database, as text. */
    const pass = () => {
      for (const word of words.splice(0)) {
        const read = JSON.parse(JSON.stringify(word)) as Word;
        assert.ok(!JSON.stringify(word).includes('"a"'), 'no key leaves the process');
        if (read.type === 'run') there.hub.onTold(read);
      }
    };
    const [own, other, anonymous] = [held('a'), held('b'), held(null)];
    for (const one of [own, other, anonymous]) there.hub.join('exec_1', one, 'await:1');
    return { here: here.hub, there: there.hub, pass, own, other, anonymous };
  }

  test('its application goes on with the run: its own response ends there', () => {
    const { here, pass, own, other, anonymous } = createPair();
    here.open('exec_1', 'a', ['await:1']);
    pass();
    assert.deepEqual([own.heard, other.heard, anonymous.heard], [['superseded'], [], []]);
  });

  test('the run is over: all others end there', () => {
    const { here, pass, own, other, anonymous } = createPair();
    here.tell({ runId: 'exec_1', key: null }, 'a');
    pass();
    assert.deepEqual([own.heard, other.heard, anonymous.heard], [[], ['settled'], ['settled']]);
  });

  test('so of a caller without a key, and of no caller', () => {
    const first = createPair();
    first.here.tell({ runId: 'exec_1', key: null }, null);
    first.pass();
    assert.deepEqual([first.own.heard, first.other.heard, first.anonymous.heard], [['settled'], ['settled'], []]);
    const second = createPair();
    second.here.tell({ runId: 'exec_1', key: null }, undefined);
    second.pass();
    assert.deepEqual([second.own.heard, second.anonymous.heard], [['settled'], ['settled']]);
  });

  test('its last pause is over, whatever the run is called', () => {
    const { here, there, pass, other } = createPair();
    there.join('exec_1', other, 'await:2');
    here.tell({ runId: null, key: 'await:1' }, 'a');
    pass();
    assert.deepEqual(other.heard, []);
    here.tell({ runId: null, key: 'await:2' }, 'a');
    pass();
    assert.deepEqual(other.heard, ['settled']);
  });

  test('while a decision is sent from there, its own answer says more', () => {
    const { here, there, pass, other } = createPair();
    const decided = there.deciding('exec_1');
    here.tell({ runId: 'exec_1', key: null }, 'a');
    pass();
    assert.deepEqual(other.heard, []);
    decided();
  });
});

test('alone, nothing is kept or told', async () => {
  const fleet = {
    beatEveryMs: null,
    keepLane: () => assert.fail(),
    letGo: () => assert.fail(),
    tell: () => assert.fail(),
    onTold: () => () => {},
  };
  const among = createHeldLanes({ fleet, hashOf, clock: createTestClock(), log: captureLog().log });
  assert.equal(among, null);
  const hub = new ContinuationHub(among);
  const one = held('a');
  hub.join('exec_1', one, 'await:1');
  await hub.keepHeld('exec_1');
  hub.open('exec_1', 'a');
  hub.leave(one);
});
