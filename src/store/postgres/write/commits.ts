/**
 * Commits batches of changes: what they are decided on, what is written, and what is known afterwards. Tested in test/store/postgres/index.test.ts.
 */
import type { QueryResult } from 'pg';
import { StoreDoubt, StoreError } from '../../../core/ports/errors.ts';
import type { ReachFailPoint } from '../../../core/ports/fail-points.ts';
import type { Clock, Log } from '../../../core/ports/ports.ts';
import { Failure } from '../connection/errors.ts';
import type { Session } from '../connection/session.ts';
import { findLapses } from '../fleet/sql.ts';
import { shortKey } from '../keys.ts';
import type { OpenRuns } from '../open-runs.ts';
import type { RecordsFollower } from '../records.ts';
import * as sql from '../sql/commit.ts';
import type { BatchCall, Call } from './call.ts';
import { apply, type Draft, draftOf, NeedsFresh, type WatchStates } from './draft.ts';
import type { Memory } from './memory.ts';
import { rejectCall, resolveCall } from './queue.ts';
import { type Counted, statementsOf } from './statements.ts';
import { World } from './world.ts';

/** Between two tries where there is no connection, ms. */
const RECONNECT_MS = 50;
/** Between two tries of a batch that another replica was faster than, ms; times a random number, and more each time. */
const COLLIDED_MS = 2;
const COLLIDED_MOST_MS = 50;
/** The first tries come without a wait: mostly, an input was known. */
const AT_ONCE = 3;

interface Deps {
  /** This process, among the replicas. */
  me: string;
  session: Session;
  follower: RecordsFollower;
  memory: Memory;
  runs: OpenRuns;
  clock: Clock;
  log: Log;
  /** ms since 1970, by the clock of the outbox. */
  now: () => number;
  /** Before the calls have their answers. */
  onCommitted: (drafts: readonly Draft[]) => void;
  /** A commit has changed records of the policy. */
  onRecords: () => void;
  onDuration: (ms: number) => void;
  failPoint?: ReachFailPoint | undefined;
  watch?: WatchStates | undefined;
}

/** One try, as far as it was sent. */
interface Try {
  writeId: string;
  drafts: readonly Draft[];
  /** How many rows each settlement found. */
  found: Map<Draft, number>;
  /** How long the lane of each rests because of its pace, ms. */
  paced: Map<Draft, number>;
  /** How often others had taken this replica for dead, after a settlement of which an earlier try is in doubt. */
  lapses: Map<Draft, number>;
  /** Records that were compared with what was read. */
  checked: Set<string>;
  /** Under which numbers it has changed records. */
  changes: number[];
}

export class Commits {
  readonly #deps: Deps;
  #logged: string | null = null;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  async batch(calls: readonly BatchCall[]): Promise<void> {
    const { session, follower, clock } = this.#deps;
    /** Tries of which it is not known whether they were recorded. */
    const doubts: Try[] = [];
    const mode = { isAfresh: false, isApart: false };
    for (let tries = 1; ; tries += 1) {
      try {
        if (await this.#answeredBy(doubts)) return;
        const open = calls.filter(({ isAnswered }) => !isAnswered);
        if (open.length === 0) return;
        const done = await this.#try(open, mode, doubts);
        if (done) return;
        mode.isAfresh = true;
      } catch (thrown) {
        const failure = failureFrom(thrown);
        this.#forget(calls);
        mode.isAfresh = true;
        if (failure.kind === 'late') await follower.refresh(session.rows).catch(() => {});
        const isBad = failure.kind === 'rows' && !mode.isApart;
        if (isBad) mode.isApart = true;
        else if (failure.kind === 'rows' || failure.kind === 'refused') return this.#reject(calls, failure);
        else await this.#pause(waitMs(failure, tries, clock.random()));
      }
    }
  }

