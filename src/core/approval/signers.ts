/** Whose decision it is, where several people signed it. Tested in test/core/approval/signers.test.ts. */
import type { Approval } from './approval.ts';
import { actorName } from './names.ts';
import type { Actor } from './parts/decision.ts';
import type { Signature } from './parts/signature.ts';

type Decided = Pick<Approval, 'decision' | 'signatures'>;

/** In the order in which they signed; the one who decided, where no one else signed. Empty: it is not decided. */
export function signersOf({ decision, signatures }: Decided): Actor[] {
  if (decision === null) return [];
  return isSignedBySeveral({ decision, signatures }) ? signatures.map(({ actor }) => actor) : [decision.actor];
}

/** Signatures of people who had signed before an application or the policy decided are none of that decision. */
export function isSignedBySeveral({ decision, signatures }: Decided): boolean {
  return decision !== null && isPerson(decision.actor) && signatures.length > 1;
}

/**
 * The note or the reason that is sent with the decision: what one person wrote, as it is; of several, who signed, and what
 * each of them wrote. An answer is sent in the words that all of them signed.
 */
export function sentText(state: Decided, nameOf: (actor: Actor) => string = actorName): string | null {
  const { decision, signatures } = state;
  if (decision === null || decision.action === 'take_over' || !isSignedBySeveral(state)) return decision?.text ?? null;
  const verb = decision.action === 'approve' ? 'Approved' : 'Rejected';
  const notes = signatures.flatMap(({ actor, text }: Signature) =>
    text === null ? [] : [`${nameOf(actor)}: ${text}`],
  );
  return [`${verb} by ${joined(signersOf(state).map(nameOf))}.`, ...notes].join('\n');
}

/** `a, b and c` */
export function joined(names: readonly string[], word: 'and' | 'or' = 'and'): string {
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} ${word} ${names.at(-1) ?? ''}`;
}

function isPerson({ platform }: Actor): boolean {
  return platform !== 'application' && platform !== 'policy';
}
