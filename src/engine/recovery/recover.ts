/**
 * What is done with each approval that a replica left, at the start of another process or beside its work. Tested in
 * test/engine/engine.test.ts, test/engine/recovery/adoption.test.ts and test/faults/process/start-up.test.ts.
 */
import type { Approval } from '../../core/approval/approval.ts';
import type { InputOf } from '../../core/approval/inputs.ts';
import { isTooNew, TOO_NEW } from '../../core/approval/parts/shape.ts';
import { step } from '../../core/approval/steps/step.ts';
import { byApplication } from '../../core/approval/steps/transitions.ts';
import type { Policy } from '../../core/policy/rules/policy.ts';
import { coerceError } from '../../core/ports/errors.ts';
import type { Asked, Backend, Clock, Intake, Log, OpenRun, Store, Unfinished } from '../../core/ports/ports.ts';
import type { Apply } from '../apply.ts';
import { closedReading, readingOf } from '../ingest/readings.ts';
import { type Left, runName } from './left.ts';

/** What was left unfinished. */
export interface Recovered {
  /** Approvals that are not settled. */
  readonly unfinished: number;
  /** Decisions in flight: their call may have arrived. */
  readonly inDoubt: number;
  /** Runs that were being followed, and could not be reconnected; so far. */
  readonly runsLost: number;
}

export interface Reconciliation {
  backends: ReadonlyMap<string, Backend>;
  intake: Intake;
  /** The present settings decide what is dangerous. */
  policy: Pick<Policy, 'confirms'>;
  /** Whether something else is drawn now than the cards show, or may be. */
  redraw: boolean;
  /** Called with each that is left as it is, and with those that wait for their recovery. */
  onUnchanged: (approval: Asked) => void;
  /** What a changed policy makes of it. */
  review: (approval: Approval) => Promise<void>;
}

/** All of one run, which are recovered together: its backend reconnects the run for all of them. */
export interface UnfinishedRun extends Pick<OpenRun, 'backend' | 'runId'> {
  ids: readonly string[];
}

interface Deps {
  store: Store;
  apply: Apply;
  /** This replica. */
  me: string;
  clock: Clock;
  log: Log;
}

/** One by one, in any order, each run once; one that failed may be repeated. */
export class RunRecovery {
  readonly #deps: Deps;
  readonly #parts: Reconciliation;
  readonly #left: Left;
  readonly #reconciled = new Set<string>();
  readonly #reconnected = new Set<string>();
  readonly #lost = new Set<string>();
  readonly #inDoubt = new Set<string>();
  /** Lost, and not reported yet. */
  readonly #unreported: Pick<OpenRun, 'backend' | 'runId'>[] = [];
  readonly recovered: Recovered;

  constructor(
    deps: Deps,
    { unfinished, left }: { unfinished: readonly Unfinished[]; left: Left },
    parts: Reconciliation,
  ) {
    this.#deps = deps;
    this.#parts = parts;
    this.#left = left;
    const lost = this.#lost;
    const inDoubt = this.#inDoubt;
    const sending = unfinished.filter(({ phase }) => phase === 'sending').length;
    this.recovered = {
      unfinished: unfinished.filter(({ phase }) => phase !== 'settled').length,
      get inDoubt() {
        return left.isAll ? sending : inDoubt.size;
      },
      get runsLost() {
        return lost.size;
      },
    };
  }

  /** Whose work it takes over. */
  get replicas(): readonly string[] {
    return this.#left.replicas;
  }

  get runsReconnected(): number {
    return this.#reconnected.size;
  }

