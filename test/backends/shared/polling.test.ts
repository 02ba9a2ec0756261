import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Found, Pass, Unreadable } from '../../../src/backends/shared/pass.ts';
import { createPolling } from '../../../src/backends/shared/polling.ts';
import type { Pause } from '../../../src/core/approval/pause/pause.ts';
import { StoreError } from '../../../src/core/ports/errors.ts';
import { type CapturedLog, captureLog } from '../../support/log.ts';
import { RecordingIntake } from '../runtype/support/backend.ts';
import { createPacedClock, type PacedClock, START } from './support.ts';

const POLL_MS = 10_000;

function item(key: string, more: Partial<Pause> = {}): Found {
  const pause: Pause = {
    backend: 'inbox',
    key,
    kind: 'item',
    groupId: key,
    runId: key,
    tool: 'Message',
    description: null,
    asker: null,
    reason: null,
    parameters: {},
    hidden: [],
    actions: ['approve', 'reject'],
    deadline: null,
    wire: {},
    ...more,
  };
  return { pause };
}

const read = (...found: Found[]): Pass => ({ type: 'read', found, complete: true });
const failed = (retryAfterMs: number | null = null): Pass => ({ type: 'failed', reason: 'It is away.', retryAfterMs });

interface World {
  intake: RecordingIntake;
  clock: PacedClock;
  log: CapturedLog;
  stop: AbortController;
  /** What was delivered, in short, since the last time this was asked. */
  news(): string[];
  watching: Promise<void>;
}

/** Polls what `passes` shows, one a pass and the last one for ever. */
async function watching(
  passes: (Pass | ((clock: PacedClock) => Pass | Promise<Pass>))[],
  use: (world: World) => Promise<void>,
  isOurs?: () => boolean,
) {
  const intake = new RecordingIntake();
  const clock = createPacedClock();
  const log = captureLog();
  const stop = new AbortController();
  let looks = 0;
  const look = async () => {
    const pass = passes[Math.min(looks, passes.length - 1)] ?? failed();
    looks += 1;
    return typeof pass === 'function' ? pass(clock) : pass;
  };
  const intervalMs = () => POLL_MS;
  const poll = createPolling({ backend: 'inbox', look, intervalMs, intake, clock, log: log.log });
  const done = poll(stop.signal, isOurs);
  let seen = 0;
  const news = () => {
    const fresh = intake.deliveries.slice(seen);
    seen += fresh.length;
    return fresh.map((one) => {
      if (one.type === 'announced') return `announced ${one.pause.key}${one.recurs ? ' again' : ''}`;
      if (one.type === 'listed') return `listed ${one.keys.join(' ')}`.trim();
      return one.type === 'reach' ? `reach ${one.reachable}` : one.type;
    });
  };
  try {
    await use({ intake, clock, log, stop, news, watching: done });
  } finally {
    stop.abort();
    await done;
  }
}

