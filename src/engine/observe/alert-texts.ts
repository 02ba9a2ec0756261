/** What the operator reads in an alert. Tested in test/engine/observe/instrument.test.ts. */
import type { Approval } from '../../core/approval/approval.ts';
import { actorName, platformName, toolPhrase, toolTitle, VISITOR } from '../../core/approval/names.ts';
import type { Place, Slot } from '../../core/approval/parts/slot.ts';
import type { Action } from '../../core/approval/pause/pause.ts';
import { isByExpiry } from '../../core/approval/steps/transitions.ts';
import type { Delivery } from '../../core/ports/ports.ts';
import { type Alert, placeName } from '../../core/view/cards/alert-card.ts';
import { plainName } from '../../core/view/cards/smallest-form.ts';
import { pressedText } from '../../core/view/labels.ts';
import { reasonText } from '../../core/view/reasons.ts';

type AlertText = Pick<Alert, 'title' | 'what' | 'advice'>;

const TITLE_MAX = 80;

/** A decision, or the start of a run, that ended as `failed` or `unconfirmed`. */
export function undeliveredText(state: Approval, backend: string): AlertText {
  const tool = toolPhrase(state.pause, TITLE_MAX);
  const who = state.decision === null ? 'A reviewer' : actorName(state.decision.actor);
  const detail = state.detail === null ? '' : ` ${reasonText(state.detail, backend)}`;
  const unconfirmed = state.outcome === 'unconfirmed';
  if (state.pause.kind === 'run') {
    return {
      title: unconfirmed ? 'The start of a run is unconfirmed' : 'A run was not started',
      what: `${who} asked to start ${tool}, and ${unconfirmed ? `it is not known whether ${backend} received it` : `${backend} did not accept it`}.${detail}`,
      advice: `${unconfirmed ? `Check in ${backend} whether it runs; if it does not,` : 'Fix the cause above, then'} press “Try again” on its card.`,
    };
  }
  const acted = state.decision === null ? 'decided' : pressedText(state.decision, state.pause);
  const did = isByExpiry(state) ? 'Nobody decided in time: a rejection was sent' : `${who} ${acted}`;
  if (unconfirmed) {
    return {
      title: 'A decision is unconfirmed',
      what: `${did} for ${tool}, and it is not known whether ${backend} received it.${detail}`,
      advice: `Check in ${backend}; if it isn’t there, press “Try again” on the card.`,
    };
  }
  return {
    title: 'A decision was not delivered',
    what: `${did} for ${tool}, and ${backend} did not accept it.${detail}`,
    advice: 'Fix the cause above, then press “Try again” on the card: the same decision is sent.',
  };
}

/** @param approval null: the run had not paused yet */
export function lostRunText(backend: string, approval: Approval | null): AlertText {
  const about = approval === null ? 'before its first pause' : toolPhrase(approval.pause, TITLE_MAX);
  return {
    title: 'Lost track of a run',
    what: `The connection to a run in ${backend} broke and can’t be resumed (${about}). Whether it paused again is not known.`,
    advice: `Check the run’s outcome in ${backend}. If it paused again, that pause has no card here.`,
  };
}

/** @param source the name of the policy file */
export function deniedText({ pause, requirement }: Approval, source: string): AlertText {
  const tool = toolPhrase(pause, TITLE_MAX);
  const { rule = '', denied = null } = requirement ?? {};
  if (denied === null || denied.code === 'no_rule') {
    return {
      title: 'A request matches no rule',
      what: `No rule of ${source} matches ${tool}. No one may decide it.`,
      advice: `Add a rule for it, or one for everything else at the end of ${source}: it applies to what is open, too.`,
    };
  }
  if (denied.code === 'mode') {
    return {
      title: 'Only a rule on trial fits a request',
      what: `The rule “${rule}” fits ${tool}, is on trial (mode: watch) and decides nothing. No one may decide it.`,
      advice: `Add a rule for it, or remove mode: watch from this one, in ${source}: it applies to what is open, too.`,
    };
  }
  return {
    title: 'A condition of the policy failed',
    what: `The condition of the rule “${rule}” failed for ${tool}: ${denied.text ?? ''}. No one may decide it.`,
    advice: `Correct the condition in ${source}: it applies to what is open, too. npm run policy -- explain ID shows what it sees.`,
  };
}

/** @param name of the source, as people know it; empty: the backend itself */
export function fullSourceText(name: string, backend: string, max: number): AlertText {
  return {
    title: 'Too many open approvals',
    what: `${name === '' ? backend : `${name} (${backend})`} has ${max} open approvals. More pauses of this source get no card.`,
    advice: `Find out why there are so many. Once some are decided, there is room for others; until then, answer them in ${backend}.`,
  };
}

export function abandonedCardText(place: Place, error: string): AlertText {
  return {
    title: 'A card was abandoned',
    what: `A card in ${placeName(place)} could not be posted or updated: ${error}`,
    advice:
      'Its other copies can still be decided. Once the cause is fixed, the card is sent when its approval changes, or after a restart.',
  };
}

/** Its names are plain: an alert with what was refused would be refused, too. */
export function refusedContentText(
  { pause }: Approval,
  { kind, place, receipt, refused }: Slot,
  backend: string,
): AlertText {
  const what = kind === 'card' ? 'card' : 'note';
  const name = plainName(toolTitle({ tool: pause.tool, kind: pause.kind }, TITLE_MAX));
  const state = receipt === null ? 'is not shown' : 'shows an earlier state';
  return {
    title: `A ${what} was refused for its content`,
    what: `${platformName(place.platform)} refused the ${what} “${name}”, and its smallest form, too (${refused?.reason ?? 'unknown'}). It ${state} in ${placeName(place)}.`,
    advice: `Decide it on another copy of the card, in a list (/countersign pending), or in ${backend}. Check what blocks the messages of this bot there.`,
  };
}

const tried: Record<Action, string> = {
  approve: 'tried to approve',
  reject: 'tried to reject',
  take_over: 'tried to answer',
};

/** An application's own decision, where applications may not decide. */
export function refusedDecisionText(
  { action, actor, runId }: Pick<Extract<Delivery, { type: 'decision_refused' }>, 'action' | 'actor' | 'runId'>,
  backend: string,
): AlertText {
  const who = actor.name === VISITOR ? `A visitor (${actor.id})` : `An application (${actor.id})`;
  const did = action === null ? 'sent a decision' : tried[action];
  const where = runId === null ? '' : ` in the run ${runId}`;
  return {
    title: 'An application’s decision was refused',
    what: `${who} ${did}${where} by its own call to ${backend} through the gateway. The call was not forwarded.`,
    advice:
      'Find out which application has this ID (the audit log and the log have it), and why it decides. Its requests are still open for people.',
  };
}

export function hiddenItemsText(backend: string, hidden: number): AlertText {
  return {
    title: `${backend} lists less than is pending`,
    what: `${hidden} more items are pending in ${backend} than its list shows. They have no cards yet.`,
    advice: `Decide some of those that have cards, or some in ${backend} itself: the others appear as the list gets shorter.`,
  };
}
