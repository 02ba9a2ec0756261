/**
 * The replicas that work on one store: who is alive, who holds a duty, and who takes over what a dead one left. Tested in
 * test/core/ports/store/fleet.test.ts.
 */
import type { Actor } from '../../approval/parts/decision.ts';
import type { HomeTab } from './records.ts';

/** Of the only replica of a store that one process opens at a time; and of what was recorded without a replica's name. */
export const ONLY_REPLICA = 'only';

/** What one replica does for all of them. */
export type Duty =
  | `watch:${string}`
  | 'members'
  | 'homes'
  | 'alerts'
  | 'house'
  | 'commands'
  | 'discord-1'
  | 'discord-2'
  | 'identify';

/** Tells the other replicas something that they would notice later anyway. */
export type Word =
  | { type: 'jobs' }
  /** A record of the policy has changed. */
  | { type: 'records' }
  /** Two accounts are on their way to becoming one person. `leftMs` 0: it has ended. */
  | { type: 'link'; request: LinkWord }
  /** A person uses their home tab at this replica. `notice`: what came of their press. */
  | { type: 'home'; tab: HomeTab; notice: string | null }
  | RunWord;

/**
 * A pause of a run has ended, or (`key` null) the run itself; or it goes on in another call of its application. For the
 * responses that others hold.
 */
export interface RunWord {
  type: 'run';
  /** Null: it is not known, and the pause says which. */
  runId: string | null;
  key: string | null;
  /** Whose call says so, as a keyed hash; null: of one without a credential. Absent: no call. */
  by?: string | null;
  /** Its application goes on with it. */
  goesOn?: true;
}

export interface LinkWord {
  id: string;
  from: Actor;
  code: string | null;
  to: Actor | null;
  confirmed: readonly string[];
  leftMs: number;
}

/** A replica that works no more, and whose work somebody has to take over. */
export interface EndedReplica {
  /** Its `me`. */
  replica: string;
  /** `stopped`: it has shut down, and left nothing under way but what it was reading. */
  ended: 'stopped' | 'died';
  /** By the clock of the store, ms since 1970; null: not known. */
  lastBeat: number | null;
}

/** A replica as the store knows it. */
export interface ReplicaReport {
  /** Its `me`. */
  id: string;
  /** Given by the operator, or of its machine. */
  name: string;
  version: string;
  /** As it was last given to `beat`. */
  fingerprint: string;
  /** ms since 1970 */
  startedAt: number;
  /** By the clock of the store. */
  beatAgeMs: number;
  /** False: it works no more, and its work is not taken over yet. */
  isAlive: boolean;
}

export interface Fleet {
  /** Names this process in the store: `lockedBy` of its jobs, the reader of its runs. */
  readonly me: string;
  /** How often `beat` is called, ms. Null: never, since this is the only replica that there can be. */
  readonly beatEveryMs: number | null;
  /** Living replicas by the last beat, this one included. */
  size(): number;
  /**
   * Reports that this replica is alive. After `DEAD_MS` without it, others take over its work.
   * @param fingerprint of its settings and version
   * @throws StoreError
   */
  beat(fingerprint: string): Promise<void>;
  /** False once the last beat is so old that others may consider us dead: then we claim, call and post nothing. */
  alive(): boolean;
  /** How often others have taken this replica for dead, by its last beat: what it had begun before is theirs. */
  lapses(): number;
  /**
   * A duty that one replica holds; null while another has it. `epoch` only grows; every write of a duty carries it.
   * @param forMs 0: it is free from now on
   * @throws StoreError
   */
  hold(duty: Duty, forMs: number): Promise<{ epoch: number } | null>;
  /**
   * Replicas that have ended and whose work is not adopted. Each is given to one caller, and to another if that caller
   * dies. At the first call of a process: with the process before it under the same name.
   * @throws StoreError
   */
  adopt(): Promise<readonly EndedReplica[]>;
  /** All its work is taken over. @throws StoreError */
  adopted(replica: string): Promise<void>;
  /** Until it is let go, or we are dead, we alone send the decisions of this lane (`laneText`). @throws StoreError */
  keepLane(lane: string): Promise<void>;
  /** @throws StoreError */
  letGo(lane: string): Promise<void>;
  /** Sends a word to all others. It may be lost, so nothing may depend on it. Never throws. */
  tell(word: Word): void;
  /** @returns a function that ends this */
  onTold(listener: (word: Word) => void): () => void;
  /** Those that work, this one included. Absent: there can be no other. @throws StoreError */
  report?(): Promise<readonly ReplicaReport[]>;
  /** This replica shuts down, and all its jobs are released: others need not wait until it counts as dead. Never rejects. */
  leave(): Promise<void>;
}

/** A fleet of one, which gets no messages and whose duties are always ours. Every start adopts the process before it. */
export function createFleetOfOne(): Fleet {
  let isFirst = true;
  return {
    me: ONLY_REPLICA,
    beatEveryMs: null,
    size: () => 1,
    beat: async () => {},
    alive: () => true,
    lapses: () => 0,
    hold: async () => FIRST_EPOCH,
    async adopt() {
      const earlier: EndedReplica[] = isFirst ? [{ replica: ONLY_REPLICA, ended: 'died', lastBeat: null }] : [];
      isFirst = false;
      return earlier;
    },
    adopted: async () => {},
    keepLane: async () => {},
    letGo: async () => {},
    tell() {},
    onTold: () => () => {},
    leave: async () => {},
  };
}

const FIRST_EPOCH = { epoch: 1 };
