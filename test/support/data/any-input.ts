/** Anything that can happen to an approval, for the laws that hold in every state that it can reach. */
import fc from 'fast-check';
import type { Input } from '../../../src/core/approval/inputs.ts';
import type { Pause } from '../../../src/core/approval/pause/pause.ts';
import { claimMark } from '../../../src/core/approval/steps/take-over.ts';
import { announced, application, dana, pauseOf, pressed, sam, started } from './pauses.ts';

const verb = fc.constantFrom('approve' as const, 'reject' as const, 'take_over' as const);
const who = fc.constantFrom(dana, sam);
const reason = fc.constant('w');
const right = fc.constantFrom('allowed' as const, 'denied' as const, 'unverified' as const);
const result = fc.oneof(
  fc.record({ type: fc.constant('recorded' as const), following: fc.boolean() }),
  fc.record({ type: fc.constant('already' as const), verdict: fc.option(verb), reason }),
  fc.record({
    type: fc.constantFrom('gone' as const, 'refused' as const, 'unsent' as const, 'ambiguous' as const),
    reason,
  }),
);
const slot = fc.constantFrom('card@slack:C0ROOM', 'no such slot');

/** @param more of each pause that is announced */
export function anyInput(more: Partial<Pause> = {}): fc.Arbitrary<Input> {
  return fc.oneof(
    fc.record({ actor: who, text: fc.option(reason), right }).map(started),
    fc.record({
      type: fc.constant('named' as const),
      person: who.map((person) => ({ ...person, name: 'Another Name' })),
    }),
    fc.record({
      type: fc.constant('granted' as const),
      actor: who,
      right,
      uses: fc.constant(5),
      until: fc.constant(90),
    }),
    fc.record({
      type: fc.constant('grant_changed' as const),
      actor: fc.constant(null),
      what: fc.constantFrom('used' as const, 'ended' as const),
      facts: fc.constant({}),
    }),
    fc.record({ type: fc.constant('renamed' as const), runId: fc.constantFrom('exec_1', 'exec_2') }),
    fc
      .record({
        via: fc.constantFrom('stream' as const, 'ingest' as const),
        fingerprint: fc.constantFrom('d1', 'd2'),
        streamOpen: fc.boolean(),
        afterCall: fc.boolean(),
        groupId: fc.constantFrom('g1', 'g2'),
        deadline: fc.option(fc.nat(40)),
      })
      .map(({ groupId, deadline, ...rest }) => announced({ ...rest, pause: pauseOf({ ...more, groupId, deadline }) })),
    fc
      .record({ action: verb, actor: who, text: fc.option(reason), fingerprint: fc.constantFrom('d1', 'd2'), right })
      .map(pressed),
    fc.record({ type: fc.constant('retried' as const), actor: who, right }),
    fc.record({
      type: fc.constant('claimed' as const),
      action: verb,
      actor: fc.constant(application),
      text: fc.option(reason),
    }),
    fc.record({
      type: fc.constant('forbidden' as const),
      action: fc.option(verb),
      actor: fc.constant(application),
      runId: fc.constantFrom('r1', null),
    }),
    fc.record({ type: fc.constant('sending' as const), resendable: fc.boolean() }),
    fc.record({ type: fc.constant('sent' as const), result, resendable: fc.boolean(), last: fc.boolean() }),
    fc.record({
      type: fc.constant('resolved' as const),
      verdict: fc.constantFrom('approve' as const, 'reject' as const, 'timeout' as const, null),
      reason: fc.option(reason),
    }),
    fc.record(
      {
        type: fc.constant('held' as const),
        actor: fc.constantFrom(dana, sam),
        fingerprint: fc.constantFrom('d1', 'd2'),
        until: fc.nat(40),
        right: fc.constantFrom('allowed' as const, 'denied' as const),
        press: fc.constantFrom('p1', 'p2'),
      },
      { requiredKeys: ['type', 'actor', 'fingerprint', 'until', 'right'] },
    ),
    fc.record(
      {
        type: fc.constant('handed_back' as const),
        actor: fc.constantFrom(dana, sam),
        waited: fc.record({ right, shown: fc.nat(40).map((since) => claimMark({ since })) }),
      },
      { requiredKeys: ['type', 'actor'] },
    ),
    fc.record({
      type: fc.constantFrom('form_not_shown' as const, 'form_closed' as const),
      actor: fc.constantFrom(dana, sam),
      press: fc.constantFrom('p1', 'p2'),
    }),
    fc.record({ type: fc.constant('hold_ended' as const) }),
    fc.record({ type: fc.constantFrom('deadline_passed' as const, 'time_ended' as const, 'reminder_due' as const) }),
    fc.record({ type: fc.constant('escalation_due' as const), mention: fc.constant([]), rooms: fc.constant([]) }),
    fc.record({ type: fc.constantFrom('withdrawn' as const, 'fetched' as const) }),
    fc.record({ type: fc.constant('cancelled' as const), reason }),
    fc.record({ type: fc.constant('stream_ended' as const) }),
    fc.record({ type: fc.constant('recovered' as const) }),
    fc.record({ type: fc.constant('absent' as const), begunAt: fc.nat(40), reason }),
    fc.record({ type: fc.constant('unreachable' as const), reason: fc.option(reason) }),
    fc.record({ type: fc.constant('waiting' as const), others: fc.nat(3) }),
    fc.record({
      type: fc.constant('continued' as const),
      continuation: fc.record({
        state: fc.constantFrom(
          'following' as const,
          'paused' as const,
          'completed' as const,
          'failed' as const,
          'lost' as const,
        ),
        text: fc.option(reason),
      }),
      told: fc.boolean(),
    }),
    fc.record(
      {
        type: fc.constant('posted' as const),
        slot,
        receipt: fc.constant({ platform: 'slack', room: 'C0ROOM', message: '1.1' }),
        inThread: fc.constantFrom('shown' as const, 'folded' as const),
      },
      { requiredKeys: ['type', 'slot', 'receipt'] },
    ),
    fc.record({
      type: fc.constant('content_refused' as const),
      slot,
      refused: fc.record({ content: fc.constantFrom('d1', 'd2'), reason, final: fc.boolean() }),
    }),
    fc.record({ type: fc.constant('resurfaced' as const), slot }),
    fc.record({ type: fc.constant('thread_waits' as const), slot, count: fc.nat(3) }),
  );
}
