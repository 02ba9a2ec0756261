/** Who may decide, and how settings name them. Tested in test/core/policy/reviewers.test.ts. */
import { entriesOf, parseEach } from '../text/settings/entries.ts';
import { suggestedReviewer } from './reviewer-hint.ts';

/** A person or group that may decide. A `role` (Discord) is part of each press; a `group` (Slack) is looked up. */
export interface Reviewer {
  platform: string;
  kind: 'user' | 'group' | 'role';
  id: string;
}

/** As it is written in settings and in the policy: `slack:U0123`, `discord:role:345`. */
export function reviewerText({ platform, kind, id }: Reviewer): string {
  return kind === 'user' ? `${platform}:${id}` : `${platform}:${kind}:${id}`;
}

/** What an ID looks like. */
export interface IdFormat {
  pattern: RegExp;
  /** For messages: `member ID (U…)`. */
  name: string;
  /** An entry of a setting: `slack:U…`. */
  example: string;
  /** How it begins, where its kind can be seen: `S`. */
  begins?: string;
  /** Where people find it: `profile → ⋮ → “Copy member ID”`. */
  found: string;
}

/** The IDs of one platform, as its `settings.ts` states them. */
export interface PlatformIds {
  platform: string;
  /** Who can be a reviewer. */
  reviewers: { user: IdFormat } & Partial<Record<Reviewer['kind'], IdFormat>>;
  /** Where an alert can be posted. */
  room: IdFormat;
}

/**
 * Parses `slack:U0123,slack:group:S0456,discord:789,discord:role:1011`. Empty: no reviewers.
 * @throws Error, or an AggregateError of several, that names each invalid entry and says what to write
 */
export function parseReviewers(text: string, ids: readonly PlatformIds[]): readonly Reviewer[] {
  return parseEach(entriesOf(text), (entry) => parseReviewer(entry, ids));
}

/** One of them. @throws Error that names the entry */
export function parseReviewer(entry: string, ids: readonly PlatformIds[]): Reviewer {
  const [platform = '', ...rest] = entry.split(':');
  const [kind = '', id] = rest.length === 1 ? ['user', rest[0]] : rest;
  const formats: Partial<Record<string, IdFormat>> = ids.find((one) => one.platform === platform)?.reviewers ?? {};
  const format = Object.hasOwn(formats, kind) ? formats[kind] : undefined;
  if (format?.pattern.test(id ?? '') && id !== undefined && rest.length <= 2) {
    return { platform, kind: kind as Reviewer['kind'], id };
  }
  throw new Error(problemOf(entry, format, ids));
}

/** What is wrong with an entry, and what to write. */
function problemOf(entry: string, format: IdFormat | undefined, ids: readonly PlatformIds[]): string {
  const several = entry.split(/[\s;|]+/).filter((one) => /^\W*\w+:/.test(one));
  if (several.length > 1) return `"${entry}" names several: separate them by commas.`;
  const meant = suggestedReviewer(entry, ids);
  const remedy = meant === null ? '' : ` Write ${meant}.`;
  if (format === undefined) {
    const examples = ids.flatMap((one) => Object.values(one.reviewers).map(({ example }) => example));
    return `"${entry}" is not a valid reviewer.${remedy || ` Write ${orList(examples)}.`}`;
  }
  const { name, begins, found } = format;
  const kind = name.replace(/ ID.*$/, '');
  const rule = begins === undefined ? '' : ` A ${kind}’s ID begins with ${begins}.`;
  const where = remedy === '' ? ` To find it: ${found}.` : '';
  return `"${entry}" has no valid ID. Use the ${name}, not a name.${rule}${remedy}${where}`;
}

/** `a, b or c` */
export function orList(items: readonly string[]): string {
  return items.join(', ').replace(/, (?=[^,]*$)/, ' or ');
}

/** Whether a person is in a group, as far as it is known without a look-up. */
export type Membership = 'yes' | 'no' | 'unknown';
