/** When an edit may begin, and how. Tested in test/engine/outbox/rooms/edit-window.test.ts. */
import type { EditRate } from '../../../core/ports/ports.ts';

/** How an edit may begin: by a call of its platform, by its press, or after a wait. */
export type EditTurn = { by: 'call' | 'press' } | { waitMs: number };

export interface Edit {
  job: number;
  /** `closed`: without a press. `renew`: all that no one waits for. */
  kind: (typeof KINDS)[number];
  /** When it can be made by its press, which no limit counts, ms; null: it can't. */
  pressInMs: number | null;
}

/** How soon to look again where every edit that counts is still on its way, ms. */
const IN_FLIGHT_MS = 1_000;
/** A job that has not come back so long after its turn does not keep it, ms. */
const TURN_KEPT_MS = 2_000;
/** The most urgent first. */
const KINDS = ['pressed', 'closed', 'renew'] as const;
/**
 * Which part of the calls each kind of edit may use up, so that some are always left for what is more urgent. Where little is
 * going on, a press is not needed to edit its card: the answer of a call says more. Beyond a quarter, `byPress`, it takes no
 * calls from those that have no other way.
 */
const SHARES = { pressed: 1, closed: 3 / 4, renew: 1 / 2, byPress: 1 / 4 } as const;

/**
 * The edits of one platform within the time of its limit, in all rooms. A call counts from its beginning, and for that time
 * after its end, since it may have arrived at any moment in between.
 */
export class EditWindow {
  readonly #rate: EditRate;
  readonly #replicas: () => number;
  /** By its job; `until` is on the monotonic clock. */
  #calls: { job: number; until: number }[] = [];
  /** The jobs that wait, and when the turn of each comes, in the order in which they asked. */
  readonly #turns = new Map<number, { kind: Edit['kind']; at: number }>();

  /** @param replicas which share what the platform allows */
  constructor(rate: EditRate, replicas: () => number = () => 1) {
    this.#rate = rate;
    this.#replicas = replicas;
  }

  /** @returns how it may begin; it has begun where it does by a call */
  begin({ job, kind, pressInMs }: Edit, now: number): EditTurn {
    for (const [other, { at }] of this.#turns) if (at + TURN_KEPT_MS < now) this.#turns.delete(other);
    const share = pressInMs === 0 ? 'byPress' : kind;
    const isFree = this.msUntilFree(share, now, this.#ahead(job, kind, now)) === 0;
    if (isFree || pressInMs === 0) {
      this.#turns.delete(job);
      if (!isFree) return { by: 'press' };
      this.#calls.push({ job, until: Number.POSITIVE_INFINITY });
      return { by: 'call' };
    }
    // Each gets a turn of its own: together they would be claimed again at each call that counts no longer.
    const turnMs = this.msUntilFree(kind, now, this.#ahead(job, kind));
    const waitMs = Math.ceil(Math.min(turnMs, pressInMs ?? turnMs));
    this.#turns.set(job, { kind, at: now + waitMs });
    return { waitMs };
  }

  /** @param isSent false: there was no call */
  end(job: number, isSent: boolean, now: number): void {
    this.#calls = this.#calls.flatMap((call) => {
      if (call.job !== job || call.until !== Number.POSITIVE_INFINITY) return [call];
      return isSent ? [{ job, until: now + this.#rate.withinMs }] : [];
    });
  }

  /** How many others come first. @param by those whose turn has come by then; default: all */
  #ahead(job: number, kind: Edit['kind'], by = Number.POSITIVE_INFINITY): number {
    let ahead = 0;
    let isBefore = true;
    for (const [other, turn] of this.#turns) {
      if (other === job) isBefore = false;
      else if (turn.at <= by && (turn.kind === kind ? isBefore : isMoreUrgent(turn.kind, kind))) ahead += 1;
    }
    return ahead;
  }

  /** Until a call counts no longer, where one more is too many; 0: it is not. @param ahead others that come first */
  msUntilFree(kind: keyof typeof SHARES, now: number, ahead = 0): number {
    const max = Math.floor((this.#rate.calls / this.#replicas()) * SHARES[kind]);
    this.#calls = this.#calls.filter(({ until }) => until > now);
    const over = this.#calls.length + ahead - max;
    if (over < 0) return 0;
    const ends = this.#calls.map(({ until }) => until).sort((one, other) => one - other);
    const until = ends[over] ?? now + this.#rate.withinMs;
    return until === Number.POSITIVE_INFINITY ? IN_FLIGHT_MS : until - now;
  }
}

function isMoreUrgent(one: Edit['kind'], other: Edit['kind']): boolean {
  return KINDS.indexOf(one) < KINDS.indexOf(other);
}