  /** @returns false: it must begin again from what the database has */
  async #try(
    calls: readonly BatchCall[],
    { isAfresh, isApart }: { isAfresh: boolean; isApart: boolean },
    doubts: Try[],
  ): Promise<boolean> {
    const { session, memory, clock } = this.#deps;
    const world = new World(memory, this.#deps.watch);
    await world.load(session, calls, isAfresh);
    const seen = { found: new Map(), paced: new Map(), lapses: new Map(), checked: new Set<string>(), changes: [] };
    const one: Try = { writeId: clock.id(), drafts: [], ...seen };
    if (isApart) return this.#tryApart(calls, world, one, doubts);
    const drafts: Draft[] = [];
    for (const call of calls) {
      const draft = this.#draft(call, world);
      if (draft === 'stale') return false;
      if (draft === null) continue;
      apply(draft, world);
      drafts.push(draft);
    }
    one.drafts = drafts;
    const statements = this.#statements(drafts, one);
    if (statements.length > 0) {
      await this.#send(one, doubts, async () => {
        const begun = [{ sql: sql.begin, values: [] }, ...statements, { sql: sql.commit, values: [] }];
        const results = await session.flight(begun);
        for (const [index, statement] of statements.entries()) count(one, statement, results[index + 1]);
      });
    }
    this.#committed(one, world);
    return true;
  }

  /** One after the other in one transaction: of a bad one, nothing is left, and the others are recorded together. */
  async #tryApart(calls: readonly BatchCall[], world: World, one: Try, doubts: Try[]): Promise<boolean> {
    const session = await this.#deps.session.pinned();
    const drafts: Draft[] = [];
    await session.rows(sql.begin);
    try {
      for (const call of calls) {
        const draft = this.#draft(call, world);
        if (draft === 'stale') throw new Failure('late', 'it was decided by an old state');
        if (draft === null) continue;
        const statements = this.#statements([draft], one);
        await session.rows(sql.savepoint);
        try {
          const results = await session.flight(statements);
          for (const [index, statement] of statements.entries()) count(one, statement, results[index]);
          await session.rows(sql.releaseSavepoint);
        } catch (thrown) {
          const failure = failureFrom(thrown);
          if (failure.kind !== 'rows') throw failure;
          await session.rows(sql.undoSavepoint);
          rejectCall(call, new StoreError(failure.message, { cause: failure }));
          continue;
        }
        apply(draft, world);
        drafts.push(draft);
      }
    } catch (thrown) {
      if (failureFrom(thrown).kind !== 'lost') await session.rows(sql.rollback);
      throw thrown;
    }
    one.drafts = drafts;
    await this.#send(one, doubts, () => session.rows(sql.commit));
    this.#committed(one, world);
    return true;
  }

  #statements(drafts: readonly Draft[], { writeId, checked }: Try): readonly Counted[] {
    const { me, follower, now, runs } = this.#deps;
    const statements = statementsOf(drafts, { me, writeId, now: now(), runs, checked });
    // What a record of the policy has decided is in the audit log.
    const isDecided = drafts.some(({ audit }) => audit.length > 0);
    return isDecided ? [follower.checkStatement(), ...statements] : statements;
  }

  /** @returns null: it has thrown, and its caller knows */
  #draft(call: BatchCall, world: World): Draft | 'stale' | null {
    try {
      return draftOf(call, world, this.#deps.now(), this.#deps.watch);
    } catch (thrown) {
      const { request } = call;
      const isOld = request.type === 'change' && !world.isLoaded(request.change.approvalId);
      if (thrown instanceof NeedsFresh || isOld) return 'stale';
      const message = thrown instanceof Error ? thrown.message : String(thrown);
      rejectCall(call, thrown instanceof StoreError ? thrown : new StoreError(message, { cause: thrown }));
      return null;
    }
  }

  /** Sends what can't be taken back. */
  async #send(one: Try, doubts: Try[], send: () => Promise<unknown>): Promise<void> {
    const { clock, failPoint, onDuration } = this.#deps;
    const calls = one.drafts.map(({ call }) => call);
    failPoint?.('commit.before');
    const startedAt = clock.monotonic();
    for (const call of calls) call.isSent = true;
    try {
      await send();
    } catch (thrown) {
      const isLost = failureFrom(thrown).kind === 'lost';
      if (isLost) doubts.push(one);
      for (const call of calls) {
        call.isInDoubt ||= isLost;
        call.isSent = call.isInDoubt;
      }
      throw thrown;
    }
    onDuration(clock.monotonic() - startedAt);
    failPoint?.('commit.after');
  }

  async #pause(ms: number): Promise<void> {
    if (ms > 0) await this.#deps.clock.sleep(ms);
  }

  /**
   * Whether one of these was recorded, and its calls have their answers. One that is not found may still be recorded by the
   * server that was not heard of again: then it collides with the next try.
   */
  async #answeredBy(doubts: readonly Try[]): Promise<boolean> {
    const { me, session } = this.#deps;
    for (const doubt of doubts) {
      const row = doubt.drafts.flatMap(({ audit }) => audit)[0];
      if (row === undefined) continue;
      const [found] = await session.rows<{ write_id: string }>(sql.findWriteId, [row.id, row.seq]);
      if (found?.write_id !== doubt.writeId) continue;
      const endings = doubt.drafts.filter(({ ending }) => ending !== null);
      if (endings.length > 0) {
        const [own] = await session.rows<{ lapses: number }>(findLapses, [me]);
        for (const draft of endings) if (own !== undefined) doubt.lapses.set(draft, own.lapses);
      }
      this.#committed(doubt, null);
      return true;
    }
    return false;
  }

  #committed(one: Try, world: World | null): void {
    const { memory, follower, log, onCommitted, onRecords } = this.#deps;
    for (const version of one.changes) follower.wrote(version);
    if (one.changes.length > 0) onRecords();
    for (const { call, input } of one.drafts) {
      if (input !== null) memory.addInput(shortKey(input));
      if (call.request.type !== 'change') continue;
      const { approvalId } = call.request.change;
      if (world === null) memory.forget(approvalId);
      else memory.keep(approvalId, world.seen(approvalId));
    }
    if (this.#logged !== null) log.info({}, 'the database can be written again');
    this.#logged = null;
    try {
      onCommitted(one.drafts);
    } catch (thrown) {
      log.error({ err: thrown }, 'what follows from a commit has failed');
    }
    for (const draft of one.drafts) this.#answer(draft, one);
  }

  #answer(draft: Draft, { found, paced, lapses }: Try): void {
    const { call, changed, ending } = draft;
    // A settlement that finds nothing after one whose answer was lost has found what that one did, unless others have taken
    // the job since it was claimed.
    const wasSettled = call.isInDoubt && ending !== null && lapses.get(draft) === ending.job.lapses;
    const settled = ending === null ? undefined : wasSettled || (found.get(draft) ?? 0) > 0;
    if (changed === null) resolveCall(call, settled === true ? { pacedMs: paced.get(draft) ?? 0 } : null);
    else resolveCall(call, settled === undefined ? changed : { ...changed, settled });
  }

  #forget(calls: readonly BatchCall[]): void {
    for (const { request } of calls) if (request.type === 'change') this.#deps.memory.forget(request.change.approvalId);
  }

  #reject(calls: readonly BatchCall[], failure: Failure): void {
    // Once, not for every press that it affects.
    if (this.#logged !== failure.message) this.#deps.log.error({}, failure.message);
    this.#logged = failure.message;
    for (const call of calls) rejectCall(call, errorFor(call, failure));
  }
}

