/** The machine against the oracle, on every combination in a small world; and what must hold for any presses at all. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Approval } from '../../../../../../src/core/approval/approval.ts';
import type { Input } from '../../../../../../src/core/approval/inputs.ts';
import type { Actor } from '../../../../../../src/core/approval/parts/decision.ts';
import type { EarlierSigner } from '../../../../../../src/core/approval/parts/signature.ts';
import { step } from '../../../../../../src/core/approval/steps/step.ts';
import { after, announced, pauseOf, pressed } from '../../../../../support/data/pauses.ts';
import { requirementOf, verbRule } from '../../../../../support/data/requirements.ts';
import { runs } from '../../../../../support/property.ts';
import { decidedBy, type Event, type Person, type Wanted } from './oracle.ts';

type Rules = Record<'approve' | 'reject', Wanted>;

/** As the engine reads a rule of the file. */
function ask({ approve, reject }: Rules, fingerprint = 'd1'): Input {
  const rule = ({ groups, count, each, notRequester }: Wanted) =>
    verbRule({ by: [...groups], count, each, notRequester });
  const verbs = { approve: rule(approve), reject: rule(reject), take_over: rule(reject) };
  const pause = pauseOf({ parameters: { version: fingerprint }, actions: ['approve', 'reject'] });
  return announced({ requirement: requirementOf({ verbs }), fingerprint, pause });
}

/** One of a person’s accounts, as the engine names the person. */
function actorOf({ name }: Person, platform = 'slack'): Actor {
  return { platform, id: `${platform}-${name}`, name, person: name };
}

function earlierOf(state: Approval, people: readonly Person[], wanted: Rules): EarlierSigner[] {
  return state.signatures.map(({ actor, action }) => {
    const who = people.find(({ name }) => name === actor.person);
    const { groups, notRequester } = wanted[action === 'approve' ? 'approve' : 'reject'];
    const own = who?.groups.filter((group) => groups.includes(group)) ?? [];
    const excluded = who === undefined || own.length === 0 || (who.asked && notRequester);
    return { account: `${actor.platform}:${actor.id}`, person: actor.person ?? '', groups: excluded ? null : own };
  });
}

/** What the engine passes on of a press: rights and groups, as the policy has them now. */
function pressOf(
  state: Approval,
  who: Person,
  verb: 'approve' | 'reject',
  people: readonly Person[],
  wanted: Rules,
  platform: string,
) {
  const { groups, notRequester } = wanted[verb];
  const own = who.groups.filter((group) => groups.includes(group));
  const right = own.length === 0 || (who.asked && notRequester) ? 'denied' : 'allowed';
  const signing = { groups: own, isRequester: who.asked, earlier: earlierOf(state, people, wanted) };
  const { fingerprint } = state;
  return pressed({ action: verb, actor: actorOf(who, platform), right, fingerprint, signing });
}

interface Played {
  state: Approval;
  decisions: number;
}

/** Plays the events through the machine, each with an account of its own; counts how often it asks for a call. */
function play(wanted: Rules, events: readonly Event[], people: readonly Person[]): Played {
  let state = after(ask(wanted));
  let [decisions, version] = [0, 1];
  for (const [index, event] of events.entries()) {
    const platform = index % 2 === 0 ? 'slack' : 'discord';
    if (event.type === 'change') version += 1;
    const input: Input =
      event.type === 'change'
        ? ask(wanted, `d${version}`)
        : event.type === 'withdraw'
          ? { type: 'unsigned', actor: actorOf(event.who, platform) }
          : pressOf(state, event.who, event.verb, people, wanted, platform);
    const next = step(state, input, 2_000 + index);
    assert.ok(next.state);
    state = next.state;
    decisions += next.effects.filter(({ type }) => type === 'decide').length;
    // A later change would open it again: the oracle stops at the decision.
    if (state.phase !== 'open') break;
  }
  return { state, decisions };
}

