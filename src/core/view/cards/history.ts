/** The audit rows of one approval, as a person reads them: what happened, who did it, what came of it. */
import type { Action, Actor, Receipt } from '../../approval/approval.ts';
import type { AuditRow } from '../../approval/audit.ts';
import { actorName, platformName, sentence, shown } from '../../approval/names.ts';
import type { Line } from '../card.ts';

const WORDS_MAX = 300;

const wanted: Record<Action, string> = { approve: 'Approve', reject: 'Reject', take_over: 'Take over' };
const refusals: Record<string, string> = {
  not_allowed: 'refused, not a reviewer',
  unverified: 'refused, it could not be verified that they may',
  already_decided: 'too late, already decided',
  held: 'refused, somebody else has taken it over',
  changed: 'refused, the request had changed since it was shown',
  not_confirmed: 'refused, it was not confirmed',
  not_possible: 'refused, this can’t be decided that way',
  nothing_to_retry: 'nothing was left to send again',
};

/** One line each, oldest first; what says nothing to a person is left out. @param backend its name for people */
export function historyLines(rows: readonly AuditRow[], backend: string): Line[] {
  return rows.flatMap((row, index): Line[] => {
    const text = happened(row, backend, rows.slice(0, index));
    return text === null ? [] : [[{ at: row.at, style: 'exact' }, ` · ${text}`]];
  });
}

function happened(row: AuditRow, backend: string, before: readonly AuditRow[]): string | null {
  const { input, facts, ignored } = row;
  const isRun = before.some((earlier) => earlier.input === 'started');
  const who = row.actor === null ? 'Somebody' : nameOf(row.actor);
  switch (input) {
    case 'announced':
      return announcement(row, backend, before);
    case 'posted':
      return postedWhere(facts);
    case 'gathered':
      return ignored === null ? `Shown together with others like it in ${placeOf(facts['slot'])}.` : null;
    case 'released':
      return ignored === null ? `${who} asked for a card of its own in ${placeOf(facts['slot'])}.` : null;
    case 'pressed':
    case 'claimed':
      return `${who} ${press(row)}${quoted(facts['text'])}`;
    case 'held':
      return `${who} took it over${ignored === null ? '' : ` (${refusals[ignored] ?? ignored})`}.`;
    case 'handed_back':
      return ignored === null ? `${who} handed it back.` : null;
    case 'hold_ended':
      return ignored === null ? 'The time of who took it over ran out.' : null;
    case 'retried':
      return `${who} pressed Try again${ignored === null ? '' : ` (${refusals[ignored] ?? ignored})`}.`;
    case 'started':
      return ignored === null ? `${who} asked for it to be started.${quoted(facts['text'])}` : null;
    case 'renamed':
      return ignored === null ? `${backend} calls the run ${shown(String(facts['runId']), WORDS_MAX)}.` : null;
    case 'sending':
      return ignored === null ? `Sending ${isRun ? 'the start' : 'the decision'} to ${backend}.` : null;
    case 'sent':
      return ignored === null ? answer(facts, backend) : null;
    case 'resolved':
      return ignored === null
        ? `${backend} says that it was decided${verdict(facts['verdict'])}.${words(facts)}`
        : null;
    case 'cancelled':
      return ignored === null ? `The run ended before anybody decided.${words(facts)}` : null;
    case 'absent':
      return ignored === null ? `No longer on ${backend}’s list.` : null;
    case 'unreachable':
      if (ignored !== null) return null;
      return typeof facts['words'] === 'string'
        ? `${backend} can’t be reached.${words(facts)}`
        : `${backend} can be reached again.`;
    case 'continued':
      return ignored === null ? ((isRun ? turns : endings)[String(facts['continuation'])] ?? null) : null;
    default:
      return null;
  }
}

const endings: Record<string, string> = {
  paused: 'The run went on, and paused again.',
  completed: 'The run finished.',
  failed: 'The run ended with an error.',
  lost: 'The rest of the run was not seen.',
};

/** The same of a run that was started from chat: it is told of each turn. */
const turns: Record<string, string> = { ...endings, following: 'The run goes on.', paused: 'The run paused.' };

/** Announced over and over, a pause is told once, and again when it asks something else. */
function announcement({ facts, ignored }: AuditRow, backend: string, before: readonly AuditRow[]): string | null {
  const earlier = before.filter(({ input }) => input === 'announced');
  if (earlier.length === 0) return `${backend} asked.`;
  if (ignored !== null || earlier.at(-1)?.facts['digest'] === facts['digest']) return null;
  return `${backend} asked again, with other parameters.`;
}

function postedWhere({ receipt, slot }: Record<string, unknown>): string {
  const { platform = '' } = (receipt ?? {}) as Partial<Receipt>;
  const what = String(slot).startsWith('reminder') ? 'Reminded' : 'Posted';
  return `${what} in ${platformName(platform)}.`;
}

/** A slot is named by its sheet and its place: `card@slack:C0123`. */
function placeOf(slot: unknown): string {
  return platformName(/@([^:]+):/.exec(String(slot))?.[1] ?? 'a room');
}

function press({ input, facts, ignored }: AuditRow): string {
  const action = wanted[facts['action'] as Action] ?? 'a button';
  const by = input === 'claimed' ? ' by its own call' : '';
  return `pressed ${action}${by}${ignored === null ? '' : ` (${refusals[ignored] ?? ignored})`}.`;
}

function answer(facts: Record<string, unknown>, backend: string): string {
  const told = words(facts);
  switch (facts['result']) {
    case 'recorded':
      return `${backend} recorded it.`;
    case 'already':
      return `${backend} had a decision already.${told}`;
    case 'gone':
      return `${backend} no longer waits for it.${told}`;
    case 'refused':
      return `${backend} refused it.${told}`;
    case 'unsent':
      return `It did not reach ${backend}.${told}`;
    default:
      return `Nobody can say whether it reached ${backend}.${told}`;
  }
}

function verdict(value: unknown): string {
  if (value === 'timeout') return ' by its own time limit';
  return typeof value === 'string' ? `: ${(wanted[value as Action] ?? value).toLowerCase()}` : '';
}

function words(facts: Record<string, unknown>): string {
  return typeof facts['words'] === 'string' ? ` ${sentence(shown(facts['words'], WORDS_MAX))}` : '';
}

function quoted(text: unknown): string {
  return typeof text === 'string' && text !== '' ? ` “${shown(text, WORDS_MAX)}”` : '';
}

function nameOf(actor: Actor): string {
  return actor.platform === 'application' ? actorName(actor) : `${actorName(actor)} (${platformName(actor.platform)})`;
}
