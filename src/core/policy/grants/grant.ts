/**
 * A person's standing answer: for a while, and a few times, the same request as one that people approved is approved again.
 * Pure. Tested in test/core/policy/grants/grant.test.ts.
 */
import { z } from 'zod';
import type { Approval } from '../../approval/approval.ts';
import { isAutomatic } from '../../approval/names.ts';
import { actorSchema } from '../../approval/parts/decision.ts';
import type { Requirement } from '../../approval/parts/requirement.ts';
import { isNoteRequired, ruleOf } from '../../approval/steps/signing/rules.ts';
import { mayStand } from '../../approval/steps/stood.ts';
import { storedObject } from '../../text/stored-object.ts';
import { SETTINGS_VERSION } from '../rules/document.ts';

export const grantSchema = storedObject({
  /** Who gave it: each use is judged by their rights. */
  by: actorSchema,
  /** The approval from whose card it was given. */
  from: z.string(),
  /** Name of the rule, and the version of the file: another version ends it. */
  rule: z.string(),
  version: z.string(),
  /** Hashes of the texts of `Likeness`. */
  key: z.string(),
  same: z.string(),
  shape: z.string(),
  /** What may vary, as the rule writes it. */
  vary: z.array(z.string()),
  /** How often it may be used, and how often it was. */
  uses: z.number().int().min(1),
  used: z.number().int().min(0),
  /** When it was given and when it ends, ms since 1970. */
  at: z.number(),
  until: z.number(),
});
export type Grant = z.infer<typeof grantSchema>;

/**
 * Why a standing answer is not in force any more. `policy`: the file changed. `rights`: the person may not approve it any
 * more. `shape`: a request came with other arguments. `person`: somebody ended it. `copy`: this database is a copy, and the
 * original may use it, too.
 */
export const grantEnds = ['used', 'time', 'policy', 'rights', 'shape', 'person', 'copy'] as const;
export type GrantEnd = (typeof grantEnds)[number];

/** Null: it is in force. */
export function endOf({ used, uses, until, version }: Grant, now: number, newest: string): GrantEnd | null {
  if (used >= uses) return 'used';
  if (now >= until) return 'time';
  return version === newest ? null : 'policy';
}

/**
 * What its rule lets a reviewer allow; null: nothing, as for everything that takes more than one plain yes of one person.
 */
export function grantable(approval: Approval): NonNullable<Requirement['grant']> | null {
  const { pause, requirement, confirm } = approval;
  if (requirement === undefined || requirement.grant === null || requirement.version === SETTINGS_VERSION) return null;
  const rule = ruleOf(requirement, 'approve', pause);
  if (rule === null || rule.confirm || isNoteRequired(rule, pause)) return null;
  const people = Math.max(rule.count, rule.each * new Set(rule.by).size);
  return people === 1 && mayStand({ pause, confirm }, 'approve') ? requirement.grant : null;
}

/** A person has approved it, and the backend has it: from such a card a standing answer can be given. */
export function isApprovedByPerson({ phase, outcome, decision }: Approval): boolean {
  return phase === 'settled' && outcome === 'approved' && decision !== null && !isAutomatic(decision.actor);
}
