/** What a batch is decided on. Tested in test/store/postgres/index.test.ts. */
import type { Approval } from '../../../core/approval/approval.ts';
import type { RecordKind } from '../../../core/ports/store.ts';
import { parseExact } from '../../../core/text/exact/parse.ts';
import type { Session } from '../connection/session.ts';
import { shortKey } from '../keys.ts';
import * as sql from '../sql/commit.ts';
import { checkedState, textOf } from '../stored.ts';
import type { BatchCall } from './call.ts';
import type { WatchStates } from './draft.ts';
import type { Memory, Seen } from './memory.ts';

export interface RecordSeen {
  value: unknown;
  /** Null: there is none. */
  version: number | null;
}

/** What a batch begins with, and what its changes have made of it so far. */
export class World {
  readonly #states = new Map<string, Seen>();
  /** Those that were read for this batch. */
  readonly #loaded = new Set<string>();
  readonly #inputs = new Set<string>();
  readonly #counts = new Map<string, number>();
  readonly #records = new Map<string, RecordSeen>();
  /** States that this version can't read: their changes are refused, and no others. */
  readonly #unreadable = new Map<string, unknown>();
  readonly #memory: Memory;
  readonly #watch: WatchStates | undefined;

  constructor(memory: Memory, watch?: WatchStates) {
    this.#memory = memory;
    this.#watch = watch;
  }

  /** @param afresh nothing is taken from memory */
  async load(session: Session, calls: readonly BatchCall[], afresh: boolean): Promise<void> {
    const changes = calls.flatMap(({ request }) => (request.type === 'change' ? [request.change] : []));
    const ids = [...new Set(changes.map(({ approvalId }) => approvalId))].filter((id) => {
      const seen = afresh ? undefined : this.#memory.get(id);
      if (seen !== undefined) this.#states.set(id, seen);
      return seen === undefined;
    });
    const sources = [...new Set(changes.flatMap(({ limit }) => (limit === undefined ? [] : [shortKey(limit.id)])))];
    const records = changes.flatMap(({ followUp }) => (followUp?.record === undefined ? [] : [followUp.record]));
    if (ids.length + sources.length + records.length === 0) return;
    const inputs = changes.flatMap(({ inputId }) => (inputId === null ? [] : [shortKey(inputId)]));
    // Inputs first: a state that is read later holds what they have changed.
    const [found, states, counts, values] = await session.flight([
      { sql: sql.findInputs, values: [inputs] },
      { sql: sql.loadStates, values: [ids] },
      { sql: sql.countOfSources, values: [sources] },
      { sql: sql.findRecords, values: [records.map(({ kind }) => kind), records.map(({ id }) => id)] },
    ]);
    for (const row of states?.rows ?? []) this.#take(row);
    for (const { id } of found?.rows ?? []) this.#inputs.add(id);
    for (const { source, count } of counts?.rows ?? []) this.#counts.set(source, count);
    for (const { kind, id, value, version } of values?.rows ?? []) {
      this.#records.set(recordKey(kind, id), { value: JSON.parse(value), version });
    }
  }

  #take({ id, state, packed, seq }: { id: string; state: string | null; packed: Buffer | null; seq: number }): void {
    this.#loaded.add(id);
    const text = textOf({ state, packed });
    try {
      const parsed = text === null ? null : checkedState(parseExact(text));
      this.#watch?.parsed?.(parsed as Approval);
      this.#states.set(id, { state: parsed, seq, size: text?.length ?? 0 });
    } catch (thrown) {
      this.#unreadable.set(id, thrown);
    }
  }

  /** Whether it was read for this batch, and not before. */
  isLoaded(id: string): boolean {
    return this.#loaded.has(id);
  }

  /** @throws what its stored state is refused with */
  seen(id: string): Seen {
    if (this.#unreadable.has(id)) throw this.#unreadable.get(id);
    return this.#states.get(id) ?? { state: null, seq: 0, size: 0 };
  }

  see(id: string, seen: Seen): void {
    this.#states.set(id, seen);
  }

  hasInput(id: string): boolean {
    const key = shortKey(id);
    return this.#inputs.has(key) || this.#memory.hasInput(key);
  }

  addInput(id: string): void {
    this.#inputs.add(shortKey(id));
  }

  countOf(source: string): number {
    return this.#counts.get(shortKey(source)) ?? 0;
  }

  /** The approvals of a source that are not settled. */
  count(before: Approval | null, state: Approval | null): void {
    const unsettled = (approval: Approval | null) =>
      approval === null || approval.phase === 'settled' ? null : (approval.source ?? null);
    const [from, to] = [unsettled(before), unsettled(state)];
    if (from === to) return;
    if (from !== null) this.#counts.set(shortKey(from), this.countOf(from) - 1);
    if (to !== null) this.#counts.set(shortKey(to), this.countOf(to) + 1);
  }

  record(kind: RecordKind, id: string): RecordSeen {
    return this.#records.get(recordKey(kind, id)) ?? { value: undefined, version: null };
  }

  setRecord(kind: RecordKind, id: string, value: unknown): void {
    this.#records.set(recordKey(kind, id), { value, version: this.record(kind, id).version });
  }
}

function recordKey(kind: string, id: string): string {
  return `${kind} ${id}`;
}
