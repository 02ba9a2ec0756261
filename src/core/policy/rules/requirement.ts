/** What is stored with an approval of the rule that applies to it. Tested in test/core/policy/rules/route.test.ts. */
import type { Requirement, Timing, Verb, VerbRule } from '../../approval/parts/requirement.ts';
import { verbs } from '../../approval/parts/requirement.ts';
import type { PolicyDocument, Rule, Who } from './document.ts';

/** Without its moments, which count from when it was asked: those are in its `Timing`. */
export function requirementOf(rule: Rule, { version, claimMs }: PolicyDocument): Requirement {
  const { name, quiet, grant, remind } = rule;
  return {
    rule: name,
    version,
    verbs: storedVerbs(rule),
    mention: textsOf(rule.mention),
    denied: null,
    claimMs,
    expire: null,
    escalations: [],
    escalated: [],
    remindTo: remind?.to ?? 'thread',
    quiet: quiet === null ? null : { ...quiet },
    grant: grant === null ? null : { ...grant, vary: [...grant.vary] },
  };
}

/** No one may decide. */
export function denial(
  rule: string,
  { version }: PolicyDocument,
  denied: NonNullable<Requirement['denied']>,
): Requirement {
  return {
    rule,
    version,
    verbs: {},
    mention: [],
    denied,
    claimMs: null,
    expire: null,
    escalations: [],
    escalated: [],
    remindTo: 'thread',
    quiet: null,
    grant: null,
  };
}

export function timingOf({ expire, escalate }: Rule): Timing {
  return {
    expire,
    escalate: escalate.map(({ afterMs, rooms, mention }) => ({ afterMs, places: rooms, mention: textsOf(mention) })),
  };
}

function storedVerbs(rule: Rule): Partial<Record<Verb, VerbRule>> {
  return Object.fromEntries(
    verbs.flatMap((verb) => {
      const one = rule.verbs[verb];
      return one === undefined ? [] : [[verb, { ...one, by: textsOf(one.by), quick: [...one.quick] }]];
    }),
  );
}

function textsOf(people: readonly Who[]): string[] {
  return people.map(({ text }) => text);
}
