/** Rules as they are written, made into rules as they are evaluated. Tested in test/policy/load.test.ts. */
import { type Verb, verbs } from '../../core/approval/parts/requirement.ts';
import { placeKey } from '../../core/approval/parts/slot.ts';
import { type Expression, matchKeys, type Rule, type Who } from '../../core/policy/rules/document.ts';
import { minutesOf, msOf } from '../schema/parts.ts';
import type { WrittenRule, WrittenVerb } from '../schema/rule.ts';
import type { Path } from '../yaml/tree.ts';
import type { Names } from './names.ts';

type VerbOf = NonNullable<Rule['verbs'][Verb]>;

export interface RuleContext {
  names: Names;
  /** For rules that do not say who gets a direct message. */
  direct: readonly Who[];
  /** Null: it is reported. */
  compile(text: string, path: Path): Expression | null;
}

export function resolveRule(written: WrittenRule, path: Path, { names, direct, compile }: RuleContext): Rule {
  const { name, match = {}, when, expire, remind, escalate = [], quiet, standing, grant, mode } = written;
  return {
    name,
    match: matchOf(match, [...path, 'match'], names),
    when: when === undefined ? null : compile(when, [...path, 'when']),
    rooms: names.roomsAll(written.rooms, [...path, 'rooms']),
    direct: written.direct === undefined ? direct : names.whoAll(written.direct, [...path, 'direct']),
    mention: names.whoAll(written.mention, [...path, 'mention']),
    verbs: verbsOf(written, path, names),
    expire: expire === undefined ? null : { afterMs: msOf(expire.after), end: expire.then ?? 'leave' },
    remind: remind === undefined ? null : { afterMs: remind.after.map(msOf), to: remind.to ?? 'thread' },
    escalate: escalate.map(({ after, rooms, mention }, at) => ({
      afterMs: msOf(after),
      rooms: names.roomsAll(rooms, [...path, 'escalate', at, 'rooms']),
      mention: names.whoAll(mention, [...path, 'escalate', at, 'mention']),
    })),
    quiet:
      quiet === undefined
        ? null
        : {
            from: minutesOf(quiet.from),
            to: minutesOf(quiet.to),
            zone: quiet.zone,
            exceptDangerous: quiet.except === 'dangerous',
          },
    standing: standing ?? null,
    grant:
      grant === undefined
        ? null
        : { after: grant.after ?? GRANT_AFTER, forMs: msOf(grant.for), uses: grant.uses, vary: grant.vary ?? [] },
    mode: mode ?? 'enforce',
  };
}

function matchOf(match: NonNullable<WrittenRule['match']>, path: Path, names: Names): Rule['match'] {
  return Object.fromEntries(
    matchKeys.flatMap((key): [string, readonly string[]][] => {
      const patterns = [match[key] ?? []].flat();
      if (match[key] === undefined) return [];
      if (key !== 'room') return [[key, patterns]];
      // Requests name a room by its place: `slack:C0123`.
      const isPattern = (one: string) => /[:*?]/.test(one);
      const rooms = names.roomsAll(
        patterns.filter((one) => !isPattern(one)),
        [...path, key],
      );
      return [[key, [...patterns.filter(isPattern), ...rooms.map(placeKey)]]];
    }),
  );
}

/** Whether a person writes a text, where the file does not say: as without a file. `carried`: where the backend takes it. */
const defaultNotes = { approve: 'off', reject: 'carried', answer: 'optional', take_over: 'optional' } as const;

/** Similar approvals before a grant is offered. */
const GRANT_AFTER = 3;

/**
 * What each verb takes. One that is not given is the same as `approve`; a rejection then takes one person, as one
 * rejection ends it, and a reason.
 */
function verbsOf(written: WrittenRule, path: Path, names: Names): Rule['verbs'] {
  const given = Object.fromEntries(
    verbs.flatMap((verb) => {
      const one = written[verb];
      return one === undefined ? [] : [[verb, verbOf(verb, one, [...path, verb], names)]];
    }),
  ) as Rule['verbs'];
  const { approve } = given;
  if (approve === undefined) return given;
  return {
    approve,
    reject: { ...approve, count: 1, each: 0, confirm: false, note: defaultNotes.reject, quick: [] },
    answer: { ...approve, note: defaultNotes.answer, quick: [] },
    take_over: { ...approve, note: defaultNotes.take_over, quick: [] },
    ...given,
  };
}

function verbOf(
  verb: Verb,
  { by, count, each = 0, not = [], confirm, note, reason, quick }: WrittenVerb,
  path: Path,
  names: Names,
): VerbOf {
  return {
    by: names.whoAll(by, [...path, 'by']),
    count: count ?? Math.max(1, each * by.length),
    each,
    notRequester: not.includes('requester'),
    confirm: confirm ?? false,
    note: note ?? reason ?? defaultNotes[verb],
    quick: quick ?? [],
  };
}
