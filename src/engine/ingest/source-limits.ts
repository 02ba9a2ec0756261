/**
 * How many approvals of one source may be open at once, and what says that there are more. The store counts: this is the
 * one place that every source passes. Tested in test/engine/ingest/source-limits.test.ts.
 */
import type { SourceLimit } from '../../core/approval/inputs.ts';
import type { Pause } from '../../core/approval/pause/pause.ts';
import type { Policy } from '../../core/policy/rules/policy.ts';
import type { Clock, Log, Source } from '../../core/ports/ports.ts';
import type { Apply, OnCommitted } from '../apply.ts';

/**
 * A room takes about one card in a second, so these are posted within ten minutes, and no team decides more in a day. A
 * source that has more open is broken, or hostile.
 */
export const OPEN_MAX = 500;
/** A source that is full, has room and is full again gets one note in this time, ms. */
const NOTE_EVERY_MS = 3_600_000;

interface LimitsDeps {
  apply: Apply;
  policy: Pick<Policy, 'places'>;
  /** Default: `OPEN_MAX`. */
  max?: number | undefined;
  clock: Clock;
  log: Log;
  onCommitted: OnCommitted;
}

/** The sources that are full. In memory: a restart counts from zero, and the same hour has the same note. */
export class SourceLimits {
  readonly #deps: LimitsDeps;
  readonly #max: number;
  /** How many were refused of each source that is full. */
  readonly #refusals = new Map<string, number>();
  readonly #notedAt = new Map<string, number>();

  constructor(deps: LimitsDeps) {
    this.#deps = deps;
    this.#max = deps.max ?? OPEN_MAX;
  }

  limitOf({ id }: Source): SourceLimit {
    return { id, max: this.#max };
  }

  /**
   * A pause has no card, for its source has too many. The first is alerted and said in the rooms; the others are counted.
   * Rejects when nothing was recorded.
   */
  async refused(source: Source, { backend }: Pause): Promise<void> {
    const { onCommitted, log } = this.#deps;
    const known = this.#refusals.get(source.id);
    const refused = (known ?? 0) + 1;
    this.#refusals.set(source.id, refused);
    onCommitted({ type: 'source_full', backend, source, max: this.#max });
    if (known !== undefined) return;
    log.warn({ backend, source: source.id, open: this.#max }, 'a source has too many open approvals: more get no card');
    await this.#note(source, backend).catch((thrown: unknown) => {
      // With the next one it is tried again.
      this.#refusals.delete(source.id);
      throw thrown;
    });
  }

  /** A new approval of this source was recorded. */
  recorded(source: Source, { backend }: Pause): void {
    const refused = this.#refusals.get(source.id);
    if (refused === undefined) return;
    this.#refusals.delete(source.id);
    const { onCommitted, log } = this.#deps;
    log.info({ backend, source: source.id, refused }, 'a source has room for approvals again');
    onCommitted({ type: 'source_has_room', backend, source, refused });
  }

  async #note(source: Source, backend: string): Promise<void> {
    const { apply, policy, clock } = this.#deps;
    const now = clock.now();
    const last = this.#notedAt.get(source.id);
    if (last !== undefined && Math.abs(now - last) < NOTE_EVERY_MS) return;
    const key = `too_many ${source.id} ${Math.floor(now / NOTE_EVERY_MS)}`;
    const id = clock.hash(`note\n${backend}\n${key}`);
    const pause: Pause = {
      backend,
      key,
      kind: 'note',
      groupId: key,
      runId: key,
      tool: source.name,
      description: null,
      asker: null,
      reason: null,
      parameters: {},
      hidden: [],
      actions: [],
      deadline: null,
      wire: {},
    };
    const input = { type: 'noted', id, pause, why: 'too_many_open', fingerprint: id } as const;
    await apply(id, { ...input, places: policy.places(pause) }, id);
    this.#notedAt.set(source.id, now);
  }
}
