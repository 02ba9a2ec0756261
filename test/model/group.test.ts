/**
 * The pure step alone, over long stories of two questions of one group: what one of them asks for reaches the other, and
 * neither waits for something that will not come.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Approval } from '../../src/core/approval/approval.ts';
import type { Input, SendResult } from '../../src/core/approval/inputs.ts';
import { step } from '../../src/core/approval/steps/step.ts';
import { claimMark } from '../../src/core/approval/steps/take-over.ts';
import { announced, application, dana, pauseOf, pressed, sam } from '../support/data/pauses.ts';
import { runs } from '../support/property.ts';

type Name = 'one' | 'two';
const names: readonly Name[] = ['one', 'two'];
const reason = 'w';

/** What comes in from outside; sending is the test's own, as the job would do it. */
const outside: fc.Arbitrary<Input> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .record({
        group: fc.constantFrom('g', 'g', 'g2'),
        fingerprint: fc.constantFrom('d1', 'd1', 'd2'),
        open: fc.boolean(),
      })
      .map(({ group, fingerprint, open }) => asked(group, fingerprint, open)),
  },
  {
    weight: 5,
    arbitrary: fc
      .record({
        action: fc.constantFrom('approve' as const, 'reject' as const),
        actor: fc.constantFrom(dana, sam),
        fingerprint: fc.constantFrom('d1', 'd1', 'd2'),
      })
      .map(pressed),
  },
  {
    weight: 4,
    arbitrary: fc
      .record({
        actor: fc.constantFrom(dana, sam),
        lasts: fc.integer({ min: 2, max: 40 }),
        press: fc.constantFrom('p', 'q'),
      })
      .map(({ actor, lasts, press }): Input => {
        return { type: 'held', actor, fingerprint: 'd1', until: lasts, right: 'allowed', press };
      }),
  },
  fc.record({ actor: fc.constantFrom(dana, sam), shown: fc.nat(60) }).map(({ actor, shown }): Input => {
    return { type: 'handed_back', actor, waited: { right: 'allowed', shown: claimMark({ since: shown }) } };
  }),
  fc.constantFrom('p', 'q').map((press): Input => ({ type: 'form_not_shown', actor: dana, press })),
  fc.constant<Input>({ type: 'hold_ended' }),
  fc.constant<Input>({ type: 'stream_ended' }),
  fc.constant<Input>({ type: 'retried', actor: sam, right: 'allowed' }),
  fc.constant<Input>({ type: 'claimed', action: 'approve', actor: application, text: null }),
  fc.constantFrom<Input>(
    { type: 'resolved', verdict: 'timeout', reason },
    { type: 'resolved', verdict: 'approve', reason },
  ),
  fc.constant<Input>({ type: 'cancelled', reason }),
  fc.constant<Input>({ type: 'recovered' }),
);
const result: fc.Arbitrary<SendResult> = fc.oneof(
  fc.constant<SendResult>({ type: 'recorded', following: false }),
  fc
    .constantFrom('gone' as const, 'refused' as const, 'unsent' as const, 'ambiguous' as const)
    .map((type) => ({ type, reason })),
);
type Event =
  | { to: Name; input: Input }
  | { job: true; result: SendResult; crash: boolean }
  | { claimEnds: Name; result: SendResult };
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ to: fc.constantFrom(...names), input: outside }) },
  { weight: 3, arbitrary: fc.record({ job: fc.constant(true as const), result, crash: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ claimEnds: fc.constantFrom(...names), result }) },
);

function asked(groupId: string, fingerprint: string, streamOpen: boolean): Input {
  return announced({ pause: pauseOf({ kind: 'await', groupId }), fingerprint, streamOpen });
}

const isOurs = ({ decision }: Approval) => decision?.actor.platform !== 'application';

class Group {
  readonly #states = new Map<Name, Approval>();
  /** Groups whose job waits to run. */
  readonly jobs = new Set<string>();
  calls = 0;
  now = 0;

