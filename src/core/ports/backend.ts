/**
 * What a backend is, to everybody else: what pauses, and what receives the answer.
 * Tested in test/contract/backends.test.ts.
 */
import type { Approval } from '../approval/approval.ts';
import type { SaidVia, SendResult } from '../approval/inputs.ts';
import type { Actor, DecisionKey } from '../approval/parts/decision.ts';
import type { Action, Pause } from '../approval/pause/pause.ts';
import type { GivenReason } from '../approval/reason.ts';
import type { UnfollowedReason } from '../approval/unfollowed.ts';
import type { NamedRequester } from '../policy/operators/requester.ts';
import type { RunTarget } from '../policy/run-targets.ts';
import type { Consequences } from '../view/card.ts';
import type { Checkup } from './doctor/checkup.ts';
import type { HttpMount } from './http.ts';
import type { OpenRun } from './store/runs.ts';

/** Whose pauses count together, so that none can fill the rooms alone. */
export interface Source {
  /** Of our own making: `runtype:ingest`. */
  id: string;
  /** For people: `Signed ingest`. Empty: the backend itself. */
  name: string;
}

/** What became of a delivery. `too_many` approvals of its source are open: nothing was recorded. */
export type Delivered = 'recorded' | 'too_many';

/** What a backend tells us, from whichever way in. */
export type Delivery =
  | {
      type: 'announced';
      pause: Pause;
      via: Approval['via'];
      streamOpen: boolean;
      inputId: string | null;
      /** The ID of its call: what was announced of its run before may say what is hidden of it. Default: it has none. */
      call?: string;
      /** Default: all that its backend announces counts together. */
      source?: Source;
      /** Read again from a kept stream: it may have been asked long ago. Default: no. */
      readAgain?: boolean;
      /** Asked again after the call whose answer was lost: it did not arrive, if it was the only one. Default: not known. */
      afterCall?: boolean;
      /** Our own stream has seen the run of what signed ingest announces. Default: as far as the store says. */
      isSeenRun?: boolean;
      /** The same key may come back as a new question, once a complete list was seen without it. */
      recurs?: boolean;
    }
  /**
   * A complete pass over what is pending, begun at `begunAt` (ms since 1970), showed these keys and no others.
   * `covers`: of these pauses only, by the keys that the backend gives them; default: all of the backend.
   */
  | { type: 'listed'; backend: string; keys: readonly string[]; begunAt: number; covers?: (pause: Pause) => boolean }
  /** A polled backend can't be reached, or can again. `covers`: where that concerns these pauses only. */
  | {
      type: 'reach';
      backend: string;
      reachable: boolean;
      reason: string | null;
      covers?: (pause: Pause) => boolean;
    }
  /** No more pauses will join this group. */
  | { type: 'stream_ended'; groupId: string }
  /** `verdict` null: it is not known. `completed`: nothing says so, but its call is over. Default: no. */
  | {
      type: 'resolved';
      backend: string;
      key: string;
      verdict: Action | 'timeout' | null;
      reason: string | null;
      completed?: boolean;
      via?: SaidVia;
    }
  /** What the answer to a decision's call says of its pause, after the call counted as recorded or as unconfirmed. */
  | { type: 'answered'; backend: string; key: string; result: SendResult }
  /** Its asker no longer waits, or reads the decision. */
  | { type: 'withdrawn' | 'fetched'; backend: string; key: string }
  /** `lost`: it was cut, and nothing can replay it. `name`: of its agent or flow, where it has no card to say it. */
  | {
      type: 'run_ended';
      backend: string;
      runId: string;
      state: 'completed' | 'failed' | 'lost';
      text: string | null;
      name?: string | null;
      via?: SaidVia;
    }
  /** Our own stream has seen the run: what only signed ingest has announced of it, and that stream has not, is not decided. */
  | { type: 'run_seen'; backend: string; runId: string }
  | { type: 'run_paused'; backend: string; runId: string }
  /** The backend has reported its id, or a new one. */
  | { type: 'run_renamed'; backend: string; from: string; to: string }
  /**
   * Something that may ask a person can have no card: a note in the rooms says so, once per run and reason.
   * `name`: the tool or the agent, as far as it is known.
   */
  | {
      type: 'unfollowed';
      backend: string;
      runId: string | null;
      reason: UnfollowedReason;
      name: string | null;
      via?: SaidVia;
    }
  /**
   * An application's own decision was refused, because applications may not decide here. `key`: of its pause, `action`: what
   * it says; null: not known. `runId`: the run that it names.
   */
  | {
      type: 'decision_refused';
      backend: string;
      key: string | null;
      runId: string | null;
      action: Action | null;
      actor: Actor;
    }
  /** So many more are pending than its list shows; 0 when it shows all again. */
  | { type: 'list_hidden'; backend: string; hidden: number }
  /** A run that can be read again is being read; until it ends or pauses, another process could go on from `resume`. */
  | ({ type: 'run_open' } & Pick<OpenRun, 'backend' | 'runId' | 'resume' | 'opener'>);

