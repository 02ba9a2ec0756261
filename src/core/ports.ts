/** The seams of the house. Everything outside `core/` and `engine/` is an implementation of one of these. */
import type { PressAim } from './action.ts';
import type { Action, Actor, Approval, Pause, Place, Receipt } from './approval.ts';
import type { Card } from './card.ts';
import type { Command, CommandAnswer } from './command.ts';
import type { Details } from './details.ts';
import type { Drafts } from './drafts.ts';
import type { Figures } from './figures.ts';
import type { AnswerForm, Filled } from './form.ts';
import type { Effect, Ignored, Right, SendResult, Step } from './inputs.ts';

// ---- Clock ----

/** Time, identity and hashing. Tests own them. */
export interface Clock {
  /** Wall clock, ms since 1970. */
  now(): number;
  /** Never jumps, ms since an arbitrary start. */
  monotonic(): number;
  /** @throws the signal's reason when it is aborted first */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** A new unguessable id. */
  id(): string;
  /** A short, stable, collision-safe name for a text: 22 URL-safe characters. */
  hash(text: string): string;
  /** From 0 up to 1, for jitter. */
  random(): number;
}

// ---- Log ----

/** The part of pino that we use. Fields first, then a short sentence. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  child(fields: object): Log;
}

// ---- Platform ----

/** Somebody used a button or sent in its form. */
export interface Press {
  /** The platform's id of this press: the same one when it is delivered twice. */
  id: string;
  platform: string;
  actor: Actor;
  /** Roles the platform told us along with the press (Discord); other memberships are looked up. */
  roles: readonly string[];
  aim: PressAim;
  /**
   * Null from a button; from a form what the person filled in. Where `aim` names a page, that page of it: what was filled
   * in is then kept between the pages.
   */
  form: Filled | null;
}

/** A form to be filled in. */
export interface Form extends AnswerForm {
  aim: PressAim;
  title: string;
  /** What it is about, so that nobody has to remember the card. */
  about: string;
  submit: string;
  /** What its inputs hold as it opens. */
  filled: Filled;
}

/**
 * How a press is answered, first thing. `accepted` is silent: the cards say the rest. `invalid`: nothing is decided, for
 * these fields are wrong (words by key). `next`: this page was taken, and others follow.
 */
export type PressAnswer =
  | { type: 'accepted' }
  | { type: 'refused'; text: string }
  | { type: 'form'; form: Form }
  | { type: 'invalid'; form: Form; errors: Readonly<Record<string, string>> }
  | { type: 'next'; form: Form }
  /** The whole story, privately. */
  | { type: 'details'; view: DetailsView };

/** What is looked at, and where in it. A platform makes as many pages of it as its limits ask for. */
export interface DetailsView {
  approvalId: string;
  details: Details;
  /** From 0; beyond the last page is the last page. */
  page: number;
}

/** Who takes what people do. Resolving means: it is committed; rejecting: nothing was recorded. */
export interface Handlers {
  onPress(press: Press): Promise<PressAnswer>;
  onCommand(command: Command): Promise<CommandAnswer>;
}

/** All that belongs to one run, beneath its first card. */
export interface Thread {
  root: Receipt;
  /** What the first card is about, for platforms where a thread has a name. */
  title: string;
}

/** The answer to a request of a platform's own. */
export interface WebhookAnswer {
  status: 200 | 400 | 401 | 500 | 503;
  contentType: string;
  body: string;
}

/** A post whose earlier try may have arrived. */
export interface Sought {
  place: Place;
  thread: Thread | null;
  /** As it would be posted now. */
  card: Card;
  /** As every try of it had. */
  key: string;
  /** Whose buttons it may carry; null for what never has any. */
  approvalId: string | null;
  /** When the first of those tries began, ms since 1970 by our own clock. */
  since: number;
  /** The message that stands for it, where one does: then only what is surely another copy of it is wanted. */
  receipt: Receipt | null;
}

/** Steady speed, and how many may come at once before it holds. */
export interface Pace {
  everyMs: number;
  burst: number;
}