  get all(): [Name, Approval][] {
    return [...this.#states];
  }

  apply(name: Name, given: Input): void {
    this.now += 1;
    const key = `await:${name}`;
    const input = given.type === 'announced' ? { ...given, id: name, pause: { ...given.pause, key } } : given;
    const before = this.#states.get(name) ?? null;
    const { state, effects } = step(before, input, this.now);
    if (state !== null) this.#states.set(name, state);
    for (const effect of effects) if (effect.type === 'decide') this.jobs.add(effect.groupId);
    if (before !== null && state !== null) this.#hold(before, given, state);
  }

  /** What the job of a group does, in its own words. */
  run(groupId: string, answer: SendResult, crash: boolean): void {
    this.jobs.delete(groupId);
    const group = this.all.filter(([, { pause }]) => pause.groupId === groupId);
    const pending = group.filter(([, { phase }]) => phase === 'decided' || phase === 'sending');
    const ours = pending.filter(([, state]) => isOurs(state));
    const others = group.filter(([, { phase }]) => phase === 'open').length + pending.length - ours.length;
    if (ours.length === 0) return;
    if (others > 0 || ours.some(([, { streamOpen }]) => streamOpen)) {
      const claims = group.flatMap(([name, { claim }]) => (claim === null ? [] : [{ approvalId: name, claim }]));
      for (const [name, { phase }] of ours) {
        if (phase === 'decided') this.apply(name, { type: 'waiting', others, claims });
      }
      return;
    }
    for (const [name] of ours) this.apply(name, { type: 'sending', resendable: false });
    const sent = this.all.filter(([, { phase, pause }]) => phase === 'sending' && pause.groupId === groupId);
    if (sent.length === 0) return;
    this.calls += 1;
    for (const [name] of ours) {
      if (crash) this.jobs.add(groupId);
      else this.apply(name, { type: 'sent', result: answer, resendable: false, last: false });
    }
    if (this.all.some(([, { phase, pause }]) => phase === 'decided' && pause.groupId === groupId))
      this.jobs.add(groupId);
  }

  #hold(before: Approval, input: Input, state: Approval): void {
    if (before.phase === 'settled' && state.phase === 'decided') {
      assert.ok(input.type === 'retried' || input.type === 'pressed', `${input.type} decides what was over`);
    }
    if (before.decision !== null && state.decision !== null && before.decision !== state.decision) {
      const replaced = input.type === 'claimed' || (input.type === 'pressed' && !isOurs(before));
      assert.ok(replaced, `${input.type} replaces a decision`);
    }
  }

  /** No decision waits for a job that does not exist. */
  rest(): void {
    for (const [name, { phase, pause, streamOpen, claimsAhead }] of this.all) {
      if (phase !== 'decided') continue;
      const group = this.all.filter(([, one]) => one.pause.groupId === pause.groupId);
      const waits =
        streamOpen ||
        group.some(([, one]) => one.streamOpen && one.phase !== 'settled') ||
        group.some(([, one]) => one.phase === 'open' || one.phase === 'sending');
      assert.ok(waits || this.jobs.has(pause.groupId), `${name} is decided, and nothing will send it`);
      if (this.jobs.has(pause.groupId)) continue;
      const claims = group.flatMap(([other, { claim }]) => (claim === null ? [] : [{ approvalId: other, claim }]));
      assert.deepEqual(claimsAhead, claims, `${name} does not name who has claimed what it waits for`);
    }
  }
}

test('two questions of one group: whatever comes, what is decided is sent, or waits for something that is there', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60, size: 'max' }), (events) => {
      const group = new Group();
      for (const one of events) {
        if ('to' in one) group.apply(one.to, one.input);
        else if ('claimEnds' in one) {
          const state = group.all.find(([name]) => name === one.claimEnds)?.[1];
          if (state?.phase === 'sending' && !isOurs(state)) {
            group.apply(one.claimEnds, { type: 'sent', result: one.result, resendable: false, last: true });
          }
        } else {
          const [next] = group.jobs;
          if (next !== undefined) group.run(next, one.result, one.crash);
        }
        group.rest();
      }
    }),
    { numRuns: runs(1_000) },
  );
});

test('a question that was answered on its own sets the other one free', () => {
  for (const leaves of [
    { type: 'resolved', verdict: 'timeout', reason },
    { type: 'cancelled', reason },
    asked('g2', 'd1', false),
  ] satisfies Input[]) {
    const group = new Group();
    group.apply('one', asked('g', 'd1', false));
    group.apply('two', asked('g', 'd1', false));
    group.apply('one', pressed());
    group.run('g', { type: 'recorded', following: false }, false);
    assert.equal(group.calls, 0);
    group.apply('two', leaves);
    assert.ok(group.jobs.has('g'), `${leaves.type} leaves the other one alone`);
    group.run('g', { type: 'recorded', following: false }, false);
    assert.equal(group.calls, 1);
  }
});
