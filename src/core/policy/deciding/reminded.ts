/** Whom a reminder reaches by a direct message. Tested in test/core/policy/deciding/reminded.test.ts. */
import type { Approval } from '../../approval/approval.ts';
import type { Place } from '../../approval/parts/slot.ts';
import { isSamePerson } from '../../approval/person.ts';
import { directPlace } from '../direct-messages.ts';
import type { Policy } from '../rules/policy.ts';

/** More than these are reminded in the threads: each direct message is a card to be kept true. */
const PEOPLE_MAX = 20;

/**
 * Those who may decide and have not signed, each by their own accounts. None where a group or a role of a platform may, whose
 * members are not known one by one, or where there are too many: then the reminder goes into the threads.
 */
export function remindedDirectly(approval: Approval, policy: Pick<Policy, 'deciders' | 'right' | 'identify'>): Place[] {
  const { all } = policy.deciders(approval);
  if (all.some(({ kind }) => kind !== 'user')) return [];
  const signers = approval.signatures.map(({ actor }) => policy.identify(actor));
  const places = all
    .filter(({ platform, id }) => {
      const actor = policy.identify({ platform, id, name: '' });
      const hasSigned = signers.some((signer) => isSamePerson(signer, actor));
      return !hasSigned && policy.right('approve', { actor, roles: null }, approval) !== 'denied';
    })
    .map(directPlace);
  return places.length > PEOPLE_MAX ? [] : places;
}
