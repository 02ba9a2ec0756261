import { encodeAim } from './action.ts';
import type { Action, Actor, Approval } from './approval.ts';
import { byApplication } from './machine.ts';
import { maskText, maskValue } from './mask.ts';
import { parametersText } from './parameters.ts';
import { clip, clipMiddle, humanise, reveal, revealLine, thousands } from './text.ts';

/** A moment, to be shown in the reader's own time zone. */
export interface Moment {
  /** ms since 1970 */
  at: number;
  /** `relative`: "in 4 minutes", live where the platform can. */
  style: 'relative' | 'time';
}

/** A line of running text; a renderer escapes every string in it. */
export type Span = string | { strong: string } | { code: string } | Moment;
export type Line = readonly Span[];

/** Never told apart by colour alone: each has its own words and sign, too. */
export type Tone = 'open' | 'pending' | 'good' | 'bad' | 'neutral' | 'warning';

export interface Button {
  /** What the press carries, `action.ts`. */
  id: string;
  action: Action | 'retry';
  label: string;
  style: 'primary' | 'danger' | 'plain';
}

/**
 * The message, free of any platform. Block Kit and Discord components are renderings of it. Every text is already
 * masked, made visible and cut; the lengths below fit both platforms, so that both rooms read the same.
 */
export interface Card {
  tone: Tone;
  title: string;
  /** One plain sentence for notifications and screen readers. */
  summary: string;
  status: Line;
  /** Who asks, and for what. */
  asker: Line | null;
  /** What the tool does, by the backend. */
  description: string | null;
  /** The agent's stated reason: its own claim. */
  claim: string | null;
  /** The parameters, or the run's result: shown as code, letter by letter. */
  body: { label: string; text: string } | null;
  /** What is missing or masked in what is shown. */
  cautions: readonly string[];
  /** What the deciding person wrote. */
  remark: { label: string; text: string } | null;
  /** Further lines, small. */
  footer: readonly Line[];
  buttons: readonly Button[];
}

/** Fits a Slack section and a Discord embed together with everything else on the card. */
const BODY_MAX = 2_400;
const TITLE_MAX = 120;
const CLAIM_MAX = 500;
const DESCRIPTION_MAX = 300;
const REMARK_MAX = 800;
const NAME_MAX = 80;
const DETAIL_MAX = 300;

const labels: Record<Action, string> = { approve: 'Approve', reject: 'Reject', take_over: 'Take over' };
const styles: Record<Action, Button['style']> = { approve: 'primary', reject: 'danger', take_over: 'plain' };
const deeds: Record<Action, string> = { approve: 'approved', reject: 'rejected', take_over: 'took over' };

/**
 * The card of an approval as it stands now.
 * @param backend the backend's name for people
 */
export function renderCard(approval: Approval, backend: string): Card {
  const { pause, decision } = approval;
  const title = clip(humanise(pause.tool), TITLE_MAX);
  const parameters = maskValue(pause.parameters, pause.hidden);
  const full = reveal(parametersText(parameters.value));
  const body = clipMiddle(full, BODY_MAX);
  const claim = pause.claim === null ? null : shown(pause.claim, CLAIM_MAX);
  const status = statusOf(approval, backend);
  return {
    tone: status.tone,
    title,
    summary: `${title}: ${status.line.map(spanText).join('')}`,
    status: status.line,
    asker: askerOf(approval, backend),
    description: pause.description === null ? null : shown(pause.description, DESCRIPTION_MAX),
    claim,
    body: full === '' ? null : { label: pause.kind === 'item' ? 'Contents' : 'Parameters', text: body.text },
    cautions: [
      ...count(body.hidden, 'character of the parameters is not shown', 'characters of the parameters are not shown'),
      ...count(parameters.masked, 'secret value is masked', 'secret values are masked'),
      ...count(parameters.omitted, 'parameter is kept hidden', 'parameters are kept hidden', ` by ${backend}`),
    ],
    remark:
      decision === null || decision.text === null || tooLate(approval)
        ? null
        : remarkOf(decision.action, decision.text),
    footer: footerOf(approval, backend),
    buttons: buttonsOf(approval),
  };
}

/** The note in the card's thread that says how the run went on; null while there is nothing to say. */
export function renderResult(approval: Approval, backend: string): Card | null {
  const { continuation } = approval;
  if (continuation === null || continuation.state === 'following' || continuation.state === 'paused') return null;
  const words = {
    completed: { tone: 'good', title: 'The run is complete', label: 'Result', status: ' has finished.' },
    failed: { tone: 'bad', title: 'The run failed', label: 'Error', status: ' ended with an error.' },
    lost: {
      tone: 'warning',
      title: 'Rest of the run not seen',
      label: 'Seen so far',
      status: ` may have gone on: its stream from ${backend} was cut. Look there for how it ended.`,
    },
  } as const;
  const { tone, title, label, status } = words[continuation.state];
  const full = reveal(maskText(continuation.text ?? '').value).trim();
  const text = clipMiddle(full, BODY_MAX);
  return {
    tone,
    title,
    summary: clip(full === '' ? title : `${title}: ${revealLine(full)}`, DESCRIPTION_MAX),
    status: [{ strong: askerName(approval, backend) }, status],
    asker: null,
    description: null,
    claim: null,
    body: full === '' ? null : { label, text: text.text },
    cautions: count(text.hidden, 'character is not shown', 'characters are not shown'),
    remark: null,
    footer: [],
    buttons: [],
  };
}

