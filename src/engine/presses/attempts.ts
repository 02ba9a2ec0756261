/**
 * Records in the audit log what people tried without the right to it, and what they opened: once in an hour for each person,
 * approval and kind of attempt, so that a flood of presses does not fill the disk. The metrics count each of them.
 * Tested in test/engine/presses/attempts.test.ts.
 */

import { digestOf } from '../../core/approval/digest.ts';
import type { Ignored, InputOf } from '../../core/approval/inputs.ts';
import type { Actor } from '../../core/approval/parts/decision.ts';
import type { Metrics } from '../../core/ports/metrics.ts';
import type { Clock, ForeignPress, Handlers, Log, Store } from '../../core/ports/ports.ts';
import { clip } from '../../core/text/clip.ts';
import type { Apply } from '../apply.ts';

const HOUR_MS = 60 * 60_000;
/** Attempts that are remembered: some MB. Beyond, the oldest may be recorded once more. */
const KNOWN_MAX = 10_000;
/** Rows in an hour for presses of strangers, from however many accounts they come; the metric counts the rest. */
const FOREIGN_ROWS_MAX = 1_000;
/** Of what a stranger’s payload says, characters. */
const ID_MAX = 40;
const NAME_MAX = 80;
/** In place of an approval that does not exist: made-up ids share their rows. */
export const UNKNOWN_APPROVAL = 'unknown';

/** The id of an input that is recorded once in an hour. @param what tells the attempts of one person apart */
export function hourlyId(approvalId: string, { platform, id }: Actor, what: string, now: number): string {
  return `hourly:${what}:${platform}:${id}:${approvalId}:${hourOf(now)}`;
}

function hourOf(now: number): number {
  return Math.floor(now / HOUR_MS);
}

interface AttemptDeps {
  apply: Apply;
  clock: Clock;
  log: Log;
}

/** Records what was refused, after its person has the answer: the row joins a later commit. */
export class Attempts {
  readonly #deps: AttemptDeps;
  /** The hour in which each was recorded. A restart may record it once more. */
  readonly #recorded = new Map<string, number>();
  /** Presses without a row of their own, so that a second delivery is refused as the first one was. */
  readonly #unrecorded = new Map<string, Ignored>();

  constructor(deps: AttemptDeps) {
    this.#deps = deps;
  }

  /** Why an earlier delivery of this press was refused, where only this process knows it. */
  refusedBefore(inputId: string): Ignored | null {
    return this.#unrecorded.get(inputId) ?? null;
  }

  /** Whether it is the first of its kind in this hour; a second call with the same attempt returns false. */
  isFirst(what: string, input: Refusable, ignored: Ignored): boolean {
    const { platform, id } = input.actor;
    const action = 'action' in input ? input.action : '';
    const hour = hourOf(this.#deps.clock.now());
    const key = [input.type, action, ignored, platform, id, what].join(':');
    const isFirst = this.#recorded.get(key) !== hour;
    remember(this.#recorded, key, hour);
    return isFirst;
  }

  /**
   * The text of a person without the right to decide is not kept. Never rejects.
   * @param what the subject of the attempts: one count for each approval, or each run
   */
  record(what: string, approvalId: string, input: Refusable, inputId: string, ignored: Ignored): void {
    const { apply, log } = this.#deps;
    if (!this.isFirst(what, input, ignored)) {
      remember(this.#unrecorded, inputId, ignored);
      return;
    }
    const isStranger = ignored === 'not_allowed' || ignored === 'unverified';
    const kept = isStranger && 'text' in input ? { ...input, text: null } : input;
    apply(approvalId, kept, inputId, ignored).catch((error: unknown) => {
      log.error({ approval: approvalId, err: error }, 'a refused attempt is missing from the audit log');
    });
  }
}

/** Something that a person may be refused. */
type Refusable = InputOf<'pressed' | 'retried' | 'handed_back' | 'unsigned' | 'revealed' | 'started' | 'granted'>;

/** Forgets the oldest. */
function remember<V>(known: Map<string, V>, key: string, value: V): void {
  known.delete(key);
  known.set(key, value);
  const [oldest] = known.keys();
  if (known.size > KNOWN_MAX && oldest !== undefined) known.delete(oldest);
}

/** Presses that their adapter refused: of strangers, of another application, on a message that is not ours, or made up. */
export function createForeignPress(
  deps: AttemptDeps & { store: Pick<Store, 'get' | 'digestMembers'>; metrics: Metrics },
): Handlers['onForeignPress'] {
  const { apply, store, metrics, clock, log } = deps;
  let hour = 0;
  let rows = 0;

  /** The approvals that the button names: its own, or the lines of its digest. */
  async function approvalsOf({ buttonId }: ForeignPress): Promise<string[]> {
    if (buttonId === null) return [UNKNOWN_APPROVAL];
    const { approvalId } = buttonId;
    if ((await store.get(approvalId)) !== null) return [approvalId];
    const digest = digestOf(approvalId, await store.digestMembers(approvalId));
    return [digest?.members[0]?.id ?? UNKNOWN_APPROVAL];
  }

  return async (press) => {
    const { actor, why, buttonId } = press;
    const { platform } = actor;
    metrics.count('presses_foreign', { platform, reason: why });
    const now = clock.now();
    if (hourOf(now) !== hour) {
      hour = hourOf(now);
      rows = 0;
    }
    if (rows >= FOREIGN_ROWS_MAX) return;
    rows += 1;
    try {
      const who = { platform, id: clip(actor.id, ID_MAX), name: clip(actor.name, NAME_MAX) };
      for (const approvalId of await approvalsOf(press)) {
        const input = { type: 'foreign_press', actor: who, why, action: buttonId?.action ?? null } as const;
        await apply(approvalId, input, hourlyId(approvalId, who, `foreign.${why}`, now));
      }
    } catch (error) {
      log.error({ platform, err: error }, 'a foreign press is missing from the audit log');
    }
  };
}
