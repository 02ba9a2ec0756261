/** Parts of sentences about a policy. Tested in test/core/policy/explain/explain.test.ts. */

import type { Place } from '../../approval/parts/slot.ts';
import { maskText } from '../../mask/text.ts';
import { capitalise } from '../../text/humanise.ts';
import { thousands } from '../../text/numbers.ts';
import { quoted } from '../../text/visible/quoted.ts';
import { revealLine } from '../../text/visible/reveal.ts';
import { directTo } from '../direct-messages.ts';
import type { PolicyDocument, Who } from '../rules/document.ts';
import { whoOf } from '../rules/who.ts';

/** Longest name of others, UTF-16 units. */
const NAME_MAX = 82;

/** `a`, `a and b`, `a, b and c`. */
export function listed(all: readonly string[], word: 'and' | 'or' = 'and'): string {
  return all.length < 2 ? (all[0] ?? '') : `${all.slice(0, -1).join(', ')} ${word} ${all.at(-1)}`;
}

/** What others chose, in quotation marks and with its secrets masked. */
export function foreign(text: string): string {
  return quoted(maskText(text).value, NAME_MAX);
}

/** `Slack`, `Discord` */
export function platformName(platform: string): string {
  return capitalise(platform);
}

/** `the Slack channel C0123`; of a direct message: `a direct message to the Slack account U0123` */
export function placeText(place: Place): string {
  const platform = platformName(place.platform);
  const person = directTo(place);
  if (person !== null) return `a direct message to the ${platform} account ${revealLine(person)}`;
  const [channel = '', thread] = place.room.split('/');
  const name = `the ${platform} channel ${revealLine(channel)}`;
  return thread === undefined ? name : `the thread ${revealLine(thread)} in ${name}`;
}

type Named = Pick<PolicyDocument, 'people' | 'groups' | 'schedules'>;

/** An entry of the policy as one who may: `mara`, `anyone in finance`. */
export function oneOfText(text: string, document: Named): string {
  const who = whoOf(text, document);
  if (who === null) return `${revealLine(text)} (not in the file any more)`;
  switch (who.kind) {
    case 'group':
      return `anyone in ${who.name}`;
    case 'members':
      return `anyone ${memberText(who)}`;
    default:
      return whoText(who);
  }
}

/** An entry as a whole: `finance`, `the members of the Slack user group S0123`. */
export function entryText(text: string, document: Named): string {
  const who = whoOf(text, document);
  return who === null ? `${revealLine(text)} (not in the file any more)` : whoText(who);
}

/** Those who may, of whom one is enough: `mara or anyone in finance or legal`. */
export function anyOfText(texts: readonly string[], document: Named): string {
  const isGroup = (text: string) => whoOf(text, document)?.kind === 'group';
  const groups = texts.filter(isGroup).map((text) => entryText(text, document));
  const others = texts.filter((text) => !isGroup(text)).map((text) => oneOfText(text, document));
  return listed([...others, ...(groups.length === 0 ? [] : [`anyone in ${listed(groups, 'or')}`])], 'or');
}

export function whoText(who: Who): string {
  switch (who.kind) {
    case 'person':
    case 'group':
      return who.name;
    case 'schedule':
      return `the person on duty by the schedule ${who.name}`;
    case 'account':
      return `the ${platformName(who.platform)} account ${who.id}`;
    case 'members':
      return `everyone ${memberText(who)}`;
  }
}

function memberText({ platform, of, id }: Extract<Who, { kind: 'members' }>): string {
  const what = of === 'group' ? 'in the' : 'with the';
  return `${what} ${platformName(platform)} ${of === 'group' ? 'user group' : 'role'} ${id}`;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Exact, in as many units as it needs: `1 hour 30 minutes`. */
export function lengthText(ms: number): string {
  const units = [
    ['day', DAY_MS],
    ['hour', HOUR_MS],
    ['minute', MINUTE_MS],
    ['second', 1_000],
  ] as const;
  let rest = ms;
  const parts: string[] = [];
  for (const [name, length] of units) {
    const count = Math.floor(rest / length);
    rest -= count * length;
    if (count > 0) parts.push(`${thousands(count)} ${name}${count === 1 ? '' : 's'}`);
  }
  return parts.length === 0 ? `${thousands(rest)} ms` : parts.join(' ');
}

/** `07:30` of minutes since midnight. */
export function clockText(minutes: number): string {
  const two = (count: number) => String(count).padStart(2, '0');
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** `2026-11-30 09:00 UTC` */
export function momentText(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