/** An earlier try of it may still be recorded. */
function errorFor({ isSent }: Call, failure: Failure): Error {
  const options = { cause: failure };
  return isSent ? new StoreDoubt(failure.message, options) : new StoreError(failure.message, options);
}

function count({ found, paced, lapses, changes }: Try, statement: Counted, result: QueryResult | undefined): void {
  if (result === undefined) return;
  const { draft, returns } = statement;
  const row = result.rows[0] as { paced?: number; lapses?: number; version?: number } | undefined;
  if (returns === 'version') changes.push(row?.version ?? 0);
  else if (draft === undefined) return;
  else if (returns === 'pace') paced.set(draft, row?.paced ?? 0);
  else if (returns === 'lapses') lapses.set(draft, row?.lapses ?? -1);
  else found.set(draft, (found.get(draft) ?? 0) + (result.rowCount ?? 0));
}

/** What is no failure of the database is a bug: nothing of the batch was sent. */
function failureFrom(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  return new Failure('refused', thrown instanceof Error ? thrown.message : String(thrown), thrown);
}

function waitMs({ kind }: Failure, tries: number, random: number): number {
  if (kind === 'late')
    return tries <= AT_ONCE ? 0 : Math.ceil(Math.min(tries * COLLIDED_MS, COLLIDED_MOST_MS) * random);
  return kind === 'unreached' ? RECONNECT_MS : 0;
}