export interface Platform {
  readonly name: string;
  /** Of new messages in one room; absent where the platform itself says it as it goes. */
  readonly pace?: Pace;
  /** Connects; what can't be parsed into a press or a command of ours never reaches the handlers. */
  start(handlers: Handlers): Promise<void>;
  /**
   * Posts a new message; in `thread` where that is given, opening it if need be.
   * @param key the same for every try of this post, so that a platform that can will refuse the second
   * @throws PlatformError
   */
  post(place: Place, thread: Thread | null, card: Card, key: string, signal: AbortSignal): Promise<Receipt>;
  /** @throws PlatformError */
  update(receipt: Receipt, card: Card, signal: AbortSignal): Promise<void>;
  /**
   * What earlier tries of a post have left in the room, oldest first. Null: it can't be looked for, for want of a right.
   * Absent where a second post with the same key never makes a second message.
   * @throws PlatformError
   */
  find?(sought: Sought, signal: AbortSignal): Promise<readonly Receipt[] | null>;
  /** Takes a message of ours away; one that has gone already will do. Comes with `find`. @throws PlatformError */
  remove?(receipt: Receipt, signal: AbortSignal): Promise<void>;
  /** The members of a group of reviewers, by user id. Absent where presses bring their roles along. */
  members?(group: string, signal: AbortSignal): Promise<readonly string[]>;
  /** What the platform sends by HTTP, over its raw bytes. Never rejects. */
  receive?(headers: Readonly<Record<string, string>>, bytes: Uint8Array): Promise<WebhookAnswer>;
  /** Says whether cards can be posted here now. @throws PlatformError that says what to do */
  check(signal: AbortSignal): Promise<void>;
  stop(): Promise<void>;
}

// ---- Backend ----

/** What a backend tells us, from whichever way in. */
export type Delivery =
  | {
      type: 'announced';
      pause: Pause;
      via: Approval['via'];
      streamOpen: boolean;
      inputId: string | null;
      /** The same key may come back as a new question, once a complete list was seen without it. */
      recurs?: boolean;
    }
  /** A complete pass over what is pending, begun at `begunAt` (ms since 1970), showed these keys and no others. */
  | { type: 'listed'; backend: string; keys: readonly string[]; begunAt: number }
  /** A polled backend can't be reached, or can again. */
  | { type: 'reach'; backend: string; reachable: boolean; words: string | null }
  /** No more pauses will join this group. */
  | { type: 'stream_ended'; groupId: string }
  | { type: 'resolved'; backend: string; key: string; verdict: Action | 'timeout' | null; words: string | null }
  /** `lost`: it was cut, and nothing can replay it. */
  | { type: 'run_ended'; backend: string; runId: string; state: 'completed' | 'failed' | 'lost'; text: string | null }
  | { type: 'run_paused'; backend: string; runId: string }
  /** The backend has told its id, or a new one. */
  | { type: 'run_renamed'; backend: string; from: string; to: string }
  /** So many more are pending than its list shows; 0 when it shows all again. */
  | { type: 'list_hidden'; backend: string; hidden: number }
  /** A run that can be read again is being read; until it ends or pauses, a new process could go on from `resume`. */
  | ({ type: 'run_open' } & OpenRun);

/** A run that was being read, and where that can go on. */
export interface OpenRun {
  backend: string;
  runId: string;
  /** The backend's own: nobody else reads it. */
  resume: Record<string, unknown>;
}

/** An application's own decision, met on its way to the backend. */
export interface Claim {
  backend: string;
  key: string;
  action: Action;
  actor: Actor;
  text: string | null;
}

/** `pass`: nothing of ours to claim, forward it. `lost`: a press was first. */
export type ClaimAnswer =
  | { type: 'claimed'; approvalId: string }
  | { type: 'pass' }
  | { type: 'lost'; approval: Approval };

/** What the engine gives a backend to talk to. */
export interface Intake {
  /** Resolves once it is committed. */
  deliver(delivery: Delivery): Promise<void>;
  claim(claim: Claim): Promise<ClaimAnswer>;
  /** How the forwarded call of a claim ended. */
  settleClaim(approvalId: string, result: SendResult): Promise<void>;
}

/** A backend's answer to a decision; a continuation stream is read by `follow`, outside the job. */
export type DecideAnswer = {
  result: SendResult;
  /** Reads the continuation to its end; never rejects. */
  follow?: () => Promise<void>;
  /** The backend asked to wait so long before the next try, ms. */
  retryAfterMs?: number;
};

