/**
 * What an announcement makes of an approval: a new one, the same one, or another question. Tested in
 * test/core/approval/steps/step.test.ts and test/core/approval/steps/announced.test.ts.
 */

import { unknownFields } from '../../text/stored-object.ts';
import type { Approval } from '../approval.ts';
import type { Effect, InputOf, Step } from '../inputs.ts';
import { type AskedTimes, arrivalOf, askedAgainTimes, askedTimes } from '../pause/asked.ts';
import { asksPerson, type Pause, type Previous, pauseSchema } from '../pause/pause.ts';
import { isSameSubject, subjectOf } from '../subject.ts';
import { voidAll } from './signing/signatures.ts';
import { remindersOf } from './time/reminders.ts';
import { timed } from './time/timing.ts';
import {
  addSlots,
  byApplication,
  changed,
  decide,
  ignore,
  isInForce,
  leftGroup,
  newApproval,
  reopened,
} from './transitions.ts';

export function announced(state: Approval | null, given: InputOf<'announced'>, now: number): Step {
  const input = withKnownVerbs(state, given);
  const { fingerprint, via, streamOpen, confirm = false } = input;
  const arrival = arrivalOf(via, input.readAgain);
  const counted = input.source && { source: input.source.id };
  if (state === null) {
    const times = askedTimes(input.pause, arrival, now);
    const { id, recurs, places, sharedNames = [] } = input;
    const pause = { ...input.pause, deadline: times.deadline };
    const { askedAt } = times;
    const beginning = { id, pause, via, fingerprint, streamOpen, recurs, askedAt, createdAt: now, ...counted };
    const approval = newApproval(beginning, places);
    return asked({ ...approval, confirm, sharedNames: [...sharedNames] }, input, times, now);
  }
  if (!asksPerson(state.pause)) return ignore(state, 'not_possible');
  if (state.via === 'stream' && via !== 'stream') return ignore(state, 'not_ours_to_overwrite');
  if (state.via === 'ingest' && via === 'stream') return takenOver(state, input, now);
  const times = askedAgainTimes(state, input.pause, arrival, now);
  const wire = withOpener(input.pause.wire, state.pause.wire);
  const again = { ...input.pause, deadline: times.deadline, wire };
  const sameQuestion = isSameSubject(state, again, fingerprint);
  // What a newer version has noted about the same question stays.
  const pause = sameQuestion ? { ...unknownFields(pauseSchema, state.pause), ...again } : again;
  const previous = sameQuestion ? state.previous : (state.previous ?? shownOf(state));
  const next = {
    ...state,
    ...asRequired(state, input, now),
    pause,
    via,
    fingerprint,
    previous,
    streamOpen,
    confirm,
    ...counted,
  };
  const sameGroup = pause.groupId === state.pause.groupId && streamOpen === state.streamOpen && via === state.via;
  const sameCard = fingerprint === state.fingerprint && confirm === state.confirm;
  // The others of both groups look again at what they wait for.
  const regrouped = pause.groupId === state.pause.groupId ? [] : [...leftGroup(state), ...leftGroup(next)];
  switch (state.phase) {
    case 'open':
      if (!sameCard) return changed(next, regrouped);
      return sameGroup ? ignore(state, 'known') : { state: next, effects: regrouped };
    case 'decided':
      // The person decided on other arguments than those that wait now: that decision is void.
      if (!sameQuestion) {
        return changed(asChanged(next), regrouped);
      }
      if (input.afterCall === true && mayBeSentAgain(state)) return sentAgain(next, regrouped);
      return sameGroup ? ignore(state, 'known') : changed(next, [decide(next), ...regrouped]);
    case 'sending':
      if (input.beforeSending !== true) return ignore(state, 'too_late');
      return changed(asChanged(next), regrouped);
    case 'settled': {
      if (input.afterCall === true && sameQuestion && mayBeSentAgain(state)) return sentAgain(next, regrouped);
      // Asked again on a live stream: nothing that we know of was taken as its answer.
      const asksAgain = via === 'stream' && pause.groupId !== state.pause.groupId;
      // A list that showed it gone, and shows it again, was wrong the first time.
      const isBack = via === 'poll' && !state.recurs && state.absent && state.decision === null;
      if (!isInForce(state) && asksAgain)
        return asked({ ...reopened(next), askedAt: times.askedAt }, input, times, now);
      return isBack ? asked(reopened(next), input, times, now) : ignore(state, 'too_late');
    }
  }
}

/** Another question may need other people, and is signed anew. */
function asRequired(
  state: Approval,
  { fingerprint, requirement, timing, novelty }: InputOf<'announced'>,
  now: number,
): Partial<Pick<Approval, 'requirement' | 'signatures' | 'voided' | 'novelty'>> {
  if (fingerprint === state.fingerprint) return {};
  const earlier = state.requirement?.escalated ?? [];
  return {
    ...voidAll(state, 'changed'),
    novelty,
    ...(requirement && { requirement: timed(requirement, timing, { countsFrom: state.askedAt }, now, earlier) }),
  };
}

