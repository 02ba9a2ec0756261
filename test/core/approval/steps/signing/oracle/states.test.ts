/** One more press against the oracle, on every combination of verb, role, rule, state and signatures so far. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Approval } from '../../../../../../src/core/approval/approval.ts';
import type { Input } from '../../../../../../src/core/approval/inputs.ts';
import type { Actor } from '../../../../../../src/core/approval/parts/decision.ts';
import type { EarlierSigner } from '../../../../../../src/core/approval/parts/signature.ts';
import type { Action } from '../../../../../../src/core/approval/pause/pause.ts';
import { step } from '../../../../../../src/core/approval/steps/step.ts';
import { announced, pauseOf, pressed } from '../../../../../support/data/pauses.ts';
import { requirementOf, verbRule } from '../../../../../support/data/requirements.ts';
import { type Given, outcomeOf, type Press, type Presser, type Situation, type Taken, type Verb } from './states.ts';

const NOW = 10_000;
const TEXT = 'on Tuesday';
const actorOf = (person: string, platform = 'slack'): Actor => ({
  platform,
  id: `${platform}-${person}`,
  name: person,
  person,
});

const situations: readonly Situation[] = ['open', 'claimed by another', 'claimed by the presser', 'over'];
const roles: readonly Presser[] = [
  { groups: ['a'], unverified: false, asked: false },
  { groups: ['b'], unverified: false, asked: false },
  { groups: ['a', 'b'], unverified: false, asked: false },
  { groups: ['a', 'b'], unverified: false, asked: true },
  { groups: [], unverified: false, asked: false },
  { groups: ['a'], unverified: true, asked: false },
];
const signed = (who: Given['who'], groups: string[], more: Partial<Given> = {}): Given => ({
  who,
  groups,
  now: 'may',
  isInForce: true,
  ...more,
});
const before: readonly (readonly Given[])[] = [
  [],
  [signed('other', ['a'])],
  [signed('other', ['b'])],
  [signed('other', ['a']), signed('another', ['b'])],
  [signed('presser', ['a'])],
  [signed('other', ['b'], { now: 'removed' })],
  [signed('other', ['b'], { now: 'unverified' })],
  // It was withdrawn; the request changed since.
  [signed('other', ['b'], { isInForce: false })],
];

function* rules(): Generator<Taken> {
  for (const [count, each] of [
    [1, 0],
    [2, 0],
    [2, 1],
    [3, 0],
    [3, 1],
  ] as const)
    for (const notRequester of [false, true])
      for (const asked of ['nothing', 'confirm', 'note'])
        yield { count, each, notRequester, confirm: asked === 'confirm', noteRequired: asked === 'note' };
}

function* presses(verb: Verb, taken: Taken): Generator<Press> {
  const good = { verb, confirmed: true, hasNote: true, isCurrent: true };
  yield good;
  yield { ...good, isCurrent: false };
  if (taken.confirm) yield { ...good, confirmed: false };
  if (taken.noteRequired) yield { ...good, hasNote: false };
}

const actionOf = (verb: Verb): Action => (verb === 'answer' ? 'take_over' : verb);

/** The machine in this state. Null: the signatures so far have decided it. */
function stateOf(verb: Verb, taken: Taken, situation: Situation, soFar: readonly Given[]): Approval | null {
  const { count, each, notRequester, confirm, noteRequired } = taken;
  const rule = verbRule({
    by: ['a', 'b'],
    count,
    each,
    notRequester,
    confirm,
    note: noteRequired ? 'required' : 'optional',
  });
  const verbs = { approve: rule, reject: rule, take_over: rule, answer: rule };
  const pause = pauseOf({ kind: verb === 'answer' ? 'await' : 'approval' });
  const ask = (fingerprint: string): Input =>
    announced({
      requirement: requirementOf({ verbs }),
      confirm,
      fingerprint,
      pause: { ...pause, parameters: { fingerprint } },
    });
  let state: Approval | null = null;
  const put = (input: Input) => {
    state = step(state, input, NOW).state;
  };
  const isVoid = soFar.some(({ isInForce }) => !isInForce);
  put(ask(isVoid ? 'earlier' : 'now'));
  for (const { who, groups } of soFar) {
    const fingerprint = isVoid ? 'earlier' : 'now';
    const signing = { groups, earlier: [] };
    const text = verb === 'approve' && !noteRequired ? null : TEXT;
    put(pressed({ action: actionOf(verb), actor: actorOf(who), text, fingerprint, signing, confirmed: true }));
  }
  const opened: Approval | null = state;
  if (opened === null || (opened as Approval).phase !== 'open') return null;
  if (isVoid) put(ask('now'));
  if (situation === 'over') {
    put({ type: 'resolved', verdict: 'approve', reason: null });
    return state;
  }
  const holder = situation === 'claimed by another' ? 'holder' : 'presser';
  if (situation !== 'open')
    put({ type: 'held', actor: actorOf(holder), fingerprint: 'now', until: NOW * 2, right: 'allowed' });
  return state;
}

/** As the engine has those who signed, when the press comes. */
function earlierOf(soFar: readonly Given[]): EarlierSigner[] {
  return soFar.map(({ who, groups, now }): EarlierSigner => {
    const signer = { account: `slack:slack-${who}`, person: who };
    if (now === 'unverified') return { ...signer, groups: [], unverified: true };
    return { ...signer, groups: now === 'may' ? groups : null };
  });
}

function pressOf(
  { verb, confirmed, hasNote, isCurrent }: Press,
  taken: Taken,
  who: Presser,
  soFar: readonly Given[],
): Input {
  const isExcluded = taken.notRequester && who.asked;
  const right = who.groups.length === 0 || isExcluded ? 'denied' : who.unverified ? 'unverified' : 'allowed';
  const needsText = verb !== 'approve' || taken.noteRequired;
  return pressed({
    action: actionOf(verb),
    // The other account of the person, where they have signed before.
    actor: actorOf('presser', 'discord'),
    text: hasNote && needsText ? TEXT : null,
    fingerprint: isCurrent ? 'now' : 'old',
    confirmed,
    right,
    signing: { groups: who.unverified ? [] : [...who.groups], isRequester: who.asked, earlier: earlierOf(soFar) },
  });
}

test('the machine does what the words say, for every verb, role, rule, state and signatures so far', () => {
  let cases = 0;
  for (const verb of ['approve', 'reject', 'take_over', 'answer'] as const)
    for (const taken of rules())
      for (const situation of situations)
        for (const soFar of before) {
          const state = stateOf(verb, taken, situation, soFar);
          if (state === null) continue;
          for (const who of roles)
            for (const press of presses(verb, taken)) {
              const { state: next, effects, ignored } = step(state, pressOf(press, taken, who, soFar), NOW);
              const calls = effects.filter(({ type }) => type === 'decide').length;
              const isSigned =
                next?.signatures.some(({ at, actor }) => at === NOW && actor.platform === 'discord') === true;
              const actual = calls === 1 ? 'call' : ignored === undefined && isSigned ? 'waits' : 'refused';
              const expected = outcomeOf(press, taken, who, situation, soFar);
              if (actual !== expected)
                assert.fail(JSON.stringify({ actual, expected, ignored, verb, taken, situation, soFar, who, press }));
              if (actual === 'refused') assert.deepEqual([calls, next?.decision ?? null], [0, state.decision]);
              cases += 1;
            }
        }
  assert.ok(cases > 10_000, `${cases}`);
});