function compare(wanted: Rules, events: readonly Event[], people: readonly Person[]): void {
  const expected = decidedBy(wanted, events);
  const { state, decisions } = play(wanted, events, people);
  const actual =
    state.decision === null
      ? null
      : { verb: state.decision.action, by: state.signatures.map(({ actor }) => actor.person ?? '').sort() };
  assert.deepEqual(actual, expected, JSON.stringify({ wanted, events }));
  assert.equal(decisions, expected === null ? 0 : 1);
}

const one: Wanted = { groups: ['a', 'b'], count: 1, each: 0, notRequester: false };
const people: Person[] = [
  { name: 'ann', groups: ['a'], asked: false },
  { name: 'bob', groups: ['b'], asked: false },
  { name: 'cy', groups: ['a', 'b'], asked: false },
  { name: 'dee', groups: ['a'], asked: true },
  { name: 'eve', groups: ['x'], asked: false },
];

test('agrees with the oracle on every role, rule, state and signatures so far, in a small world', () => {
  const actions: Event[] = [
    ...people.map((who): Event => ({ type: 'sign', who, verb: 'approve' })),
    ...people.filter((_who, index) => index % 2 === 0).map((who): Event => ({ type: 'sign', who, verb: 'reject' })),
    { type: 'withdraw', who: people[0] as Person },
    { type: 'change' },
  ];
  let cases = 0;
  for (const count of [1, 2, 3])
    for (const each of [0, 1])
      for (const notRequester of [false, true])
        for (const rejections of [1, 2]) {
          const wanted: Rules = {
            approve: { ...one, count, each, notRequester },
            reject: { ...one, count: rejections },
          };
          for (const first of actions)
            for (const second of actions)
              for (const third of actions) {
                compare(wanted, [first, second, third], people);
                cases += 1;
              }
        }
  assert.equal(cases, 3 * 2 * 2 * 2 * actions.length ** 3);
});

const anyPeople = fc.array(fc.record({ groups: fc.subarray(['a', 'b', 'c', 'x']), asked: fc.boolean() }), {
  minLength: 1,
  maxLength: 5,
});
const anyWanted = fc.record({
  groups: fc.subarray(['a', 'b', 'c'], { minLength: 1 }),
  count: fc.integer({ min: 1, max: 4 }),
  each: fc.integer({ min: 0, max: 2 }),
  notRequester: fc.boolean(),
});
const anyRules: fc.Arbitrary<Rules> = fc.record({ approve: anyWanted, reject: anyWanted });
const anyMoves = fc.array(
  fc.record({
    who: fc.nat(4),
    what: fc.constantFrom('approve', 'approve', 'approve', 'reject', 'withdraw', 'change'),
  }),
  { maxLength: 12 },
);
const named = (all: readonly Omit<Person, 'name'>[]): Person[] =>
  all.map((person, index) => ({ ...person, name: `p${index}` }));

function eventsOf(moves: readonly { who: number; what: string }[], all: readonly Person[]): Event[] {
  return moves.map(({ who, what }): Event => {
    const person = all[who % all.length] as Person;
    if (what === 'change') return { type: 'change' };
    if (what === 'withdraw') return { type: 'withdraw', who: person };
    return { type: 'sign', who: person, verb: what === 'reject' ? 'reject' : 'approve' };
  });
}