/** It waits for people again, because they decided on something else. */
function asChanged(next: Approval): Approval {
  return { ...reopened(next), voided: next.voided, detail: { code: 'request_changed' } };
}

/** The verbs of a question stay those that people were shown first: they are not a difference in what is asked. */
function withKnownVerbs(state: Approval | null, input: InputOf<'announced'>): InputOf<'announced'> {
  if (state === null || input.otherVerbs !== state.fingerprint) return input;
  const { fingerprint, pause } = state;
  return { ...input, fingerprint, pause: { ...input.pause, actions: pause.actions } };
}

/** Whose run it is does not change with a later announcement, which another caller's stream may have made. */
function withOpener(wire: Pause['wire'], { opener }: Pause['wire']): Pause['wire'] {
  return 'opener' in wire ? { ...wire, opener: opener ?? null } : wire;
}

/**
 * Our own stream announces what only signed ingest has said so far: from now on our stream counts. What ingest said of it,
 * also that it has ended, need not be true; what its backend has answered to a decision of ours is.
 */
function takenOver(state: Approval, input: InputOf<'announced'>, now: number): Step {
  const { fingerprint, via, streamOpen, confirm = false, places, source } = input;
  const own = { via, ...(source && { source: source.id }) };
  // It was decided by what ingest said, and that cannot be called back.
  if (state.phase === 'sending' || isInForce(state)) return { state: { ...state, ...own }, effects: [] };
  const times = askedTimes(input.pause, arrivalOf(via, input.readAgain), now);
  const pause = { ...input.pause, deadline: times.deadline };
  const isSame = isSameSubject(state, pause, fingerprint);
  const slots = addSlots(state.slots, 'card', places);
  const previous = isSame ? state.previous : (state.previous ?? shownOf(state));
  const { askedAt } = times;
  const what = { pause, fingerprint, previous, streamOpen, confirm, slots, askedAt };
  const next = { ...state, ...own, ...asRequired(state, input, now), ...what };
  const regrouped = pause.groupId === state.pause.groupId ? [] : [...leftGroup(state), ...leftGroup(next)];
  const again = (fresh: Approval): Step => {
    const step = asked(fresh, input, times, now);
    return { ...step, effects: [...step.effects, ...regrouped] };
  };
  if (state.phase === 'open') {
    const isDrawn = fingerprint === state.fingerprint && confirm === state.confirm && hasAll(state, slots);
    const sameTimes = pause.deadline === state.pause.deadline && askedAt === state.askedAt;
    return isDrawn && sameTimes ? { state: next, effects: regrouped } : again(next);
  }
  if (!isSame) return again(asChanged(next));
  if (state.phase === 'decided') return changed(next, [decide(next), ...regrouped]);
  // Nothing but our own call makes these, and the same decision can be tried again.
  if (state.outcome === 'failed' || state.outcome === 'unconfirmed') return changed(next, regrouped);
  return again(reopened(next));
}

function hasAll(state: Approval, slots: Approval['slots']): boolean {
  return Object.keys(slots).every((slot) => slot in state.slots);
}

/** Its only call is in doubt: where that did not arrive, its decision is still owed. */
function mayBeSentAgain(state: Approval): boolean {
  const isInDoubt = state.outcome === 'unconfirmed' || (state.phase === 'decided' && state.mayHaveArrived);
  return isInDoubt && state.oneCall === true && !state.absent && state.decision !== null && !byApplication(state);
}

/** The person's decision is sent in one more call: the last one is known not to have arrived. */
function sentAgain(state: Approval, more: readonly Effect[]): Step {
  if (state.decision === null) return ignore(state, 'not_possible');
  const { decision } = state;
  const next: Approval = { ...reopened(state), phase: 'decided', decision, signatures: state.signatures };
  return changed(next, [decide(next), ...more]);
}

/** What was kept hidden then stays so, whatever is hidden now. */
function shownOf({ pause, fingerprint }: Approval): Previous {
  const { parameters, hidden, ...subject } = subjectOf(pause);
  const shown = Object.entries(parameters).filter(([key]) => !hidden.includes(key));
  return { ...subject, hidden, parameters: Object.fromEntries(shown), fingerprint };
}

/** From now on it waits for people. */
function asked(state: Approval, input: InputOf<'announced'>, times: AskedTimes, now: number): Step {
  const { remindAfter = [], requirement = state.requirement, timing, novelty } = input;
  const required = {
    ...(requirement && { requirement: timed(requirement, timing, times, now) }),
    ...(novelty && { novelty }),
  };
  return changed({ ...state, ...required, remindAt: remindersOf(state, remindAfter, times, now) });
}
