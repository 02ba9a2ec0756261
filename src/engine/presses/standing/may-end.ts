import type { Approval } from '../../../core/approval/approval.ts';
import { isSamePerson, type Person } from '../../../core/approval/person.ts';
import type { Grant } from '../../../core/policy/grants/grant.ts';
import type { Policy } from '../../../core/policy/rules/policy.ts';

/** Who gave a standing answer, who may approve such a request, and operators may end it. */
export function mayEnd(person: Person, grant: Grant, approval: Approval, policy: Policy): boolean {
  if (isSamePerson(grant.by, person.actor) || policy.operators.right(person) === 'allowed') return true;
  return policy.right('approve', person, approval) === 'allowed';
}