  /** @throws StoreError */
  async recover(runs: readonly UnfinishedRun[]): Promise<void> {
    const ids = runs.flatMap((run) => run.ids);
    const found = await Promise.all(ids.map((id) => this.#read(id)));
    const approvals = found.filter((one) => one !== null);
    const names = new Set(runs.filter((run) => this.#left.hasRun(run)).map(runName));
    await this.#reconnect(names, approvals);
    // In one turn, so in one commit.
    await Promise.all(approvals.map((approval) => this.#recoverOne(approval)));
  }

  /** Null: a newer version has written it, and recovers it. @throws StoreError */
  async #read(id: string): Promise<Approval | null> {
    const { store, log } = this.#deps;
    try {
      const approval = await store.get(id);
      if (!isTooNew(approval)) return approval;
    } catch (thrown) {
      if (coerceError(thrown).message !== TOO_NEW) throw thrown;
    }
    log.warn({ approval: id }, TOO_NEW);
    return null;
  }

  /** Once all are recovered: the runs that were being read, and of which nothing is unfinished. */
  async recoverOthers(): Promise<void> {
    const open = this.#left.rows.filter((run) => this.#left.hasRun(run));
    await this.#reconnect(new Set(open.map(runName)), []);
    this.#unreported.push(...open.filter((run) => run.resume !== null && !this.#reconnected.has(runName(run))));
    await this.reportLost();
    await Promise.all(this.#left.rows.map((run) => this.#close(run)));
  }

  /** Nothing of this reading is left: it goes on as ours, or it is over. */
  async #close(run: OpenRun): Promise<void> {
    const { store, me } = this.#deps;
    if (run.replica !== me) await store.noteRun(closedReading(run, run.replica));
    if (!this.#reconnected.has(runName(run))) await store.noteRun(closedReading(run, me));
  }

  /** Reports the runs that turned out to be lost since the last call. Not part of `recover`: it reads what is recovered. */
  async reportLost(): Promise<void> {
    for (let first = this.#unreported[0]; first !== undefined; first = this.#unreported[0]) {
      await this.#runLost(first);
      this.#unreported.shift();
    }
  }

  /** Each run once, also when its recovery is repeated. */
  async #reconnect(names: ReadonlySet<string>, approvals: readonly Approval[]): Promise<void> {
    const left = names.difference(this.#reconciled);
    const open = this.#left.rows.filter((run) => left.has(runName(run)));
    // Before anything is read: the replica that takes over from us then finds it.
    const { store, me } = this.#deps;
    const taken = open.filter(({ replica }) => replica !== me);
    await Promise.all(taken.map((run) => store.noteRun({ type: 'open', run: { ...run, replica: me } })));
    for (const name of left) this.#reconciled.add(name);
    for (const { name, reconcile } of this.#parts.backends.values()) {
      const mine = approvals.filter(({ pause }) => pause.backend === name && left.has(runName(pause)));
      const runs = open.filter(({ backend, resume }) => backend === name && resume !== null);
      for (const runId of reconcile?.(mine, runs) ?? []) this.#reconnected.add(runName({ backend: name, runId }));
    }
  }

  async #recoverOne(approval: Approval): Promise<void> {
    const { apply, clock, me } = this.#deps;
    const left = this.#left;
    const { policy, redraw, onUnchanged, review } = this.#parts;
    const { id, phase, continuation, mayHaveArrived } = approval;
    const isReconnected = this.#reconnected.has(runName(approval.pause));
    const isStreamLeft = left.hasStream(approval);
    if (isStreamLeft) await apply(id, { type: 'stream_ended' });
    const isFollowed = continuation?.state === 'following';
    if (!isReconnected && isFollowed && left.hasRun(approval.pause)) this.#unreported.push(approval.pause);
    // If its answer was the one that was lost, the run is followed all the same.
    if (isReconnected && continuation === null && (phase === 'sending' || mayHaveArrived)) {
      const following = { type: 'continued', continuation: { state: 'following', text: null } } as const;
      await apply(id, following, null, null, null, { run: readingOf(approval.pause, me) });
    }
    const confirm = policy.confirms(approval);
    const input = { type: 'recovered', confirm, redraw } as const;
    if (isStreamLeft || isChangedBy(approval, input, clock.now())) await apply(id, input);
    else onUnchanged(approval);
    const isCallLeft = phase === 'sending' && left.hasCall(approval);
    if (isCallLeft) this.#inDoubt.add(id);
    if (isCallLeft && byApplication(approval)) {
      // The call was the application's own: only the application can have seen the answer.
      const result = { type: 'ambiguous', reason: { code: 'application_interrupted' } } as const;
      await apply(id, { type: 'sent', result, resendable: false, last: true });
    }
    // By the same policy only signatures can count for others: accounts may have been linked since.
    if (redraw || approval.signatures.length > 0) await review(approval);
  }

  /** Once for each run, through the intake, which counts it. */
  async #runLost({ backend, runId }: Pick<OpenRun, 'backend' | 'runId'>): Promise<void> {
    const name = runName({ backend, runId });
    if (this.#lost.has(name)) return;
    await this.#parts.intake.deliver({ type: 'run_ended', backend, runId, state: 'lost', text: null });
    this.#lost.add(name);
  }
}

/** Oldest first, by the first approval of each. */
export function runsOf(unfinished: readonly Unfinished[]): UnfinishedRun[] {
  const runs: (UnfinishedRun & { ids: string[] })[] = [];
  const byBackend = new Map<string, Map<string, string[]>>();
  for (const { id, backend, runId } of unfinished) {
    const ofBackend = byBackend.get(backend) ?? new Map<string, string[]>();
    byBackend.set(backend, ofBackend);
    const known = ofBackend.get(runId);
    if (known !== undefined) {
      known.push(id);
      continue;
    }
    const ids = [id];
    ofBackend.set(runId, ids);
    runs.push({ backend, runId, ids });
  }
  return runs;
}

function isChangedBy(approval: Approval, input: InputOf<'recovered'>, now: number): boolean {
  const { state, effects } = step(approval, input, now);
  return state !== approval || effects.length > 0;
}
