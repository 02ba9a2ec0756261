/** What people read while Countersign is stopped. Pure. Tested in test/core/view/operators/stopped.test.ts. */
import { actorName, displayName, platformName } from '../../approval/names.ts';
import { awaitsFetch } from '../../approval/steps/time/expiry.ts';
import { byApplication } from '../../approval/steps/transitions.ts';
import type { Shown } from '../../approval/subject.ts';
import { STOP_REASON_MAX, type Stop } from '../../policy/operators/stop.ts';
import { LAST_MOMENT } from '../../text/time/parse.ts';
import { quoted } from '../../text/visible/quoted.ts';
import type { Line, Span, Tone } from '../card.ts';
import { COMMAND } from '../command.ts';
import { clockTime } from '../moments.ts';

/** A status line, as `statusOf` gives it. */
interface Status {
  tone: Tone;
  line: Line;
}

/** What the status line becomes of something that the stop holds back. @param status says what is not sent yet */
export function whileStopped({ line }: Status, { phase, askedAt, pause }: Shown, stop: Stop): Status {
  const isAsked = phase === 'open' && pause.kind !== 'run';
  return { tone: 'warning', line: [...stoppedSpans(stop, askedAt), isAsked ? `${REFUSED} ` : ' ', ...line] };
}

/** The same for a message of several. @param askedAt of one of them */
export function stoppedStatus(line: Line, askedAt: number, stop: Stop): Status {
  return { tone: 'warning', line: [...stoppedSpans(stop, askedAt), `${REFUSED} `, ...line] };
}

const START = `an operator types ${COMMAND} start.`;
const REFUSED = ` Presses are refused until ${START}`;

/** ` It is sent once an operator types /countersign start.` */
export function onceStarted(what: string): string {
  return ` ${what} once ${START}`;
}

/** Whether the stop keeps something of it from being sent. */
export function isHeldBack(approval: Shown): boolean {
  if (byApplication(approval)) return false;
  return approval.phase === 'open' || approval.phase === 'decided' || awaitsFetch(approval);
}

function stoppedSpans({ by, at, reason }: Stop, askedAt: number): Span[] {
  const why = reason === null ? '' : ` (${reasonQuoted(reason)})`;
  return [
    { strong: 'Countersign is stopped.' },
    ' ',
    { person: by },
    ' stopped it at ',
    clockTime(at, askedAt),
    `${why}.`,
  ];
}

/** The private answer to a press or a command that a stop refuses, and what programs read. */
export function stoppedText(stop: Stop): string {
  return `${stoppedPlain(stop)} Nothing was recorded or sent. An operator starts it again with ${COMMAND} start.`;
}

/** Above a list of what waits. */
export function stoppedNotice(stop: Stop): string {
  return `${stoppedPlain(stop)}${REFUSED}`;
}

function stoppedPlain({ by, at, reason }: Stop): string {
  const time =
    Math.abs(at) <= LAST_MOMENT ? ` at ${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC` : '';
  const why = reason === null ? '' : ` (${reasonQuoted(reason)})`;
  const where = `${actorName(by)} in ${platformName(by.platform)}`;
  return `Countersign is stopped: ${where} stopped it${time}${why}.`;
}

function reasonQuoted(reason: string): string {
  return quoted(displayName(reason, STOP_REASON_MAX), STOP_REASON_MAX);
}
