/**
 * An approval that is stored, explained: what is required is what was stored when it opened, and who belongs is what the newest
 * file says. Tested in test/cli/policy/explain.test.ts.
 */
import type { Approval } from '../../approval/approval.ts';
import { actorName } from '../../approval/names.ts';
import type { Absence } from '../absences/absence.ts';
import type { PolicyDocument } from '../rules/document.ts';
import { circumstancesOf } from '../rules/novelty-facts.ts';
import type { Policy } from '../rules/policy.ts';
import { type Explanation, explain } from './explain.ts';
import { stepsOfMoments } from './later.ts';
import { listed, momentText } from './words.ts';

export interface StoredExplanation extends Explanation {
  /** How far it is, and whether the file has changed since. */
  state: readonly string[];
}

/** @param now ms since 1970 */
export function explainStored(approval: Approval, policy: Policy, now: number): StoredExplanation {
  const { pause, requirement, remindAt } = approval;
  const { document } = policy;
  const circumstances = circumstancesOf(approval);
  const today = policy.route(pause, circumstances);
  if (requirement === undefined) {
    const old = 'It was asked before there was a policy file: one person decides it, as the file says now.';
    return { ...explain({ pause, route: today, document, ...circumstances }), state: [...stateOf(approval), old] };
  }
  const rule = document.rules.find(({ name }) => name === requirement.rule) ?? null;
  // A rule that decides itself stores no one who may.
  const standing = approval.decision?.actor.platform === 'policy' ? (rule?.standing ?? null) : null;
  const route = { ...today, rule, requirement, standing, timing: null, remindAfter: [], confirm: approval.confirm };
  const explanation = explain({ pause, route, document, ...circumstances, today: now });
  const isRejectable = pause.actions.includes('reject');
  const context = { requirement, document, isRejectable, confirm: approval.confirm };
  return {
    ...explanation,
    where: `${explanation.where} (As the file says now.)`,
    steps: approval.phase === 'open' ? stepsOfMoments(remindAt, context) : [],
    notes: approval.phase === 'open' ? [...explanation.notes, ...policy.standIns(approval).map(standInText)] : [],
    passed: today.rule === rule ? explanation.passed : [],
    state: [...stateOf(approval), ...changedSince(approval, today.rule?.name ?? null, document)],
  };
}

/** A deputy has one seat, and what only a press can tell of a person is not known while they are away. */
function standInText({ absent, deputy, until }: Absence): string {
  const [away, here] = [actorName(absent), actorName(deputy)];
  return `${away} is away until ${momentText(until)}: ${here} may decide in place of ${away}. Where ${here} may decide it anyway, that is in their own name, and fills one place. What ${away} may by a Discord role alone is not passed on.`;
}

function stateOf(approval: Approval): string[] {
  const { phase, outcome, decision, signatures, askedAt } = approval;
  const asked = `It was asked on ${momentText(askedAt)}.`;
  const by = decision === null ? '' : ` by ${actorName(decision.actor)}`;
  if (phase === 'settled') return [`${asked} It ended as “${outcome.replaceAll('_', ' ')}”${by}.`];
  if (phase === 'decided') return [`${asked} It was decided${by}, and is being sent.`];
  if (signatures.length === 0) return [`${asked} No one has decided it yet.`];
  return [`${asked} So far signed by ${listed(signatures.map(({ actor }) => actorName(actor)))}.`];
}

function changedSince({ requirement }: Approval, today: string | null, { version, source }: PolicyDocument): string[] {
  if (requirement === undefined || requirement.version === version) return [];
  const kept = `${source} has changed since it was asked (version ${requirement.version}, now ${version}). What it takes stays as it was; who belongs to the groups is what the file says now.`;
  if (today === requirement.rule) return [kept];
  return [kept, `Asked today, ${today === null ? 'no rule would fit' : `the rule “${today}” would apply`}.`];
}
