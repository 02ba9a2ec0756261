/** The buttons of a digest. Tested in test/engine/outbox/group-into-digest.test.ts and test/stories/deciding/many.test.ts. */
import type { Approval } from '../../core/approval/approval.ts';
import { canBeDecided, canLeaveDigest, type Digest, digestOf, isInDigest } from '../../core/approval/digest.ts';
import { type Right, refusalOf } from '../../core/approval/inputs.ts';
import type { Action } from '../../core/approval/pause/pause.ts';
import { checkForm } from '../../core/form/check.ts';
import type { Filled } from '../../core/form/form.ts';
import { coerceError, StoreDoubt } from '../../core/ports/errors.ts';
import type { Press, PressAnswer } from '../../core/ports/ports.ts';
import { isDangerous } from '../../core/view/cards/cautions.ts';
import { incompleteIn } from '../../core/view/cards/digest/lines.ts';
import {
  type BulkAction,
  type BulkResult,
  bulkActions,
  bulkForm,
  bulkText,
  type Chosen,
  chosenIn,
  reasonForm,
  strictestOf,
  WHICH,
} from '../../core/view/forms/bulk-form.ts';
import { stoppedText } from '../../core/view/operators/stopped.ts';
import {
  CHOOSE_AGAIN,
  CHOOSE_SOME,
  DANGEROUS_ONE_BY_ONE,
  NEEDS_OWN_MESSAGE,
  NONE_PENDING,
  NOT_RECORDED,
  NOTHING_TO_SPLIT,
  refusalText,
} from '../../core/view/refusals.ts';
import type { Handled, PressDeps, PressHandler, Ready } from './contract.ts';
import { refusalOfPress, strongest } from './rights.ts';

/** A press on a digest, with that digest. */
interface DigestPress {
  press: Press;
  action: BulkAction;
  digest: Digest;
}

/**
 * Deciding several is deciding each: one press, one decision and one call of its own, all asked for in one turn and so
 * recorded in one commit.
 * @param decide what a press on one card does
 */
export function createBulk(deps: PressDeps, decide: PressHandler): { decide: PressHandler; split: PressHandler } {
  const { store } = deps;

  function onDigest(handler: (press: Press, digest: Digest) => Promise<PressAnswer>): PressHandler {
    return async (press) => {
      const { approvalId } = press.buttonId;
      const digest = digestOf(approvalId, await store.digestMembers(approvalId));
      const answer = digest === null ? refused(refusalText('unknown', null)) : await handler(press, digest);
      return { answer, outcome: answer.type } satisfies Handled;
    };
  }

  return {
    decide: onDigest(async (press, digest) => {
      const stop = deps.stopped?.() ?? null;
      if (stop !== null) return refused(stoppedText(stop));
      const bulk = { press, digest, action: press.buttonId.action as BulkAction };
      return press.form === null ? openForm(bulk, deps) : decideChosen(bulk, press.form, deps, decide);
    }),
    split: onDigest((press, digest) => split(press, digest, deps)),
  };
}

function rightOf({ press, action }: DigestPress, member: Approval, { policy }: PressDeps): Right {
  return policy.right(bulkActions[action], press, member);
}

/** Those that this person may decide now. */
function offered(bulk: DigestPress, deps: PressDeps): Approval[] {
  const incomplete = incompleteIn(bulk.digest);
  return bulk.digest.members.filter(
    (member) =>
      canBeDecided(member, bulk.digest.id) &&
      !incomplete.has(member.id) &&
      rightOf(bulk, member, deps) === 'allowed' &&
      // One form is one confirmation; a dangerous action asks for its own.
      !(bulk.action === 'approve_several' && isDangerous(member)),
  );
}

/** Nothing is decided, so nothing is committed. */
async function openForm(bulk: DigestPress, deps: PressDeps): Promise<PressAnswer> {
  const theirs = offered(bulk, deps);
  if (theirs.length === 0) {
    recordStranger(bulk.press, bulk.digest.members, bulkActions[bulk.action], deps);
    return refused(whyNone(bulk, deps));
  }
  const draft = await deps.store.drafts.find(draftKey(bulk));
  return { type: 'form', form: bulkForm(bulk.action, bulk.digest, theirs, deps.forms, draft, deps.clock.hash) };
}

/** A digest has no audit log of its own: a person who may decide none of its lines is in the log of the first one. */
function recordStranger(press: Press, members: readonly Approval[], action: Action, deps: PressDeps): void {
  const right = strongest(members.map((member) => deps.policy.right(action, press, member)));
  const [first] = members;
  if (first === undefined || right === 'allowed') return;
  const { fingerprint } = first;
  const input = { type: 'pressed', action, actor: press.actor, text: null, fingerprint, right } as const;
  deps.attempts.record(first.id, first.id, input, press.id, refusalOf(right));
}

function whyNone(bulk: DigestPress, deps: PressDeps): string {
  const pending = bulk.digest.members.filter((member) => canBeDecided(member, bulk.digest.id));
  const [first] = pending;
  if (first === undefined) return NONE_PENDING;
  const rights = pending.map((member) => rightOf(bulk, member, deps));
  return rights.includes('allowed') ? DANGEROUS_ONE_BY_ONE : notAllowed(bulk.press, rights, first, deps);
}