describe('what is delivered', () => {
  test('each item once, then every complete pass, from when it began', () => {
    const slow = (clock: PacedClock) => {
      clock.advance(700);
      return read(item('a'), item('b'));
    };
    return watching([slow, slow, read(item('b'), item('c')), read()], async ({ clock, intake, news }) => {
      await clock.pass();
      assert.deepEqual(news(), ['reach true', 'announced a', 'announced b', 'listed a b']);
      const listed = await intake.delivery('listed');
      assert.deepEqual(listed, { type: 'listed', backend: 'inbox', keys: ['a', 'b'], begunAt: START });
      const announced = await intake.delivery('announced');
      assert.deepEqual([announced.via, announced.streamOpen, announced.inputId], ['poll', false, null]);
      await clock.pass();
      assert.deepEqual(news(), ['listed a b']);
      await clock.pass();
      assert.deepEqual(news(), ['announced c', 'listed b c']);
      await clock.asleep(4);
      assert.deepEqual(news(), ['listed']);
    });
  });

  test('again, when it changed and when it was gone', () =>
    watching(
      [read(item('a')), read(item('a', { parameters: { amount: 2 } })), read(), read({ ...item('a'), recurs: true })],
      async ({ clock, news }) => {
        for (let pass = 0; pass < 3; pass += 1) await clock.pass();
        await clock.asleep(4);
        const expected = [
          'announced a',
          'listed a',
          'announced a',
          'listed a',
          'listed',
          'announced a again',
          'listed a',
        ];
        assert.deepEqual(news().slice(1), expected);
      },
    ));

  test('nothing of a pass that ended once another replica may poll, nor what is left of one then', () => {
    let isOurs = true;
    const frozen = () => {
      isOurs = false;
      return read(item('decided meanwhile'));
    };
    const passes = [read(item('a')), frozen, read(item('a'), item('b'))];
    const use = async ({ clock, news, intake }: World) => {
      await clock.pass();
      assert.deepEqual(news(), ['reach true', 'announced a', 'listed a']);
      await clock.pass();
      assert.deepEqual(news(), []);
      isOurs = true;
      intake.onDeliver = () => {
        isOurs = false;
      };
      await clock.pass();
      assert.deepEqual(news(), ['announced b']);
    };
    return watching(passes, use, () => isOurs);
  });

  test('absence from an incomplete pass proves nothing, and a list that is never complete is logged', () => {
    const partial: Pass = { type: 'read', found: [item('a')], complete: false };
    return watching([read(item('a'), item('b')), partial], async ({ clock, log, news }) => {
      for (let pass = 0; pass < 10; pass += 1) await clock.pass();
      await clock.asleep(11);
      assert.deepEqual(news(), ['reach true', 'announced a', 'announced b', 'listed a b']);
      assert.equal(
        log.lines().filter(({ msg }) => /no pass over the pending list was complete/.test(String(msg))).length,
        1,
      );
    });
  });

  test('read piecemeal: absent is what two complete passes in a row did not show, from when the first began', () => {
    const parts = (complete: boolean, ...found: Found[]): Pass => ({ type: 'read', found, complete, piecemeal: true });
    const passes = [
      parts(true, item('a'), item('b')),
      parts(true, item('a')),
      parts(true, item('a')),
      // Seen between two complete ones, so neither of them speaks against it.
      parts(false, item('c')),
      parts(true),
      parts(true),
      read(),
    ];
    return watching(passes, async ({ clock, intake, news }) => {
      for (let pass = 0; pass < 6; pass += 1) await clock.pass();
      await clock.asleep(7);
      const listed = news().filter((one) => one.startsWith('listed'));
      assert.deepEqual(listed, ['listed a b', 'listed a', 'listed a c', 'listed', 'listed']);
      const begun = intake.deliveries.flatMap((one) => (one.type === 'listed' ? [(one.begunAt - START) / 11_000] : []));
      assert.deepEqual(begun, [0, 1, 2, 4, 6]);
    });
  });

  test('what could not be recorded is delivered with the next pass', () =>
    watching([read(item('a'), item('b'))], async ({ clock, intake }) => {
      let refusals = 1;
      intake.onDeliver = (delivery) => {
        if (delivery.type === 'announced' && delivery.pause.key === 'a' && refusals-- > 0) throw new StoreError('full');
      };
      await clock.pass();
      await clock.asleep(2);
      assert.deepEqual(
        intake.pauses.map(({ key }) => key),
        ['b', 'a'],
      );
    }));
});

describe('when the backend is away', () => {
  test('three failures in a row are reported once, and so is the recovery', () =>
    watching(
      [read(), failed(), failed(), read(), failed(), failed(), failed(), failed(), read()],
      async ({ clock, intake, log, news }) => {
        for (let pass = 0; pass < 6; pass += 1) await clock.pass();
        assert.deepEqual(news(), ['reach true', 'listed', 'listed'], 'two failures are no news');
        for (let pass = 0; pass < 2; pass += 1) await clock.pass();
        await clock.asleep(9);
        assert.deepEqual(news(), ['reach false', 'reach true', 'listed']);
        const reach = intake.deliveries.find((one) => one.type === 'reach' && !one.reachable);
        assert.deepEqual(reach, { type: 'reach', backend: 'inbox', reachable: false, reason: 'It is away.' });
        assert.equal(log.lines().filter(({ level }) => level === 40).length, 3);
      },
    ));

  test('delays grow, never below the interval, and a requested delay is respected', () =>
    watching([read(), ...Array<Pass>(6).fill(failed()), failed(200_000), read()], async ({ clock }) => {
      for (let pass = 0; pass < 8; pass += 1) await clock.pass();
      await clock.asleep(9);
      const { entries } = clock.naps;
      // With the jitter of this clock, the interval is 11 s.
      assert.deepEqual(entries, [11_000, 11_000, 11_000, 11_000, 11_000, 16_000, 32_000, 200_000, 11_000]);
    }));

  test('a pass that throws counts as a failure', () =>
    watching(
      [() => Promise.reject(new Error('a bug')), () => Promise.reject(new Error('a bug')), failed(), read()],
      async ({ clock, news }) => {
        for (let pass = 0; pass < 3; pass += 1) await clock.pass();
        await clock.asleep(4);
        assert.deepEqual(news(), ['reach false', 'reach true', 'listed']);
      },
    ));
});