function statusOf(approval: Approval, backend: string): { tone: Tone; line: Line } {
  const { decision } = approval;
  const detail = approval.detail === null ? '' : ` ${sentence(shown(approval.detail, DETAIL_MAX))}`;
  const who = decision === null ? 'Somebody' : actorName(decision.actor);
  const did = decision === null ? 'decided' : deeds[decision.action];
  switch (approval.phase) {
    case 'open':
      return { tone: 'open', line: [{ strong: 'Waiting for a decision.' }, detail, reachText(approval, backend)] };
    case 'decided':
    case 'sending':
      return { tone: 'pending', line: [{ strong: `${who} ${did}.` }, pendingText(approval, backend, detail)] };
    case 'settled':
      return settledStatus(approval, backend, who, did, detail);
  }
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

function askerOf(approval: Approval, backend: string): Line {
  const { pause } = approval;
  // An item has no tool: what it is called is in words already.
  if (pause.kind === 'item')
    return [{ strong: askerName(approval, backend) }, ` waits for a decision: ${clip(humanise(pause.tool), NAME_MAX)}`];
  const wants = pause.kind === 'await' ? ' needs an answer for ' : ' wants to run ';
  return [{ strong: askerName(approval, backend) }, wants, { code: clip(revealLine(pause.tool), NAME_MAX) }];
}

/** The agent or flow that asks, fit to be shown anywhere. */
export function askerName({ pause }: Approval, backend: string): string {
  return pause.asker === null ? `A run on ${backend}` : clip(revealLine(maskText(pause.asker).value), NAME_MAX);
}

function footerOf(approval: Approval, backend: string): Line[] {
  const { deadline } = approval.pause;
  const line: Span[] = [backend, ' · asked ', { at: approval.createdAt, style: 'relative' }];
  if (approval.phase === 'open' && deadline !== null) line.push(' · expires ', { at: deadline, style: 'relative' });
  if (approval.phase === 'settled' && approval.decision !== null && !byApplication(approval) && !tooLate(approval)) {
    line.push(` · decided in ${platformName(approval.decision.actor.platform)}`);
  }
  return [line];
}

/** Somebody decided here, and it is not what counts. */
function tooLate({ decision, outcome }: Approval): boolean {
  return decision !== null && (outcome === 'expired' || outcome === 'decided_elsewhere' || outcome === 'cancelled');
}

function buttonsOf(approval: Approval): Button[] {
  const aim = { approvalId: approval.id, shown: approval.digest };
  if (approval.phase === 'open') {
    return approval.pause.actions.map((action) => ({
      id: encodeAim({ ...aim, action }),
      action,
      label: labels[action],
      style: styles[action],
    }));
  }
  const undelivered = approval.outcome === 'failed' || approval.outcome === 'unconfirmed';
  if (!undelivered || approval.decision === null || byApplication(approval)) return [];
  return [{ id: encodeAim({ ...aim, action: 'retry' }), action: 'retry', label: 'Try again', style: 'plain' }];
}

function remarkOf(action: Action, text: string): Card['remark'] {
  const remarkLabels: Record<Action, string> = { approve: 'Note', reject: 'Reason', take_over: 'Answer' };
  return { label: remarkLabels[action], text: clipMiddle(reveal(maskText(text).value), REMARK_MAX).text };
}

/** For everywhere a person is named: on cards, in refusals, towards the backend. */
export function actorName(actor: Actor): string {
  if (actor.platform === 'application') return 'The application';
  const name = clip(revealLine(actor.name), NAME_MAX);
  return name === '' ? actor.id : name;
}

export function platformName(platform: string): string {
  return platform === 'slack' ? 'Slack' : platform === 'discord' ? 'Discord' : platform;
}

export function spanText(span: Span): string {
  if (typeof span === 'string') return span;
  if ('strong' in span) return span.strong;
  return 'code' in span ? span.code : new Date(span.at).toISOString();
}

function shown(text: string, max: number): string {
  return clipMiddle(reveal(maskText(text).value).trim(), max).text;
}

function sentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

function count(number: number, one: string, many: string, rest = ''): string[] {
  if (number === 0) return [];
  return [number === 1 ? `1 ${one}${rest}` : `${thousands(number)} ${many}${rest}`];
}