async function decideChosen(
  bulk: DigestPress,
  filled: Filled,
  deps: PressDeps,
  decide: PressHandler,
): Promise<PressAnswer> {
  const { press, action, digest } = bulk;
  const { store, forms, log } = deps;
  const theirs = offered(bulk, deps);
  const { hash } = deps.clock;
  const picked = chosenIn(filled, theirs, hash);
  const chosen = picked === 'changed' || picked === null ? [] : picked;
  const { [WHICH]: _, ...reason } = filled;
  const checked = checkForm(reasonForm(action, strictestOf(action, digest, forms), forms), reason);
  const errors = {
    ...(chosen.length === 0 && { [WHICH]: picked === 'changed' ? CHOOSE_AGAIN : CHOOSE_SOME }),
    ...(checked.ok ? {} : checked.errors),
  };
  if (Object.keys(errors).length > 0) {
    const kept = picked === 'changed' ? reason : filled;
    // Discord can't keep a form open: the draft is shown when it is opened again.
    if (press.buttonId.page !== undefined) await store.drafts.save(draftKey(bulk), kept);
    return { type: 'invalid', form: bulkForm(action, digest, theirs, forms, kept, hash), errors };
  }
  const incomplete = incompleteIn(digest);
  const joint = createJointTurn(chosen.length);
  const ended = await Promise.allSettled(
    chosen.map((one) => joint.of((ready) => decideOne(bulk, one, incomplete, reason, (press) => decide(press, ready)))),
  );
  const failed = ended.filter((end) => end.status === 'rejected');
  const doubt = failed.find(({ reason }) => reason instanceof StoreDoubt);
  if (doubt !== undefined || failed.length === ended.length) throw coerceError((doubt ?? failed[0])?.reason);
  if (press.buttonId.page !== undefined) clearDraft(bulk, deps);
  const results = ended.map((end, index): BulkResult => {
    if (end.status === 'fulfilled') return end.value;
    log.error({ err: coerceError(end.reason), digest: digest.id }, 'a decision of a bulk press was not recorded');
    return { approvalId: chosen[index]?.approvalId ?? '', text: NOT_RECORDED };
  });
  const text = bulkText(bulkActions[action], digest, results);
  return results.every((one) => one.text !== null) ? refused(text) : { type: 'notified', text };
}

/** So many presses, each of which reads at its own pace, request their changes in one turn. */
function createJointTurn(count: number) {
  const { promise, resolve } = Promise.withResolvers<void>();
  let missing = count;
  const arrive = () => {
    missing -= 1;
    if (missing === 0) resolve();
    return promise;
  };
  return {
    /** @param press calls `ready` at most once, and not at all where it changes nothing */
    async of<T>(press: (ready: Ready) => Promise<T>): Promise<T> {
      let hasArrived = false;
      const ready = () => {
        hasArrived = true;
        return arrive();
      };
      try {
        return await press(ready);
      } finally {
        if (!hasArrived) void arrive();
      }
    },
  };
}

/** As if it had been pressed on a card of its own, by the same person with the same reason. */
async function decideOne(
  { press, action, digest }: DigestPress,
  { approvalId, fingerprint }: Chosen,
  incomplete: ReadonlySet<string>,
  reason: Filled,
  decide: PressHandler,
): Promise<BulkResult> {
  const isMember = digest.members.some(({ id }) => id === approvalId);
  if (!isMember) return { approvalId, text: refusalText('unknown', null) };
  if (incomplete.has(approvalId)) return { approvalId, text: NEEDS_OWN_MESSAGE };
  const buttonId = { approvalId, action: bulkActions[action], fingerprint };
  const { answer } = await decide({ ...press, id: `${press.id}:${approvalId}`, buttonId, form: reason });
  if (answer.type === 'accepted') return { approvalId, text: null };
  if (answer.type === 'notified') return { approvalId, text: null, isWaiting: true };
  return { approvalId, text: answer.type === 'refused' ? answer.text : NEEDS_OWN_MESSAGE };
}

/** *Split up*: who may decide one of them may give each its own message. */
async function split(press: Press, digest: Digest, deps: PressDeps): Promise<PressAnswer> {
  const { id, actor, roles } = press;
  const { apply, policy } = deps;
  const staying = digest.members.filter((member) => isInDigest(member, digest.id) && canLeaveDigest(member));
  const [first] = staying;
  if (first === undefined) return refused(NOTHING_TO_SPLIT);
  const rights = staying.flatMap((member) =>
    member.pause.actions.map((action) => policy.right(action, { actor, roles }, member)),
  );
  if (!rights.includes('allowed')) {
    recordStranger(press, staying, 'approve', deps);
    return refused(notAllowed(press, rights, first, deps));
  }
  const input = { type: 'released', slot: digest.slotName, actor } as const;
  await Promise.all(staying.map((member) => apply(member.id, input, `${id}:${member.id}`)));
  return { type: 'accepted' };
}

function draftKey({ press: { buttonId, actor }, action }: DigestPress) {
  return { approvalId: buttonId.approvalId, action: bulkActions[action], actor, fingerprint: '0' };
}

/** The next time the form opens empty. */
function clearDraft(bulk: DigestPress, { store, log }: PressDeps): void {
  store.drafts.save(draftKey(bulk), {}).catch((error: unknown) => {
    log.warn({ digest: bulk.digest.id, err: error }, 'the draft of a form is not deleted yet');
  });
}

function notAllowed(press: Press, rights: readonly Right[], first: Approval, deps: PressDeps): string {
  return refusalOfPress(rights.includes('unverified') ? 'unverified' : 'not_allowed', first, press, deps);
}

function refused(text: string): PressAnswer {
  return { type: 'refused', text };
}