/** A request on its way through the gateway, free of any HTTP library. */
export interface ProxyRequest {
  method: string;
  /** Path and query, as received. */
  target: string;
  /** Names and values in turn, in order, as received. */
  rawHeaders: readonly string[];
  body: AsyncIterable<Uint8Array>;
}

export interface ProxyReply {
  /** `rawHeaders`: names and values in turn. */
  start(status: number, rawHeaders: readonly string[]): void;
  /** Resolves when more may be written; rejects once the caller is gone. */
  write(bytes: Uint8Array): Promise<void>;
  end(): void;
  /** Breaks the connection off, as the upstream's was. */
  destroy(): void;
}

/** What came of an ingested delivery. */
export type ReceiveAnswer = { status: 202; accepted: number } | { status: 400 | 401 | 413; problem: string };

/** Whether a backend can be worked with now; `words` say what is wrong, and what to do. */
export type Reach = { ok: true } | { ok: false; words: string };

export interface Backend {
  readonly name: string;
  /** Title for people: `Runtype`. */
  readonly title: string;
  /** Whether a second decision for these is known to be refused by the backend, so that an unclear first may be repeated. */
  resendable(group: readonly Approval[]): boolean;
  /** Sends the decisions of a group in one call. Never rejects: every fault is a result. */
  decide(group: readonly Approval[], signal: AbortSignal): Promise<DecideAnswer>;
  /** Polls what is pending until `signal` ends. Never rejects: a fault is a delivery, and a wait. */
  watch?(signal: AbortSignal): Promise<void>;
  /** A delivery by webhook, over its raw bytes. */
  receive?(headers: Record<string, string>, bytes: Uint8Array): Promise<ReceiveAnswer>;
  /** The gateway. `signal` ends when the caller is gone. */
  proxy?(request: ProxyRequest, reply: ProxyReply, signal: AbortSignal): Promise<void>;
  /** Looks whether it can be reached, without any effect there. Absent where `watch` tells. Never rejects. */
  check?(signal: AbortSignal): Promise<Reach>;
  /**
   * After a start: goes on reading what an earlier process was reading, and holds what still waits against the backend
   * where that is possible without a list.
   * @param approvals those of this backend that something is still to come of
   * @returns the ids of the runs that are read again; never rejects, and the reading outlives the call
   */
  reconcile?(approvals: readonly Approval[], runs: readonly OpenRun[]): readonly string[];
  /** Ends what it still reads, within its own time. */
  stop(): Promise<void>;
}

// ---- Store ----

/** One input for one approval: the only way anything changes. */
export interface Change {
  approvalId: string;
  /** Deduplicates: an id that was seen changes nothing. Null where `fn` is idempotent by itself. */
  inputId: string | null;
  /** For the audit log: what came in, from whom. */
  audit: AuditNote;
  /** Synchronous, and may be run again. */
  fn: (state: Approval | null) => Step;
}

export interface AuditNote {
  input: string;
  actor: Actor | null;
  /** Further facts worth keeping; no parameters, no secrets. */
  facts: Record<string, unknown>;
}

export interface AuditRow extends AuditNote {
  at: number;
  approvalId: string;
  from: string;
  to: string;
  ignored: Ignored | null;
}

export type Changed =
  | { duplicate: true; state: Approval | null }
  | { duplicate: false; before: Approval | null; state: Approval | null; ignored: Ignored | null };

export interface Job {
  id: number;
  kind: Effect['type'];
  /** `draw`, `wake`: the approval's id. `decide`: the group's. */
  subject: string;
  /** `draw`: which slot. */
  slot: string | null;
  /** Tries since it last succeeded, counted when it is claimed. */
  attempts: number;
  /** Of all time: a settlement of an earlier claim than the last has no effect. */
  claims: number;
  lockedBy: string;
  /** What runs one at a time. */
  lane: string;
  /** `draw`: the room. */
  place: Place | null;
  /** When the first earlier try was claimed that may have had effect, ms since 1970; null: there was none. */
  doubtSince: number | null;
}

