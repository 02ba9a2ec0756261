/**
 * Dead letters one by one: what each is about, whether it can be retried, and its retry. Tested in
 * test/engine/operators/dead-letters.test.ts.
 */
import type { Approval } from '../../core/approval/approval.ts';
import type { Ignored, InputOf } from '../../core/approval/inputs.ts';
import type { Actor } from '../../core/approval/parts/decision.ts';
import { step } from '../../core/approval/steps/step.ts';
import { byApplication } from '../../core/approval/steps/transitions.ts';
import type { Backend, Clock, DeadLetter, DeadLetterKey, KeyedPage, Log, Store } from '../../core/ports/ports.ts';
import type { Apply } from '../apply.ts';

/**
 * Why a dead letter is not retried. `may_have_arrived`: a second call could decide twice. `over`: it is none any more, or was
 * tried again since. Otherwise what the approval itself says.
 */
export type RetryObstacle = 'may_have_arrived' | 'over' | Ignored;

export interface DeadLetterShown {
  letter: DeadLetter;
  /** Those that it is about; several: a group whose decisions are sent together, or a digest. None: they are gone. */
  approvals: readonly Approval[];
  /** Null: it can be retried. */
  obstacle: RetryObstacle | null;
}

export interface DeadLetters {
  page(after: DeadLetterKey | null, limit: number): Promise<KeyedPage<DeadLetterShown, DeadLetterKey>>;
  /**
   * Idempotent: what was asked for twice is done once. Resolves once it is committed.
   * @param letter as the person saw it
   * @returns null: it is retried. @throws StoreError when nothing was recorded
   */
  retry(letter: Pick<DeadLetter, 'id' | 'claims'>, actor: Actor): Promise<RetryObstacle | null>;
}

export interface DeadLettersDeps {
  store: Pick<Store, 'get' | 'list' | 'audit' | 'digestMembers' | 'overview'>;
  apply: Apply;
  backends: ReadonlyMap<string, Pick<Backend, 'resendable'>>;
  stopped: () => unknown;
  clock: Clock;
  log: Log;
}

export function createDeadLetters(deps: DeadLettersDeps): DeadLetters {
  const { store, log } = deps;

  async function shown(letter: DeadLetter): Promise<DeadLetterShown> {
    const approvals = await approvalsOf(letter, store);
    return { letter, approvals, obstacle: obstacleOf(letter, approvals, deps) };
  }

  return {
    async page(after, limit) {
      const { items, next } = await store.overview.deadLetters(after, limit);
      return { items: await Promise.all(items.map(shown)), next };
    },

    async retry({ id, claims }, actor) {
      const letter = await store.overview.deadLetter(id);
      const obstacle = letter?.claims === claims ? await retryOf(await shown(letter), actor, deps) : 'over';
      const about = letter === null ? {} : { kind: letter.kind, subject: letter.subject, slot: letter.slot };
      log.info(
        { job: id, ...about, actor: actor.id, outcome: obstacle ?? 'retried' },
        'an operator retries a dead letter',
      );
      return obstacle;
    },
  };
}

async function approvalsOf(
  { kind, subject }: DeadLetter,
  store: DeadLettersDeps['store'],
): Promise<readonly Approval[]> {
  if (kind === 'decide') return store.list({ groupId: subject });
  const approval = await store.get(subject);
  return approval === null ? store.digestMembers(subject) : [approval];
}

/** Decisions of ours that did not arrive, or of which that is not known. */
function undelivered(letter: DeadLetter, approvals: readonly Approval[]): Approval[] {
  if (letter.kind !== 'decide') return [];
  return approvals.filter(
    (one) =>
      (one.outcome === 'failed' || one.outcome === 'unconfirmed') && one.decision !== null && !byApplication(one),
  );
}

/** A second call is made only where none has arrived, or where its backend refuses a second one. */
function isRepeatable(approvals: readonly Approval[], backends: DeadLettersDeps['backends']): boolean {
  const backend = backends.get(approvals[0]?.pause.backend ?? '');
  return backend?.resendable(approvals) ?? false;
}

function inputOf(approvals: readonly Approval[], actor: Actor, { backends }: DeadLettersDeps): InputOf<'retried'> {
  const ifNotArrived = isRepeatable(approvals, backends) ? {} : { ifNotArrived: true as const };
  return { type: 'retried', actor, right: 'allowed', ...ifNotArrived };
}

/** Asked for a page. The retry itself looks again, inside its transaction. */
function obstacleOf(letter: DeadLetter, approvals: readonly Approval[], deps: DeadLettersDeps): RetryObstacle | null {
  const failed = undelivered(letter, approvals);
  if (failed.length === 0) return null;
  const input = inputOf(failed, nobody, deps);
  if (input.ifNotArrived && failed.some(({ mayHaveArrived }) => mayHaveArrived)) return 'may_have_arrived';
  const ignored = failed.map((one) => step(one, input, deps.clock.now()).ignored);
  const [first = null] = ignored;
  if (ignored.every((one) => one !== undefined)) return first;
  return deps.stopped() === null ? null : 'stopped';
}

const nobody: Actor = { platform: 'operator', id: '', name: '' };

/** A decision goes through the door again, as by *Try again* on its card; everything else looks at the state as it runs. */
async function retryOf(
  { letter, approvals, obstacle }: DeadLetterShown,
  actor: Actor,
  deps: DeadLettersDeps,
): Promise<RetryObstacle | null> {
  const { store, apply } = deps;
  if (obstacle !== null) return obstacle;
  const failed = undelivered(letter, approvals);
  if (failed.length === 0) {
    const { kind, slot } = letter;
    const audit = { input: 'revived', actor, facts: { kind, ...(slot !== null && { slot }) } };
    const ids = approvals.map(({ id }) => id);
    return (await store.overview.reviveDeadLetter(letter, ids, audit)) ? null : 'over';
  }
  const input = inputOf(failed, actor, deps);
  const refused = await Promise.all(failed.map(({ id }) => refusedBefore(id, store)));
  // In one turn, and so in one commit: what was sent together is sent together again.
  const changes = await Promise.all(
    failed.map(({ id }, at) => apply(id, input, `revived:${letter.id}.${letter.claims}.${refused[at]}:${id}`)),
  );
  const ignored = changes.map((changed) => (changed.duplicate ? null : changed.ignored));
  return ignored.includes(null) ? null : (ignored[0] ?? 'over');
}

/** How often a retry was refused. One that a stop held back must not make the next one a second delivery of it. */
async function refusedBefore(approvalId: string, store: DeadLettersDeps['store']): Promise<number> {
  const rows = await store.audit(approvalId);
  return rows.filter(({ input, ignored }) => input === 'retried' && ignored !== null).length;
}
