/** Alerts to the operator, posted as a card. Pure. Tested in test/core/view/cards/alert-card.test.ts. */
import { displayName, platformName, sentence } from '../../approval/names.ts';
import { directTo } from '../../policy/direct-messages.ts';
import type { Card } from '../card.ts';

/** Each is another matter; with the subject it says whether two alerts are about the same. */
export type AlertKind =
  | 'job_given_up'
  | 'place_down'
  | 'thread_gone'
  | 'run_lost'
  | 'undelivered'
  | 'check_failing'
  | 'list_hidden'
  | 'content_refused'
  | 'wrong_secrets'
  | 'calls_limited'
  | 'source_full'
  | 'overloaded'
  | 'decision_refused'
  | 'policy_wrong'
  | 'request_denied'
  | 'crashed'
  | 'replicas_differ'
  | 'stopped'
  | 'schedule_failing'
  | 'schedule_empty'
  | 'accounts_linked';

export interface Alert {
  kind: AlertKind;
  /**
   * What it is about: a place, a backend, a check. Few and of our own making; an approval's id only where each approval is
   * alerted for itself.
   */
  subject: string;
  /** Four or five words. */
  title: string;
  /** What happened, in a sentence or two. */
  what: string;
  /** What to do about it. */
  advice: string;
}

const TITLE_MAX = 120;
const TEXT_MAX = 600;

/**
 * @param at ms since 1970
 * @param more how many like it were raised since the last one was posted, beside this one
 * @param tone `good`: it is resolved
 */
export function renderAlert(alert: Alert, at: number, more: number, tone: 'warning' | 'good'): Card {
  const title = displayName(alert.title, TITLE_MAX);
  const what = sentence(displayName(alert.what, TEXT_MAX));
  return {
    tone,
    title,
    summary: `${title}: ${what}`,
    status: [what],
    asker: null,
    quotes: [],
    body: null,
    cautions: more === 0 ? [] : [`${more} more like this since the last alert`],
    remark: alert.advice === '' ? null : { label: 'What to do', text: displayName(alert.advice, TEXT_MAX) },
    footer: [['Countersign operator alert · ', { at, style: 'time' }]],
    buttons: [],
  };
}

/** For people: `the Slack channel C0123`, `direct messages to U0123 on Slack`, or for no room in particular `Slack`. */
export function placeName({ platform, room }: { platform: string; room: string | null }): string {
  const person = room === null ? null : directTo({ room });
  if (person !== null) return `direct messages to ${person} on ${platformName(platform)}`;
  if (room === null) return platformName(platform);
  const [channel, thread] = room.split('/');
  const name = `the ${platformName(platform)} channel ${channel}`;
  return thread === undefined ? name : `the thread ${thread} in ${name}`;
}
