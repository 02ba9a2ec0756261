/** What a card says of where its approval stands. Nothing here may be truer than what the backend has said. */
import type { Action, Approval, Holder } from '../../approval/approval.ts';
import { actorName, sentence, shown } from '../../approval/names.ts';
import type { Line, Span, Tone } from '../card.ts';

const deeds: Record<Action, string> = { approve: 'approved', reject: 'rejected', take_over: 'took over' };

export function statusOf(approval: Approval, backend: string): { tone: Tone; line: Line } {
  if (approval.pause.kind === 'run') return runStatus(approval, backend);
  const { decision } = approval;
  const detail = approval.detail === null ? '' : ` ${sentence(shown(approval.detail, DETAIL_MAX))}`;
  const who = decision === null ? 'Somebody' : actorName(decision.actor);
  const did = decision === null ? 'decided' : deeds[decision.action];
  switch (approval.phase) {
    case 'open':
      if (approval.holder !== null) return heldStatus(approval, approval.holder, backend);
      if (approval.pause.actions.length === 0) {
        return {
          tone: 'open',
          line: [{ strong: 'Waiting for your application.' }, ' It can’t be answered from here.'],
        };
      }
      return { tone: 'open', line: [{ strong: waitsFor(approval) }, detail, reachText(approval, backend)] };
    case 'decided':
    case 'sending':
      return { tone: 'pending', line: [{ strong: `${who} ${did}.` }, pendingText(approval, backend, detail)] };
    case 'settled':
      return settledStatus(approval, backend, who, did, detail);
  }
}

function waitsFor({ pause }: Approval): string {
  return pause.asks !== undefined && pause.actions.includes('take_over')
    ? 'Waiting for an answer.'
    : 'Waiting for a decision.';
}

/** Nobody has decided yet; who is at it, and until when it is theirs. */
function heldStatus(approval: Approval, { actor, since, until }: Holder, backend: string): { tone: Tone; line: Line } {
  const line: Span[] = [
    {
      strong: `${actorName(actor)} ${approval.pause.asks === undefined ? 'has taken this over' : 'is answering this'}.`,
    },
    ' Since ',
    { at: since, style: 'time' },
    ', theirs until ',
    { at: until, style: 'time' },
    '; nobody else can decide meanwhile.',
    reachText(approval, backend),
  ];
  return { tone: 'pending', line };
}

/** A press is worth something all the same: it is kept, and sent when the backend is back. */
function reachText({ unreachable }: Approval, backend: string): string {
  if (unreachable === null) return '';
  const why = sentence(shown(unreachable, DETAIL_MAX));
  return ` ${backend} can’t be reached at the moment. ${why} A press is kept, and sent as soon as it can be.`;
}

function pendingText(approval: Approval, backend: string, detail: string): string {
  if (approval.phase === 'sending') return ` Sending it to ${backend} …`;
  if (detail !== '') return ` It has not reached ${backend} yet:${detail} Trying again by itself.`;
  if (approval.waitsFor > 0) {
    const others = approval.waitsFor === 1 ? '1 other question' : `${approval.waitsFor} other questions`;
    return ` It is sent together with ${others} of this run, once those are decided too.`;
  }
  if (approval.streamOpen) return ` It is sent as soon as ${backend} has asked everything.`;
  return ` Sending it to ${backend} …`;
}

function settledStatus(approval: Approval, backend: string, who: string, did: string, detail: string) {
  const late = tooLate(approval) ? ` ${who} ${did} here, too late to count.` : '';
  const at: Span[] = approval.settledAt === null ? [] : [' · ', { at: approval.settledAt, style: 'time' }];
  const say = (tone: Tone, strong: string, rest = ''): { tone: Tone; line: Line } => ({
    tone,
    line: [{ strong }, rest, ...at],
  });
  switch (approval.outcome) {
    case 'approved':
      return say('good', `Approved by ${who}.`);
    case 'rejected':
      return say('bad', `Rejected by ${who}.`);
    case 'taken_over':
      return say('neutral', `Taken over by ${who}.`);
    case 'answered':
      return say('good', `Answered by ${who}.`);
    case 'expired':
      return say(
        'neutral',
        'Expired.',
        late === '' ? ` Nobody decided before ${backend} gave up.${detail}` : `${detail}${late}`,
      );
    case 'decided_elsewhere':
      return say('neutral', 'Decided elsewhere.', `${detail}${late}`);
    case 'cancelled':
      return say('neutral', 'Cancelled.', `${detail}${late}`);
    case 'unconfirmed':
      return say('warning', 'Unconfirmed.', ` ${who} ${did}; nobody can say whether it reached ${backend}.${detail}`);
    default:
      return say('warning', 'Not delivered.', ` ${who} ${did}, and ${backend} did not take it.${detail}`);
  }
}

/** Somebody decided here, and it is not what counts. */
export function tooLate({ decision, outcome }: Approval): boolean {
  return decision !== null && (outcome === 'expired' || outcome === 'decided_elsewhere' || outcome === 'cancelled');
}

const DETAIL_MAX = 300;

export function runStatus(run: Approval, backend: string): { tone: Tone; line: Line } {
  const detail = run.detail === null ? '' : ` ${sentence(shown(run.detail, DETAIL_MAX))}`;
  const say = (tone: Tone, strong: string, ...rest: Span[]) => ({ tone, line: [{ strong }, ...rest] });
  switch (run.phase) {
    case 'open':
    case 'decided':
      return detail === ''
        ? say('pending', 'Starting.')
        : say('pending', 'Not started yet.', `${detail} Trying again by itself.`);
    case 'sending':
      return say('pending', 'Starting …');
    case 'settled':
      break;
  }
  if (run.outcome === 'started') return goingOn(run, backend);
  if (run.outcome === 'unconfirmed') {
    const careful = `Look at ${backend} before you try again: it may run twice.`;
    return say('warning', 'Unconfirmed.', ` Nobody can say whether it was started.${detail} ${careful}`);
  }
  return say('bad', 'Could not be started.', detail);
}

function goingOn({ continuation }: Approval, backend: string): { tone: Tone; line: Line } {
  const say = (tone: Tone, strong: string, rest = '') => ({ tone, line: [{ strong }, rest] });
  switch (continuation?.state) {
    case undefined:
      return say('neutral', 'Started.', ` ${backend} does not tell here how it goes on.`);
    case 'following':
      return say('pending', 'Running.');
    case 'paused':
      return continuation.text === null
        ? say('open', 'Paused.')
        : say('open', 'Waits for a decision:', ` ${sentence(continuation.text)}`);
    case 'completed':
      return say('good', 'Finished.');
    case 'failed':
      return say('bad', 'Failed.', ' It was started, and ended with an error.');
    case 'lost':
      return say('warning', 'Rest of the run not seen.', ` Look at ${backend} for how it ended.`);
  }
}
