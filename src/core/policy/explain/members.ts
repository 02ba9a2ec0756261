/** Whom the names in a requirement mean now. Tested in test/core/policy/explain/explain.test.ts. */
import type { Requirement } from '../../approval/parts/requirement.ts';
import type { PolicyDocument, Schedule, Who } from '../rules/document.ts';
import { whoOf } from '../rules/who.ts';
import { turnAt } from '../schedules/rota.ts';
import { lengthText, listed, momentText, platformName, whoText } from './words.ts';

export interface Member {
  name: string;
  /** `mara and everyone in the Slack user group S0123` */
  text: string;
}

const NO_ACCOUNT = 'the file has no account of this person';

/**
 * Each name once: first the groups, then the people in them, and who asked for it.
 * @param now ms since 1970  @param requester a word for a person; default: not known
 */
export function membersOf(
  { verbs, mention, escalations, escalated }: Requirement,
  document: PolicyDocument,
  now: number,
  requester?: string,
): Member[] {
  const { people, groups, schedules } = document;
  const found = new Map<string, string>();
  const accounts = new Map<string, string>();
  const add = (who: Who): void => {
    if (who.kind === 'person') {
      const own = (people.get(who.name) ?? []).map(({ platform, id }) => `the ${platformName(platform)} account ${id}`);
      accounts.set(who.name, own.length === 0 ? NO_ACCOUNT : `${listed(own)}${own.length > 1 ? ', one person' : ''}`);
    } else if (who.kind === 'group' && !found.has(who.name)) {
      const inside = groups.get(who.name) ?? [];
      found.set(who.name, inside.length === 0 ? 'no one' : listed(inside.map(whoText)));
      for (const one of inside) add(one);
    } else if (who.kind === 'schedule') {
      const schedule = schedules.get(who.name);
      if (schedule === undefined || found.has(who.text)) return;
      found.set(who.text, scheduleText(schedule, now));
      if (schedule.kind === 'rota') for (const one of schedule.people) add(one);
    }
  };
  const texts = [
    ...Object.values(verbs).flatMap(({ by }) => by),
    ...mention,
    ...[...escalated, ...escalations].flatMap((step) => step.mention),
    ...(requester === undefined ? [] : [requester]),
  ];
  for (const text of texts) {
    const who = whoOf(text, document);
    if (who !== null) add(who);
  }
  return [...found, ...accounts].map(([name, text]) => ({ name, text }));
}

function scheduleText(schedule: Schedule, now: number): string {
  if (schedule.kind === 'rota') {
    const { who, until } = turnAt(schedule, now);
    const turns = `${listed(schedule.people.map(whoText))} in turn, each for ${lengthText(schedule.everyHours * 3_600_000)}`;
    return who === null
      ? `${turns}; it begins at ${momentText(until)}`
      : `${turns}; at ${momentText(now)} it is ${whoText(who)}, until ${momentText(until)}. What counts is who is on duty when the button is pressed`;
  }
  const from = { ical: 'a calendar', pagerduty: 'PagerDuty', opsgenie: 'Opsgenie' }[schedule.kind];
  return `the person whom ${from} names when the button is pressed`;
}
