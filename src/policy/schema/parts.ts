/**
 * The building blocks of the policy's schema. A message is what is wrong, and in its second line what to write. Tested in
 * test/policy/wrong-files.test.ts.
 */
import { z } from 'zod';
import { parseDuration } from '../../core/text/settings/duration.ts';

/** What is wrong, and what to write. */
export function says(wrong: string, remedy: string): string {
  return `${wrong}\n${remedy}`;
}

const NAME = /^[\p{L}][\p{L}\p{N}_-]{0,39}$/u;

/** What people, groups, rooms and schedules are called in the file. */
export const name = z
  .string()
  .regex(NAME, says('is not a name.', 'A name begins with a letter and has up to 40 letters, digits, - and _.'));

/** A text of one line. */
export function line(what: string, max: number) {
  const expected = says(`must be ${what}.`, `Write a text of at most ${max} characters.`);
  return z.string(expected).min(1, expected).max(max, expected);
}

export function listOf<Item extends z.ZodType>(item: Item, example: string, max = 200) {
  return z
    .array(item, says('must be a list.', `Write ${example}.`))
    .max(max, says(`has more than ${max} entries.`, 'Use groups and patterns.'));
}

/** A person, a group, or an account, as the file names them. */
const who = z
  .string(says('must be the name of a person or a group, or an account.', 'Write mara, finance or slack:U0123.'))
  .meta({ description: 'a person, a group, schedule:NAME, slack:U…, slack:group:S…, discord:… or discord:role:…' });
export const whoList = listOf(who, '[mara, finance]');

export const roomList = listOf(
  z
    .string(says('must be the name of a room.', 'Write a name from rooms, or slack:C0123.'))
    .meta({ description: 'a name from rooms, slack:C… or discord:…' }),
  '[money]',
  20,
);

const TIME = /^\d{1,9}(?:\.\d{1,3})?(?:ms|s|m|h|d)$/;
export const LONGEST_MS = 90 * 86_400_000;

/** `10m`, `4h`, `2d`. */
export function time(leastMs: number, least: string) {
  const expected = says(`must be a time of at least ${least}, and at most 90 days.`, 'Write 30m, 4h or 2d.');
  return z
    .string(expected)
    .regex(TIME, expected)
    .refine((text) => {
      const ms = parseDuration(text) ?? 0;
      return ms >= leastMs && ms <= LONGEST_MS;
    }, expected);
}

export function msOf(time: string): number {
  return parseDuration(time) ?? 0;
}

const CLOCK = /^(?:[01]\d|2[0-3]):[0-5]\d$/;
/** `07:30` */
export const clockTime = z
  .string(says('must be a time of the day.', 'Write "07:30", in quotes.'))
  .regex(CLOCK, says('must be a time of the day.', 'Write "07:30", in quotes.'));

export function minutesOf(clock: string): number {
  const [hours = '0', minutes = '0'] = clock.split(':');
  return Number(hours) * 60 + Number(minutes);
}

export const zone = z
  .string(says('must be a time zone.', 'Write a name such as Europe/Berlin or UTC.'))
  .meta({ description: 'of the IANA database: Europe/Berlin' });

/** A whole number. */
export function count(least: number, most: number) {
  const expected = says(
    `must be a whole number from ${least} to ${most}.`,
    `Write ${least}, or a number up to ${most}.`,
  );
  return z.number(expected).int(expected).min(least, expected).max(most, expected);
}

export function oneOf<const Words extends readonly [string, ...string[]]>(...words: Words) {
  const all = words.length === 1 ? words[0] : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
  return z.enum(words, says(`must be ${all}.`, `Write ${all}.`));
}

export const yesNo = z.boolean(says('must be true or false.', 'Write true or false, without quotes.'));

const PATTERN_MAX = 200;
/** Names with `*` and `?`. */
export const pattern = z
  .string(says('must be a pattern.', 'Write a name such as refund_*, in quotes where it begins with *.'))
  .min(1, says('must not be empty.', 'Write a name such as refund_*.'))
  .max(PATTERN_MAX, says(`has more than ${PATTERN_MAX} characters.`, 'Use * for a part of the name.'));

export const patternList = listOf(pattern, '[refund_*, "*payout*"]');