describe('an item that can’t be read', () => {
  const broken = (hash: string, runId: string | null = null): Unreadable => ({ hash, runId, name: null });
  const beside = (unreadable: Unreadable[], found: Found[], piecemeal = false): Pass => ({
    ...{ type: 'read', found, complete: true, unreadable },
    ...(piecemeal && { piecemeal }),
  });
  /** Which of these keys each pass proved to be absent. */
  const proven = ({ intake }: World, keys: string[]) =>
    intake.deliveries.flatMap((one) => {
      if (one.type !== 'listed') return [];
      const isProven = (key: string) => !one.keys.includes(key) && one.covers?.(item(key).pause) !== false;
      return [keys.filter(isProven).join('')];
    });

  test('is reported once, again where the report could not be recorded', () =>
    watching([beside([broken('x'), broken('x')], [])], async ({ intake, clock, news }) => {
      let tries = 0;
      intake.onDeliver = ({ type }) => {
        if (type === 'unfollowed' && ++tries === 1) throw new StoreError('full');
      };
      for (let pass = 0; pass < 3; pass += 1) await clock.pass();
      assert.equal(news().filter((one) => one === 'unfollowed').length, 1);
    }));

  test('of a known run: nothing is proven of that run, and everything of the others', () =>
    watching([read(item('a'), item('b'), item('c')), beside([broken('x', 'a')], [item('c')])], async (world) => {
      await world.clock.pass();
      await world.clock.asleep(2);
      assert.deepEqual(proven(world, ['a', 'b', 'c', 'd']), ['d', 'bd']);
    }));

  test('of an unknown run: proven absent is only what was listed beside it', () =>
    watching(
      [read(item('a')), beside([broken('x')], [item('b')]), beside([broken('x'), broken('y')], [item('c')])],
      async (world) => {
        for (let pass = 0; pass < 3; pass += 1) await world.clock.pass();
        await world.clock.asleep(4);
        assert.deepEqual(proven(world, ['a', 'b', 'c']), ['bc', '', '', '']);
      },
    ));

  test('and later only the one that was listed beside it: proven', () =>
    watching([beside([broken('x')], [item('a'), item('b')]), beside([broken('x')], [item('b')])], async (world) => {
      await world.clock.pass();
      await world.clock.asleep(2);
      assert.deepEqual(proven(world, ['a', 'b', 'c']), ['', 'a']);
    }));

  test('of an unknown run, in a list of several requests: nothing is proven', () =>
    watching([beside([broken('x')], [item('a')], true)], async (world) => {
      for (let pass = 0; pass < 3; pass += 1) await world.clock.pass();
      assert.deepEqual(proven(world, ['a', 'b']), []);
    }));
});

describe('its end', () => {
  test('in its sleep', () =>
    watching([read()], async ({ clock, stop, watching: done }) => {
      await clock.asleep(1);
      stop.abort();
      await done;
    }));

  test('during a pass: nothing more is delivered', () => {
    let answer: (pass: Pass) => void = () => {};
    const pending = new Promise<Pass>((resolve) => {
      answer = resolve;
    });
    return watching([() => pending], async ({ stop, news, watching: done }) => {
      stop.abort();
      answer(read(item('a')));
      await done;
      assert.deepEqual(news(), []);
    });
  });

  test('before it began', async () => {
    const look = () => assert.fail('it looked');
    const intake = new RecordingIntake();
    const clock = createPacedClock();
    const { log } = captureLog();
    await createPolling({ backend: 'inbox', look, intervalMs: () => 1, intake, clock, log })(AbortSignal.abort());
  });
});
