/**
 * What a start does with each approval that the last process left. Tested in test/engine/engine.test.ts and
 * test/faults/process/start-up.test.ts.
 */
import type { Approval } from '../../core/approval/approval.ts';
import type { InputOf } from '../../core/approval/inputs.ts';
import { step } from '../../core/approval/steps/step.ts';
import { byApplication } from '../../core/approval/steps/transitions.ts';
import type { Policy } from '../../core/policy/rules/policy.ts';
import type { Asked, Backend, Clock, Intake, Log, OpenRun, Store, Unfinished } from '../../core/ports/ports.ts';
import type { Apply } from '../apply.ts';

/** What the last process left unfinished. */
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
  clock: Clock;
  log: Log;
}

/** One by one, in any order, each run once; one that failed may be repeated. */
export class RunRecovery {
  readonly #deps: Deps;
  readonly #parts: Reconciliation;
  readonly #openRuns: readonly OpenRun[];
  readonly #reconciled = new Set<string>();
  readonly #reconnected = new Set<string>();
  readonly #lost = new Set<string>();
  /** Lost, and not reported yet. */
  readonly #unreported: Pick<OpenRun, 'backend' | 'runId'>[] = [];
  readonly recovered: Recovered;

  constructor(
    deps: Deps,
    { unfinished, openRuns }: { unfinished: readonly Unfinished[]; openRuns: readonly OpenRun[] },
    parts: Reconciliation,
  ) {
    this.#deps = deps;
    this.#parts = parts;
    this.#openRuns = openRuns;
    const lost = this.#lost;
    this.recovered = {
      unfinished: unfinished.filter(({ phase }) => phase !== 'settled').length,
      inDoubt: unfinished.filter(({ phase }) => phase === 'sending').length,
      get runsLost() {
        return lost.size;
      },
    };
  }

  get runsReconnected(): number {
    return this.#reconnected.size;
  }

  /** @throws StoreError */
  async recover(runs: readonly UnfinishedRun[]): Promise<void> {
    const ids = runs.flatMap((run) => run.ids);
    const found = await Promise.all(ids.map((id) => this.#deps.store.get(id)));
    const approvals = found.filter((one) => one !== null);
    const names = new Set(runs.map(runName));
    const open = this.#openRuns.filter((run) => names.has(runName(run)));
    this.#reconnect(names, approvals, open);
    // In one turn, so in one commit.
    await Promise.all(approvals.map((approval) => this.#recoverOne(approval)));
  }

  /** Once all are recovered: the runs that were being read, and of which nothing is unfinished. */
  async recoverOthers(): Promise<void> {
    this.#reconnect(new Set(this.#openRuns.map(runName)), [], this.#openRuns);
    this.#unreported.push(...this.#openRuns.filter((run) => !this.#reconnected.has(runName(run))));
    await this.reportLost();
  }

  /** Reports the runs that turned out to be lost since the last call. Not part of `recover`: it reads what is recovered. */
  async reportLost(): Promise<void> {
    for (let first = this.#unreported[0]; first !== undefined; first = this.#unreported[0]) {
      await this.#runLost(first);
      this.#unreported.shift();
    }
  }

  /** Each run once, also when its recovery is repeated. */
  #reconnect(names: ReadonlySet<string>, approvals: readonly Approval[], open: readonly OpenRun[]): void {
    const left = names.difference(this.#reconciled);
    for (const name of left) this.#reconciled.add(name);
    for (const { name, reconcile } of this.#parts.backends.values()) {
      const mine = approvals.filter(({ pause }) => pause.backend === name && left.has(runName(pause)));
      const runs = open.filter((run) => run.backend === name && left.has(runName(run)));
      for (const runId of reconcile?.(mine, runs) ?? []) this.#reconnected.add(runName({ backend: name, runId }));
    }
  }

  async #recoverOne(approval: Approval): Promise<void> {
    const { apply, clock } = this.#deps;
    const { policy, redraw, onUnchanged, review } = this.#parts;
    const { id, phase, continuation, mayHaveArrived } = approval;
    const isReconnected = this.#reconnected.has(runName(approval.pause));
    if (approval.streamOpen) await apply(id, { type: 'stream_ended' });
    if (!isReconnected && continuation?.state === 'following') this.#unreported.push(approval.pause);
    // If its answer was the one that was lost, the run is followed all the same.
    if (isReconnected && continuation === null && (phase === 'sending' || mayHaveArrived)) {
      await apply(id, { type: 'continued', continuation: { state: 'following', text: null } });
    }
    const confirm = policy.confirms(approval);
    const input = { type: 'recovered', confirm, redraw } as const;
    if (approval.streamOpen || isChangedBy(approval, input, clock.now())) await apply(id, input);
    else onUnchanged(approval);
    if (phase === 'sending' && byApplication(approval)) {
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

function runName({ backend, runId }: Pick<OpenRun, 'backend' | 'runId'>): string {
  return `${backend}\n${runId}`;
}
