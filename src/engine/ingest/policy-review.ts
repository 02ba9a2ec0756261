/**
 * What a policy that was loaded again makes of the approvals that are open. What is required of them stays, unless no one can
 * decide by it; who belongs is the newest document's to say, and what it masks is masked. Tested in test/engine/ingest/policy-review.test.ts.
 */
import type { Approval } from '../../core/approval/approval.ts';
import type { InputOf } from '../../core/approval/inputs.ts';
import type { Requirement } from '../../core/approval/parts/requirement.ts';
import { asksPerson, type Pause, type Previous } from '../../core/approval/pause/pause.ts';
import type { Redactor } from '../../core/approval/pause/redact.ts';
import { personKey } from '../../core/approval/person.ts';
import { step } from '../../core/approval/steps/step.ts';
import { coerceError } from '../../core/ports/errors.ts';
import type { Store } from '../../core/ports/ports.ts';
import { canonical } from '../../core/text/canonical.ts';
import { inSlices } from '../slices.ts';
import { type AnnounceDeps, ruledBy } from './announcements.ts';

/** Resolves once it is recorded; the cards follow. */
export async function reviewOpen(deps: AnnounceDeps): Promise<void> {
  const { store, apply, log } = deps;
  let rerouted = 0;
  await forEachPending(store, async (approval) => {
    const input = reviewOf(approval, deps);
    if (isRerouted(approval, input)) rerouted += 1;
    await apply(approval.id, input);
  });
  log.info({ policy: deps.policy.document.version, rerouted }, 'the policy applies to what is open');
}

/** At a start: applied only where something else is required, or masked, or others have signed than it says. */
export async function reviewChanged(approval: Approval, deps: AnnounceDeps): Promise<void> {
  if (approval.phase !== 'open' || !asksPerson(approval.pause)) return;
  const input = reviewOf(approval, deps);
  const isNews = isRerouted(approval, input) || input.masked !== undefined || isOtherwiseSigned(approval, input, deps);
  if (isNews) await deps.apply(approval.id, input);
}

function isRerouted(approval: Approval, { requirement }: InputOf<'policy_changed'>): boolean {
  return requirement !== undefined && !isSame(requirement, approval.requirement);
}

/**
 * Other accounts are one person than before: the cards say at once whose signatures count. Never rejects: a press reads it
 * anew, and so does the next start.
 */
export async function reviewSigned(deps: AnnounceDeps): Promise<void> {
  const { store, apply, log } = deps;
  try {
    await forEachPending(store, async (approval) => {
      const input = signersOf(approval, deps);
      if (isOtherwiseSigned(approval, input, deps)) await apply(approval.id, input);
    });
  } catch (thrown) {
    log.error({ err: coerceError(thrown) }, 'the cards do not show whose signatures count; the next press does');
  }
}

function forEachPending(store: Store, review: (approval: Approval) => Promise<void>): Promise<void> {
  return inSlices<string>(
    (last, limit) => store.pending.ids(last ?? '', limit),
    async (id) => {
      const approval = await store.get(id);
      if (approval?.phase === 'open' && asksPerson(approval.pause)) await review(approval);
    },
  );
}

function signersOf(approval: Approval, { policy }: AnnounceDeps): InputOf<'policy_changed'> {
  const { earlier } = policy.signing([], { actor: nobody, roles: [] }, approval);
  return { type: 'policy_changed', ...(earlier.length > 0 && { earlier }) };
}

/** Some signature counts for another person, for other groups, or no longer. */
function isOtherwiseSigned(approval: Approval, input: InputOf<'policy_changed'>, { clock }: AnnounceDeps): boolean {
  if (approval.signatures.length === 0) return false;
  const next = step(approval, input, clock.now()).state;
  return next !== null && countedText(next) !== countedText(approval);
}

function countedText({ signatures }: Approval): string {
  return canonical(
    signatures.map(({ actor, groups }) => [actor.id, personKey(actor), actor.inPlaceOf?.person, [...groups].sort()]),
  );
}

/** Those that have no requirement, or one by which no one can decide any more, get that of the newest document. */
export function reviewOf(approval: Approval, deps: AnnounceDeps): InputOf<'policy_changed'> {
  const masked = maskedOf(approval, deps);
  const input = { ...signersOf(approval, deps), ...(masked && { masked }) };
  if (!deps.policy.isOutdated(approval)) return input;
  const { places, confirm, remindAfter, requirement, timing } = ruledBy(approval.pause, approval.novelty ?? null, deps);
  return { ...input, places, confirm, remindAfter, requirement, ...(timing && { timing }) };
}

/** What the masks of now leave of what is stored; null: all of it. What is masked can't be shown again. */
function maskedOf(
  { pause, previous }: Approval,
  { redactor }: AnnounceDeps,
): InputOf<'policy_changed'>['masked'] | null {
  if (redactor === undefined) return null;
  const masked = { pause: redactor.pause(pause), previous: previous && earlierMasked(pause, previous, redactor) };
  return canonical(masked) === canonical({ pause, previous }) ? null : masked;
}

/** Of an earlier question only a part of the fields is kept. */
function earlierMasked(pause: Pause, previous: Previous, redactor: Redactor): Previous {
  const masked: Partial<Pause> = redactor.pause({ ...pause, ...previous } as Pause);
  const kept = Object.keys(previous).map((key) => [key, masked[key as keyof Pause] ?? previous[key as keyof Previous]]);
  return Object.fromEntries(kept) as Previous;
}

function isSame(one: Requirement, other: Requirement | undefined): boolean {
  return other !== undefined && canonical(one) === canonical(other);
}

/** Only those who have signed are asked about. */
const nobody = { platform: '', id: '', name: '' };
