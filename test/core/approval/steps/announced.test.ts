import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Approval } from '../../../../src/core/approval/approval.ts';
import type { Input } from '../../../../src/core/approval/inputs.ts';
import { step } from '../../../../src/core/approval/steps/step.ts';
import {
  after,
  announced,
  application,
  dana,
  pauseOf,
  pressed,
  sentAs,
  slackRoom,
} from '../../../support/data/pauses.ts';
import { runs } from '../../../support/property.ts';

const asked = (groupId: string, more: object = {}) =>
  announced({ pause: pauseOf({ kind: 'await', groupId }), ...more });
const ask = asked('g1');
const again = asked('g2', { afterCall: true, readAgain: true });
const sending: Input = { type: 'sending', resendable: false };
const lost = sentAs({ type: 'ambiguous', reason: 'w', following: true }, { resendable: false });
const tryAgain: Input = { type: 'retried', actor: dana, right: 'allowed' };

test('a later announcement keeps the opener of the first, also where that is not known', () => {
  const by = (opener?: string | null, groupId = 'g1') =>
    asked(groupId, {
      pause: pauseOf({ kind: 'await', groupId, wire: { kind: 'await', ...(opener !== undefined && { opener }) } }),
    });
  for (const [first, kept] of [
    ['one', 'one'],
    [null, null],
    [undefined, null],
  ] as const) {
    const state = after(by(first), by('two', 'g2'));
    assert.deepEqual([state.pause.groupId, state.pause.wire['opener']], ['g2', kept]);
  }
  const other = after(announced(), announced({ fingerprint: 'd2' }));
  assert.ok(!('opener' in other.pause.wire), 'and a backend without openers gets none');
});

describe('an output whose answer was lost, asked for again afterwards', () => {
  const before = after(ask, pressed(), sending, lost);

  test('its decision is sent once more, in the new group', () => {
    const { state, effects } = step(before, again, 2_000);
    assert.deepEqual([state?.phase, state?.mayHaveArrived, state?.outcome], ['decided', false, null]);
    assert.deepEqual(state?.decision, before.decision);
    assert.deepEqual(
      effects.filter(({ type }) => type === 'decide'),
      [
        { type: 'decide', groupId: 'g2' },
        { type: 'decide', groupId: 'g1' },
        { type: 'decide', groupId: 'g2' },
      ],
    );
  });

  test('each proof counts once', () => {
    const twice = after(ask, pressed(), sending, lost, again, sending, lost);
    assert.equal(twice.outcome, 'unconfirmed');
    assert.equal(step(twice, asked('g3', { afterCall: true }), 2_000).state?.phase, 'decided');
  });

  test('after a second call in doubt it opens again: the request may be older than that call', () => {
    const second = after(ask, pressed(), sending, lost, tryAgain, sending, lost);
    const { state } = step(second, again, 2_000);
    assert.deepEqual([state?.phase, state?.decision], ['open', null]);
  });

  test('between Try again and its call, the call is known to be the first', () => {
    const pressedAgain = after(ask, pressed(), sending, lost, tryAgain);
    assert.equal(pressedAgain.mayHaveArrived, true);
    assert.equal(step(pressedAgain, again, 2_000).state?.mayHaveArrived, false);
  });

  const opens: [string, Approval, Input][] = [
    ['with other arguments', before, { ...again, fingerprint: 'd2' } as Input],
    ['without a proof', before, asked('g2')],
    ['decided by its application', after(ask, claimed(), lost), again],
  ];
  for (const [name, state, input] of opens) {
    test(`${name}: it opens again`, () => assert.equal(step(state, input, 2_000).state?.phase, 'open'));
  }

  test('an output that was taken stays so', () => {
    const taken = after(ask, pressed(), sending, sentAs({ type: 'recorded', following: true }));
    assert.equal(step(taken, again, 2_000).ignored, 'too_late');
  });

  test('the end of its call settles it, also between Try again and the answer to that', () => {
    const late = sentAs({ type: 'recorded', following: true }, { last: true, late: true });
    for (const more of [[], [tryAgain], [tryAgain, sending]]) {
      const state = after(ask, pressed(), sending, lost, ...more, late);
      assert.deepEqual([state.outcome, state.continuation?.state], ['approved', 'following']);
    }
  });

  test('whatever comes, it is sent again without a person only if no call may have arrived', () => {
    const input = fc.constantFrom<Input>(
      ...[ask, again, asked('g3'), pressed(), sending, lost, tryAgain, claimed()],
      sentAs({ type: 'unsent', reason: 'w' }),
      { type: 'stream_ended' },
    );
    const law = fc.property(fc.array(input, { maxLength: 25 }), (inputs) => {
      let state: Approval | null = null;
      let inDoubt = 0;
      for (const [index, one] of inputs.entries()) {
        const previous: Approval | null = state;
        state = step(state, one, index).state;
        const isCall = previous?.phase !== 'sending' && state?.phase === 'sending';
        if (isCall) inDoubt += 1;
        if (one.type === 'sent' && one.result.type === 'unsent' && previous?.phase === 'sending') inDoubt -= 1;
        const isAutomatic = one.type === 'announced' && previous?.phase === 'settled' && state?.phase === 'decided';
        if (isAutomatic) assert.equal(inDoubt, 1, 'the call that is known not to have arrived was the only one');
        if (isAutomatic || state?.phase === 'open') inDoubt = 0;
      }
    });
    fc.assert(law, { numRuns: runs(1_000) });
  });
});

