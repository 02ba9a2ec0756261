/**
 * Asks platforms for names, one person at a time, first for those who pressed.
 * Tested in test/engine/background/names.test.ts.
 */
import type { Actor } from '../../core/approval/parts/decision.ts';
import { coerceError, PlatformError } from '../../core/ports/errors.ts';
import type { Clock, Log, Platform } from '../../core/ports/ports.ts';

/** The length of each of the two queues: a platform that is down costs little memory. */
const MAX_WAITING = 1_000;
/** Time limit of one look-up. */
const LOOK_UP_MS = 10_000;
/** How long a look-up waits after a press, whose acknowledgement must not share the network with it. */
const AFTER_PRESS_MS = 500;
/** Slack allows more than 100 look-ups a minute, and bursts. */
const PACE = { everyMs: 600, burst: 20 };
/** How long all look-ups wait where they are not allowed; an operator may have allowed them by then. */
const AFTER_REFUSAL_MS = 60 * 60_000;
/** The same after any other failure, unless the platform says how long. */
const AFTER_FAILURE_MS = 60_000;
/** How often it is checked whose names are too old. */
export const ROUND_MS = 60 * 60_000;

export type PersonId = Pick<Actor, 'platform' | 'id'>;

export function keyOf({ platform, id }: PersonId): string {
  return `${platform}:${id}`;
}

export interface LookUpsDeps {
  platforms: ReadonlyMap<string, Platform>;
  clock: Clock;
  log: Log;
  /** Default: by the platform's `nameOf`. */
  ask?: (subject: PersonId, signal: AbortSignal) => Promise<string | null | undefined>;
  /** What is shown without a name, for the log. Default: the handle. */
  instead?: string;
  /** `name` null: the platform knows no such person. */
  onName: (person: PersonId, name: string | null) => Promise<void>;
}

interface Request {
  person: PersonId;
  /** Not before, on the monotonic clock. */
  from: number;
}

export class LookUps {
  readonly #deps: LookUpsDeps;
  readonly #stopped = new AbortController();
  readonly #urgent = new Map<string, Request>();
  readonly #ahead = new Map<string, Request>();
  /** Whose look-up is under way. */
  #current: string | null = null;
  #isRunning = false;
  /** When the allowance is full again, on the monotonic clock. */
  #fullAt = 0;
  #hasFailed = false;
  /** Whether it waits until it may go on. */
  #isWaiting = false;
  readonly #onPause: (() => void)[] = [];

  constructor(deps: LookUpsDeps) {
    this.#deps = deps;
  }

  add(person: PersonId, isUrgent: boolean): void {
    const queue = isUrgent ? this.#urgent : this.#ahead;
    const key = keyOf(person);
    if (this.#stopped.signal.aborted || queue.size >= MAX_WAITING || queue.has(key) || key === this.#current) return;
    queue.set(key, { person, from: isUrgent ? this.#deps.clock.monotonic() + AFTER_PRESS_MS : 0 });
    if (!this.#isRunning) void this.#run();
  }

  async everyRound(round: () => void): Promise<void> {
    const { clock } = this.#deps;
    while (!this.#stopped.signal.aborted) {
      round();
      await clock.sleep(ROUND_MS, this.#stopped.signal).catch(() => {});
    }
  }

  stop(): void {
    this.#stopped.abort();
  }

  /** Resolves once nothing is left that can be looked up now: what the pace, a press or a failure delays does not count. */
  async paused(): Promise<void> {
    if (this.#isRunning && !this.#isWaiting) await new Promise<void>((resolve) => this.#onPause.push(resolve));
  }

  #pauses(): void {
    for (const resolve of this.#onPause.splice(0)) resolve();
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    try {
      for (let next = this.#take(); next !== undefined; next = this.#take()) await this.#lookUp(next);
    } catch (thrown) {
      const { signal } = this.#stopped;
      if (!signal.aborted) this.#deps.log.error({ err: coerceError(thrown) }, 'the look-up of names stopped');
    } finally {
      this.#isRunning = false;
      this.#current = null;
      this.#pauses();
    }
  }

  #take(): Request | undefined {
    const [next] = [...this.#urgent.values(), ...this.#ahead.values()];
    if (next === undefined || this.#stopped.signal.aborted) return undefined;
    this.#current = keyOf(next.person);
    this.#urgent.delete(this.#current);
    this.#ahead.delete(this.#current);
    return next;
  }

  async #lookUp({ person, from }: Request): Promise<void> {
    const { platforms, clock, ask, onName } = this.#deps;
    await this.#wait(Math.max(this.#msUntilTurn(), from - clock.monotonic()));
    const signal = AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(LOOK_UP_MS)]);
    let name: string | null;
    try {
      const asked =
        ask === undefined ? platforms.get(person.platform)?.nameOf?.(person.id, signal) : ask(person, signal);
      name = (await asked) ?? null;
    } catch (thrown) {
      await this.#afterFailure(person, coerceError(thrown));
      return;
    }
    this.#hasFailed = false;
    this.#current = null;
    await onName(person, name);
  }

  /** The next look-up would fail, too: all of them wait. */
  async #afterFailure(person: PersonId, error: Error): Promise<void> {
    if (this.#stopped.signal.aborted) return;
    const { kind = null, retryAfterMs = null } = error instanceof PlatformError ? error : {};
    const wait = kind === 'refused' || kind === 'content' ? AFTER_REFUSAL_MS : (retryAfterMs ?? AFTER_FAILURE_MS);
    const level = this.#hasFailed ? 'debug' : 'warn';
    this.#hasFailed = true;
    const { platform, id: actor } = person;
    const { log, instead = 'the handle' } = this.#deps;
    log[level]({ platform, actor, err: error, wait }, `a name could not be looked up; ${instead} is shown`);
    this.#current = null;
    // One whose look-up always fails must not be the only one who is looked up.
    if (kind === 'unsent') this.add(person, true);
    await this.#wait(wait);
  }

  async #wait(ms: number): Promise<void> {
    if (ms <= 0) return;
    this.#isWaiting = true;
    this.#pauses();
    await this.#deps.clock.sleep(ms, this.#stopped.signal).finally(() => {
      this.#isWaiting = false;
    });
  }

  #msUntilTurn(): number {
    const now = this.#deps.clock.monotonic();
    const fullAt = Math.max(this.#fullAt, now);
    this.#fullAt = fullAt + PACE.everyMs;
    return Math.max(0, fullAt - now - (PACE.burst - 1) * PACE.everyMs);
  }
}
