/**
 * What the list of a polled backend says beside what is new: what it no longer shows, and that it can't be reached. Tested
 * in test/engine/ingest/polled.test.ts.
 */
import type { Clock, Delivery, Log, Store } from '../../core/ports/ports.ts';
import type { Apply } from '../apply.ts';
import { inSlices } from '../slices.ts';
import { approvalIdOf, keyWithoutGeneration } from './approval-id.ts';

type DeliveryOf<T extends Delivery['type']> = Extract<Delivery, { type: T }>;

interface Deps {
  store: Store;
  apply: Apply;
  clock: Clock;
  log: Log;
}

/** More keys than are pending anywhere; then their IDs are made again. */
const KEYS_MAX = 50_000;

export class PolledLists {
  readonly #deps: Deps;
  /** Of the keys that lists have shown, each after its backend. */
  readonly #ids = new Map<string, string>();
  /** By the keys of a delivery, which are the same array where the list has not changed. */
  readonly #listed = new WeakMap<readonly string[], ReadonlySet<string>>();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** After a complete pass: an approval is read only where the list does not show its ID. */
  async markAbsent({ backend, keys, begunAt, covers = () => true }: DeliveryOf<'listed'>): Promise<undefined> {
    const { store, apply } = this.#deps;
    const listed = this.#listed.get(keys) ?? new Set(keys.map((key) => this.#idOf(backend, key)));
    this.#listed.set(keys, listed);
    const others = (await store.unfinishedIds(backend)).filter((id) => !listed.has(id));
    if (others.length === 0) return;
    const pending = new Set(keys);
    for (const id of others) {
      const approval = await store.get(id);
      if (approval === null) continue;
      const key = keyWithoutGeneration(approval.pause.key);
      if (pending.has(key) || !covers({ ...approval.pause, key })) continue;
      await apply(id, { type: 'absent', begunAt, reason: { code: 'unlisted' } });
    }
  }

  #idOf(backend: string, key: string): string {
    const name = `${backend}\n${key}`;
    const known = this.#ids.get(name);
    if (known !== undefined) return known;
    if (this.#ids.size >= KEYS_MAX) this.#ids.clear();
    const id = approvalIdOf(this.#deps.clock, backend, key);
    this.#ids.set(name, id);
    return id;
  }
}

/** Slice by slice, as it concerns all of them. */
export async function setReachable(
  { backend, reachable, reason, covers = () => true }: DeliveryOf<'reach'>,
  { store, apply, log }: Deps,
): Promise<undefined> {
  log[reachable ? 'info' : 'warn']({ backend, reachable, reason }, 'backend reachable');
  await inSlices<{ id: string; position: number }>(
    (last, limit) => store.unsent(backend, last?.position ?? 0, limit),
    async ({ id }) => {
      const approval = await store.get(id);
      if (approval?.phase !== 'open' || !covers(approval.pause)) return;
      await apply(id, { type: 'unreachable', reason: reachable ? null : (reason ?? { code: 'no_answer' }) });
    },
  );
}
