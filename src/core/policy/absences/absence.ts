/** A person who is away, and who stands in for them. Pure. Tested in test/engine/operators/absences.test.ts. */
import { z } from 'zod';
import { actorSchema } from '../../approval/parts/decision.ts';
import { storedObject } from '../../text/stored-object.ts';
import { accountKey, type People } from '../operators/people.ts';
import type { Account } from '../rules/document.ts';

/** An absence is at most so long. Our choice: what is longer belongs into the policy's file. */
export const LONGEST_DAYS = 60;
const DAY_MS = 86_400_000;

export const absenceSchema = storedObject({
  absent: actorSchema,
  /** Decides in their place what they may decide, as themselves; both may meanwhile. */
  deputy: actorSchema,
  /** ms since 1970 */
  since: z.number(),
  until: z.number(),
});
export type Absence = z.infer<typeof absenceSchema>;

/** Why an absence is not recorded. `deputy_away`: so there are no circles, and nothing is passed on. */
export type AbsenceProblem = 'past' | 'too_long' | 'self' | 'deputy_away';

/** @param active those of now */
export function problemOf(wanted: Absence, active: readonly Absence[], people: People): AbsenceProblem | null {
  const { absent, deputy, since, until } = wanted;
  if (until <= since) return 'past';
  if (until > since + LONGEST_DAYS * DAY_MS) return 'too_long';
  if (people.personOf(absent) === people.personOf(deputy)) return 'self';
  return active.some((one) => people.personOf(one.absent) === people.personOf(deputy)) ? 'deputy_away' : null;
}

/** Those for whom this person stands in: one step only, because a deputy who is away passes on their own rights alone. */
export function standsInFor(person: string, active: readonly Absence[], people: People): readonly Absence[] {
  return active.filter(
    ({ deputy, absent }) => people.personOf(deputy) === person && people.personOf(absent) !== person,
  );
}

/** `Monday → @ana`, `Monday -> slack:U0123`, `Monday to Ana Kovač`: the time, and whom. Null for anything else. */
export function parseAway(typed: string): { until: string; deputy: string } | null {
  const text = typed.trim().replace(/^until\s+/i, '');
  const [, until = '', deputy = ''] = /^(.*?\S)\s*(?:→|->|=>|\sto\s)\s*(\S.*)$/isu.exec(text) ?? [];
  return until === '' || deputy === '' ? null : { until: until.trim(), deputy };
}

/** A person of the file by name (`@ana`), or an account: `<@U0123>`, `slack:U0123`. Null: it names no one. */
export function deputyIn(typed: string, platform: string, names: Iterable<string>): { name: string } | Account | null {
  const [, mentioned] = /^<@!?([A-Z0-9]+)(?:\|[^>]*)?>$/.exec(typed) ?? [];
  if (mentioned !== undefined) return { platform, id: mentioned };
  const [, other, id] = /^([a-z]+):([A-Z0-9]+)$/.exec(typed) ?? [];
  if (other !== undefined && id !== undefined) return { platform: other, id };
  const wanted = typed.replace(/^@/, '').toLowerCase();
  const found = [...names].filter((name) => name.toLowerCase() === wanted);
  return found.length === 1 && found[0] !== undefined ? { name: found[0] } : null;
}

/** Whether this was typed for a person of this name, as people see it. */
export function isCalled(typed: string, name: string | null): boolean {
  return name !== null && folded(name) === folded(typed.replace(/^@/, ''));
}

function folded(text: string): string {
  return text.normalize('NFC').toLowerCase().replace(/\s+/g, ' ').trim();
}

export function isSameAccount(one: Account, other: Account): boolean {
  return accountKey(one) === accountKey(other);
}