/** How a job's run ended. */
export type Settlement =
  | { type: 'done' }
  /**
   * `waitMs`: from now on, by a clock that does not jump. `effectless`: this try surely changed nothing outside, and
   * leaves no doubt. `uncounted`: it was none of the job's.
   */
  | { type: 'retry'; waitMs: number; error: string; effectless?: boolean; uncounted?: boolean }
  | { type: 'dead'; error: string; effectless?: boolean };

/** A room, or (null) every room of the platform. */
export interface Rooms {
  platform: string;
  room: string | null;
}

export type Filter =
  | { groupId: string }
  | { runId: string; backend: string }
  /** Of one backend, or of all. */
  | { unfinished: true; backend?: string };

/** Of a store that is a copy of another: a backup that was put back, or a file that was copied. */
export interface CopyMark {
  /** When it was made, ms since 1970; null where nobody noted it. */
  madeAt: number | null;
}

/** What housekeeping may put away; each in ms since 1970, null for nothing. */
export interface Limits {
  /** Runs that were settled as a whole before then. */
  settledBefore: number | null;
  /** Ids of inputs that came in before then. */
  seenBefore: number;
}

export interface Store {
  /** @throws StoreError when nothing was recorded */
  transact(change: Change): Promise<Changed>;
  /** From the archive, too. */
  get(approvalId: string): Promise<Approval | null>;
  /** Oldest first. A group that is archived as a whole is found; runs are listed without their archived part. */
  list(filter: Filter): Promise<readonly Approval[]>;
  /**
   * Takes up to so many due jobs of each kind, at most one per lane, and counts the attempt. In a lane the most urgent
   * goes first, then the one whose deadline is nearest, then the oldest.
   * @param resting lanes that are left alone for now
   */
  claim(
    limits: Partial<Record<Job['kind'], number>>,
    lockedBy: string,
    leaseMs: number,
    resting?: readonly string[],
  ): Promise<readonly Job[]>;
  /** False when the lease was lost: somebody else has the job now. */
  settle(job: Job, settlement: Settlement): Promise<boolean>;
  /** Returns the jobs of this worker (all workers: a dead process's) unrun. */
  release(lockedBy: string | null): Promise<void>;
  /** Makes dead cards due again: all of these rooms (null: of all), or the `limit` that have been dead the longest. */
  revive(rooms: Rooms | null, limit?: number): Promise<number>;
  /**
   * Marks the waiting job of a card as begun, for a try that another job makes of it.
   * @returns when an earlier try began that may have had effect, ms since 1970; null: there was none
   */
  begin(approvalId: string, slot: string): Promise<number | null>;
  /** In how many ms the next waiting job of a free lane is due; null when none waits. */
  dueIn(resting?: readonly string[]): Promise<number | null>;
  audit(approvalId: string): Promise<readonly AuditRow[]>;
  /**
   * Remembers a word about the process itself, and returns the one it replaces. Always writes, so it also shows
   * whether the store can. @throws StoreError when nothing was recorded
   */
  note(name: string, word: string): Promise<{ word: string; at: number } | null>;
  /** @param deadWithinMs how long ago `deadLately` reaches */
  figures(deadWithinMs: number): Promise<Figures>;
  readonly drafts: Drafts;
  /** Notes that a run is being read, in place of what was noted of it before. @throws StoreError */
  keepRun(run: OpenRun): Promise<void>;
  /** It is read no more. @throws StoreError */
  dropRun(backend: string, runId: string): Promise<void>;
  /** Oldest first. */
  openRuns(): Promise<readonly OpenRun[]>;
  /** Calls back after each commit that put jobs into the outbox. */
  onJobs(listener: () => void): void;
  /** Set while what a copy puts in doubt is not dealt with. */
  copied(): Promise<CopyMark | null>;
  /** It is dealt with: from now on this is the original. */
  settleIn(): Promise<void>;
  /**
   * One slice of housekeeping, a few ms long: archives, forgets, and gives space back. Nothing that is unfinished, that
   * belongs to a run with something unfinished, or that has a job still to run is touched.
   * @returns whether there is more to do
   */
  tidy(limits: Limits): Promise<boolean>;
  close(): Promise<void>;
}

// ---- Policy ----

export interface Policy {
  /** Where the card of this pause goes. */
  places(pause: Pause): readonly Place[];
  right(action: Action, press: Pick<Press, 'actor' | 'roles'>, approval: Approval): Right;
}
