/** What replicas that have ended have left under way. Tested in test/engine/recovery/adoption.test.ts. */
import type { Approval } from '../../core/approval/approval.ts';
import type { EndedReplica, OpenRun, Unfinished } from '../../core/ports/ports.ts';
import { ONLY_REPLICA } from '../../core/ports/store/fleet.ts';

type Run = Pick<OpenRun, 'backend' | 'runId'>;

export class Left {
  readonly #ended: ReadonlySet<string>;
  /** No other replica is alive: what no one is known to read, no one reads. */
  readonly isAll: boolean;
  /** Their readings. */
  readonly rows: readonly OpenRun[];
  readonly #runs: ReadonlySet<string>;
  readonly #groups: ReadonlySet<string>;
  readonly #runsOfOthers: ReadonlySet<string>;
  readonly #groupsOfOthers: ReadonlySet<string>;

  /**
   * @param isAlone no other replica is alive
   * @param readings of all replicas
   */
  constructor(ended: readonly EndedReplica[], isAlone: boolean, readings: readonly OpenRun[]) {
    this.#ended = new Set(ended.map(({ replica }) => replica));
    // Rows of earlier versions do not say whose they are.
    this.isAll = isAlone || this.#ended.has(ONLY_REPLICA);
    this.rows = readings.filter(({ replica }) => this.#ended.has(replica));
    this.#runs = new Set(this.rows.map(runName));
    this.#groups = groupsOf(this.rows);
    const others = readings.filter(({ replica }) => !this.#ended.has(replica));
    this.#runsOfOthers = new Set(others.map(runName));
    this.#groupsOfOthers = groupsOf(others);
  }

  get replicas(): string[] {
    return [...this.#ended];
  }

  /** Whether something of it may be left; only reading it tells. */
  mayConcern(approval: Pick<Unfinished, 'phase' | 'backend' | 'runId'>): boolean {
    return this.isAll || approval.phase === 'sending' || this.#runs.has(runName(approval));
  }

  /** No one reads the run any more. */
  hasRun(run: Run): boolean {
    const name = runName(run);
    return !this.#runsOfOthers.has(name) && (this.isAll || this.#runs.has(name));
  }

  /** No one reads the stream that may announce more of its group. */
  hasStream({ streamOpen, pause: { groupId } }: Pick<Approval, 'streamOpen' | 'pause'>): boolean {
    return streamOpen && !this.#groupsOfOthers.has(groupId) && (this.isAll || this.#groups.has(groupId));
  }

  /** No one is left to say how the application's call ended. */
  hasCall({ callBy = ONLY_REPLICA }: Pick<Approval, 'callBy'>): boolean {
    return this.isAll || this.#ended.has(callBy);
  }
}

function groupsOf(rows: readonly OpenRun[]): Set<string> {
  return new Set(rows.flatMap(({ groups }) => groups));
}

export function runName({ backend, runId }: Run): string {
  return `${backend}\n${runId}`;
}
