/**
 * What a start has not recovered yet. A call that reads or changes one of these approvals waits until it is recovered, with all
 * of its run: a press, a job or a backend never sees what the last process left. Tested in
 * test/engine/recovery/recovery.test.ts.
 */
import type { Approval } from '../../core/approval/approval.ts';
import type { Intake, PendingApprovals, Store } from '../../core/ports/ports.ts';
import type { UnfinishedRun } from './recover.ts';

/**
 * So many approvals are recovered in one turn of the event loop and in one commit, about 10 ms: a press that comes in
 * meanwhile waits no longer than for that.
 */
const SLICE = 50;

interface Waiting {
  run: UnfinishedRun;
  /** It is being recovered. */
  recovering: Promise<void> | null;
}

export class Unrecovered {
  /** By approval. All of one run share the entry. */
  readonly #waiting = new Map<string, Waiting>();
  #recover: (runs: readonly UnfinishedRun[]) => Promise<void> = async () => {};

  get size(): number {
    return this.#waiting.size;
  }

  ids(): string[] {
    return [...this.#waiting.keys()];
  }

  has(ids: readonly string[]): boolean {
    return this.#waiting.size > 0 && ids.some((id) => this.#waiting.has(id));
  }

  /** From now on these wait for `recover`. */
  begin(runs: readonly UnfinishedRun[], recover: (runs: readonly UnfinishedRun[]) => Promise<void>): void {
    this.#recover = recover;
    for (const run of runs) {
      const waiting: Waiting = { run, recovering: null };
      for (const id of run.ids) this.#waiting.set(id, waiting);
    }
  }

  /** Recovers the next of them, about so many. @throws StoreError */
  async recoverNext(max = SLICE): Promise<void> {
    const next = new Set<Waiting>();
    let count = 0;
    for (const waiting of this.#waiting.values()) {
      if (count >= max) break;
      if (!next.has(waiting)) count += waiting.run.ids.length;
      next.add(waiting);
    }
    await this.#recoverAll([...next]);
  }

  /** Resolves once those of these approvals that wait are recovered. @throws StoreError */
  async recovered(ids: readonly string[]): Promise<void> {
    const touched = [...new Set(ids.flatMap((id) => this.#waiting.get(id) ?? []))];
    for (let at = 0; at < touched.length; at += SLICE) {
      if (at > 0) await turn();
      await this.#recoverAll(touched.slice(at, at + SLICE));
    }
  }

  /** One that fails waits on, and is tried again when it is touched next. */
  async #recoverAll(all: readonly Waiting[]): Promise<void> {
    const begun = all.filter(({ recovering }) => recovering !== null).map(({ recovering }) => recovering);
    const mine = all.filter(({ recovering }) => recovering === null);
    const work = this.#recover(mine.map(({ run }) => run)).then(
      () => {
        for (const { run } of mine) for (const id of run.ids) this.#waiting.delete(id);
      },
      (error: unknown) => {
        for (const one of mine) one.recovering = null;
        throw error;
      },
    );
    for (const one of mine) one.recovering = work;
    await Promise.all([work, ...begun]);
  }
}

/** The store as everyone but the recovery sees it: each approval that it reads or changes is recovered. */
export function recoveredStore(store: Store): { store: Store; unrecovered: Unrecovered } {
  const unrecovered = new Unrecovered();
  const read = async <Found>(look: () => Promise<Found>, approvalsIn: (found: Found) => readonly Approval[]) => {
    const found = await look();
    if (unrecovered.size === 0) return found;
    const ids = approvalsIn(found).map(({ id }) => id);
    if (!unrecovered.has(ids)) return found;
    await unrecovered.recovered(ids);
    return look();
  };
  // What is not named here is the store's own.
  const recovered = Object.assign<Store, Partial<Store>>(Object.create(store), {
    transact(change) {
      if (!unrecovered.has([change.approvalId])) return store.transact(change);
      return unrecovered.recovered([change.approvalId]).then(() => store.transact(change));
    },
    get: (id) =>
      read(
        () => store.get(id),
        (found) => (found === null ? [] : [found]),
      ),
    list: (filter) =>
      read(
        () => store.list(filter),
        (found) => found,
      ),
    digestMembers: (id) =>
      read(
        () => store.digestMembers(id),
        (found) => found,
      ),
    similar: (...asked) =>
      read(
        () => store.similar(...asked),
        ({ unattempted, inDigest }) => [...unattempted, ...inDigest],
      ),
    awaited: (...asked) =>
      read(
        () => store.awaited(...asked),
        ({ latest }) => latest,
      ),
    pending: Object.assign<PendingApprovals, Partial<PendingApprovals>>(Object.create(store.pending), {
      page: (request) =>
        read(
          () => store.pending.page(request),
          ({ approvals }) => approvals,
        ),
    }),
  });
  return { store: recovered, unrecovered };
}

/** For backends: what they tell waits until it can be compared with all that is open. */
export function afterRecovery(intake: Intake, asked: () => Promise<unknown> | null): Intake {
  const after = <Told>(tell: () => Promise<Told>) => asked()?.then(tell) ?? tell();
  return {
    ...intake,
    deliver: (delivery) => after(() => intake.deliver(delivery)),
    waiting: (...run) => after(() => intake.waiting(...run)),
    recordApplicationDecision: (decision) => after(() => intake.recordApplicationDecision(decision)),
    settleApplicationDecision: (...result) => after(() => intake.settleApplicationDecision(...result)),
  };
}

/** The rest of the event loop gets its turn. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