describe('for any rules, people and presses', () => {
  test('the machine decides as the oracle does', () => {
    fc.assert(
      fc.property(anyRules, anyPeople, anyMoves, (wanted, all, moves) => {
        const known = named(all);
        compare(wanted, eventsOf(moves, known), known);
      }),
      { numRuns: runs(500) },
    );
  });

  test('those without the right never lead to a call, on whatever platforms they press', () => {
    fc.assert(
      fc.property(anyRules, anyPeople, anyMoves, (wanted, all, moves) => {
        const strangers = named(all).map((person) => ({ ...person, groups: ['x'] }));
        const { state, decisions } = play(wanted, eventsOf(moves, strangers), strangers);
        assert.deepEqual([state.phase, state.signatures, decisions], ['open', [], 0]);
      }),
      { numRuns: runs(200) },
    );
  });

  test('nor does a right that the look-up claims for somebody in no group of the rule', () => {
    fc.assert(
      fc.property(anyRules, fc.array(fc.nat(4), { maxLength: 10 }), (wanted, presses) => {
        let state = after(ask(wanted));
        for (const who of presses) {
          const actor: Actor = { platform: 'slack', id: `U${who}`, name: `p${who}` };
          const signing = { groups: ['x'], earlier: [] };
          state = step(state, pressed({ actor, right: 'allowed', signing }), 2_000).state ?? state;
        }
        assert.deepEqual([state.phase, state.signatures], ['open', []]);
      }),
      { numRuns: runs(100) },
    );
  });

  test('a link between accounts never adds a signature, also one that is made after they signed', () => {
    const many: Rules = { approve: { groups: ['a'], count: 99, each: 0, notRequester: false }, reject: one };
    const anyLinks = fc.array(fc.nat(3), { minLength: 5, maxLength: 5 });
    fc.assert(
      fc.property(fc.array(fc.nat(4), { maxLength: 8 }), anyLinks, anyLinks, (accounts, before, since) => {
        const personOf = (links: readonly number[], account: number) => `p${links[account] ?? 0}`;
        const countOf = (links: readonly number[], used: readonly number[]) =>
          new Set(used.map((account) => personOf(links, account))).size;
        let state = after(ask(many));
        const press = (account: number, links: readonly number[]) => {
          const actor = { platform: 'slack', id: `${account}`, name: 'x', person: personOf(links, account) };
          const earlier = state.signatures.map(({ actor: { id } }) => {
            return { account: `slack:${id}`, person: personOf(links, Number(id)), groups: ['a'] };
          });
          state = step(state, pressed({ actor, signing: { groups: ['a'], earlier } }), 2_000).state ?? state;
        };
        for (const account of accounts) press(account, before);
        assert.equal(state.signatures.length, countOf(before, accounts));
        const kept = state.signatures.map(({ actor }) => Number(actor.id));
        const earlier = kept.map((account) => {
          return { account: `slack:${account}`, person: personOf(since, account), groups: ['a'] };
        });
        const linked = step(state, { type: 'policy_changed', earlier }, 2_000).state;
        assert.equal(linked?.signatures.length, countOf(since, kept));
        assert.ok(countOf(since, kept) <= new Set(accounts).size);
      }),
      { numRuns: runs(300) },
    );
  });

  test('the order in which people sign makes no difference', () => {
    fc.assert(
      fc.property(anyRules, anyPeople, (wanted, all) => {
        const known = named(all);
        const sign = (who: Person): Event => ({ type: 'sign', who, verb: 'approve' });
        const [there, back] = [known, known.toReversed()].map(
          (order) => play(wanted, order.map(sign), known).decisions,
        );
        assert.equal(there, back);
      }),
      { numRuns: runs(200) },
    );
  });

  test('withdrawing never completes, and a change leaves no one who has signed', () => {
    fc.assert(
      fc.property(anyRules, anyPeople, anyMoves, fc.nat(4), (wanted, all, moves, who) => {
        const known = named(all);
        const { state } = play(wanted, eventsOf(moves, known), known);
        if (state.phase !== 'open') return;
        const actor = actorOf(known[who % known.length] as Person);
        const back = step(state, { type: 'unsigned', actor }, 9_000);
        assert.equal(back.state?.phase, 'open');
        assert.ok((back.state?.signatures.length ?? 0) <= state.signatures.length);
        const changed = step(state, ask(wanted, 'other'), 9_000).state;
        assert.deepEqual([changed?.phase, changed?.signatures], ['open', []]);
        assert.ok((changed?.voided.length ?? 0) >= state.signatures.length);
      }),
      { numRuns: runs(200) },
    );
  });
});