/** A run that was being read, and from where it can be read again. */
export type ReadRun = Pick<OpenRun, 'backend' | 'runId' | 'resume'>;

/** An application's own decision, met on its way to the backend. */
export interface ApplicationDecision {
  backend: string;
  key: string;
  action: Action;
  actor: Actor;
  text: string | null;
  /** Whether the pause, as it is stored, is this application's to decide. */
  isOwn: (pause: Pause) => boolean;
}

/**
 * `pass`: there is nothing to record, forward it. `foreign`: the approval is not this application's, so nothing is recorded.
 * `lost`: a press was first. `stopped`: an operator has stopped everything; `text` says who.
 */
export type ApplicationDecisionAnswer =
  | { type: 'recorded'; approvalId: string; of?: DecisionKey }
  | { type: 'pass' }
  | { type: 'foreign' }
  | { type: 'stopped'; text: string }
  /** The policy leaves it to people; `text` says why. */
  | { type: 'people_only'; text: string }
  | { type: 'lost'; approval: Approval };

/** What the engine gives a backend to talk to. */
export interface Intake {
  /** Resolves once it is committed, or refused. */
  deliver(delivery: Delivery): Promise<Delivered>;
  /**
   * Whom a caller names as the one who asked: to be checked before a pause with a requester is delivered.
   * @param by the name of its key, as the policy file lists it; null: it has none
   */
  requesterNamed(requester: string, by: string | null): NamedRequester;
  /** Whether what a backend now has under an approval's key is what its card shows: to be asked right before a call. */
  isAsShown(approval: Approval, found: Pause): boolean;
  /**
   * The keys of the pauses of a run that still wait for an answer, as far as is known.
   * @param ingested with those that only signed ingest has announced; default: no
   */
  waiting(backend: string, runId: string, ingested?: boolean): Promise<readonly string[]>;
  recordApplicationDecision(decision: ApplicationDecision): Promise<ApplicationDecisionAnswer>;
  /** How the forwarded call of an application’s decision ended. @param of as it was recorded; default: what is in force */
  settleApplicationDecision(approvalId: string, result: SendResult<GivenReason>, of?: DecisionKey): Promise<void>;
}

/** A backend's answer to a decision; a continuation stream is read by `follow`, outside the job. */
export type DecideAnswer = {
  /** `changed`: of a group of one. Its backend now has this under its key, so nothing was sent. */
  result: SendResult | { type: 'changed'; pause: Pause };
  /** Of members of the group for which the call ended otherwise, by the keys of their pauses. */
  results?: ReadonlyMap<string, SendResult>;
  /** Reads the continuation to its end; never rejects. */
  follow?: () => Promise<void>;
  /** The backend asked to wait so long before the next try, ms. */
  retryAfterMs?: number;
};

/** Whether a backend can be worked with now; `words` say what is wrong, and what to do. */
export type Reach = { ok: true } | { ok: false; reason: string };

export interface Backend {
  readonly name: string;
  /** Title for people: `Runtype`. */
  readonly title: string;
  /** Whether a second decision for these is known to be refused by the backend, so that an unclear first may be repeated. */
  resendable(group: readonly Approval[]): boolean;
  /** The pause that represents a run to start; its decision starts it. Absent where no run can be started. */
  runPause?(target: RunTarget, key: string): Pause;
  /** What each decision of this pause leads to, true to its wire: for open cards. Absent: cards do not say. */
  consequences?(approval: Approval): Consequences;
  /** Whether its outcome is sent to a callback address that its asker gave. Default: no. */
  callsBack?(approval: Approval): boolean;
  /**
   * Sends the decisions of a group in one call, where the backend can be asked only if it still has what people were
   * shown. Never rejects: every fault is a result.
   */
  decide(group: readonly Approval[], signal: AbortSignal): Promise<DecideAnswer>;
  /**
   * Polls what is pending until `signal` ends. Never rejects: a fault is a delivery, and a wait.
   * @param isOurs false once another replica may poll: what a process read before it froze is of another time
   */
  watch?(signal: AbortSignal, isOurs?: () => boolean): Promise<void>;
  /** What it serves over HTTP. */
  readonly http?: readonly HttpMount[];
  /** Looks whether it can be reached, without any effect there. Absent where `watch` tells. Never rejects. */
  check?(signal: AbortSignal): Promise<Reach>;
  /** For the doctor: what can be looked at here. Absent: what `check` says. */
  checkups?(): readonly Checkup[];
  /**
   * After a start: goes on reading what an earlier process was reading, and holds what still waits against the backend
   * where that is possible without a list. Called for some runs at a time, for each run once.
   * @param approvals those of these runs that something is still to come of
   * @returns the ids of the runs that are read again; never rejects, and the reading outlives the call
   */
  reconcile?(approvals: readonly Approval[], runs: readonly ReadRun[]): readonly string[];
  /** Ends what it still reads, within its own time. */
  stop(): Promise<void>;
}