function claimed(): Input {
  return { type: 'claimed', action: 'approve', actor: application, text: null };
}

describe('what signed ingest said first, our own stream takes over', () => {
  const truth = pauseOf({ parameters: { amount: 9_000 }, deadline: 400_000, askedAt: 1_000 });
  const false_ = pauseOf({ parameters: { amount: 1 }, deadline: 900_000, askedAt: 1_000, tool: 'ping' });
  const byIngest = announced({ pause: false_, fingerprint: 'false', via: 'ingest', places: [slackRoom] });
  const byStream = announced({ pause: truth, fingerprint: 'true' });
  const ends: Input[] = [
    { type: 'resolved', verdict: 'approve', reason: 'x', via: 'ingest' },
    { type: 'resolved', verdict: 'timeout', reason: null, via: 'ingest' },
    { type: 'cancelled', reason: 'x', via: 'ingest' },
    { type: 'continued', continuation: { state: 'completed', text: 'Done.' }, via: 'ingest' },
  ];

  test('with its question, its times and its rooms', () => {
    const state = after(byIngest, byStream);
    assert.equal(state.via, 'stream');
    assert.deepEqual([state.pause.parameters, state.fingerprint], [{ amount: 9_000 }, 'true']);
    assert.deepEqual(Object.keys(state.slots).sort(), ['card@discord:4100', 'card@slack:C0ROOM']);
    assert.equal(state.pause.deadline, after(byStream).pause.deadline);
    assert.equal(state.previous?.tool, 'ping', 'the card says what it showed before');
  });

  for (const end of ends.slice(0, 3)) {
    test(`also after ingest ended it (${end.type})`, () => {
      const ended = after(byIngest, end);
      assert.equal(ended.phase, 'settled');
      assert.equal(after(byIngest, end, byStream).phase, 'open');
    });
  }

  test('and a decision on what was not true is void, unless its call has left', () => {
    const decided = after(byIngest, pressed({ fingerprint: 'false' }), byStream);
    assert.deepEqual([decided.phase, decided.decision, decided.detail?.code], ['open', null, 'request_changed']);
    const failed = sentAs({ type: 'refused', reason: 'x' });
    const again = after(byIngest, pressed({ fingerprint: 'false' }), sending, failed, byStream);
    assert.deepEqual([again.phase, again.decision], ['open', null], 'and can’t be tried again');
    const sent = after(byIngest, pressed({ fingerprint: 'false' }), sending, byStream);
    assert.deepEqual([sent.phase, sent.via, sent.fingerprint], ['sending', 'stream', 'false']);
  });

  test('and from then on, as from the first on where our stream was first, ingest ends and changes nothing', () => {
    for (const state of [after(byStream), after(byIngest, byStream)]) {
      for (const input of [...ends, byIngest]) {
        const { state: next, effects, ignored } = step(state, input, 5_000);
        assert.deepEqual([next, effects, ignored], [state, [], 'not_ours_to_overwrite']);
      }
    }
  });

  test('but what came by ingest only is ended by ingest, until its backend took our answer', () => {
    assert.equal(after(byIngest, ends[0] ?? byIngest).outcome, 'decided_elsewhere');
    const taken = after(
      byIngest,
      pressed({ fingerprint: 'false' }),
      sending,
      sentAs({ type: 'recorded', following: true }),
    );
    const { state } = step(taken, ends[3] ?? byIngest, 5_000);
    assert.deepEqual(state, taken);
  });
});
