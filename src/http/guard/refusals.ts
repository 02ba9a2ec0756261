/**
 * Refused calls of one kind: the first is logged at once, the others in one line a minute, and an alert says when they last.
 * Tested in test/http/guard/refusals.test.ts.
 */
import type { Clock, Log } from '../../core/ports/ports.ts';

const MINUTE_MS = 60_000;
/** A caller with an outdated secret that retries now and then is in the log; this many in a minute are an incident … */
const INCIDENT_LEAST = 10;
/** … when they continue for so many minutes. */
const INCIDENT_MINUTES = 5;
/** How many different callers one line counts. */
const CALLERS_MAX = 100;

interface Deps {
  /** In the log line. */
  fields: object;
  message: string;
  /** @param count of the last minute */
  onLasting(count: number, callers: string): void;
  onOver(): void;
  clock: Pick<Clock, 'sleep'>;
  log: Pick<Log, 'warn'>;
  signal: AbortSignal;
}

export class Refusals {
  readonly #deps: Deps;
  readonly #callers = new Set<string>();
  #count = 0;
  #last: object = {};
  #isWatching = false;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** @param caller distinguishes callers in the count of them  @param fields of the last refusal, for the log */
  add(caller: string, fields: object): void {
    this.#count += 1;
    this.#last = fields;
    if (this.#callers.size < CALLERS_MAX) this.#callers.add(caller);
    if (this.#isWatching) return;
    this.#isWatching = true;
    this.#write();
    void this.#watch();
  }

  /** Until a minute is quiet. */
  async #watch(): Promise<void> {
    const { clock, signal, onLasting, onOver } = this.#deps;
    let minutes = 0;
    let isLasting = false;
    for (;;) {
      await clock.sleep(MINUTE_MS, signal).catch(() => {});
      if (signal.aborted) break;
      if (this.#count === 0) break;
      const callers = this.#callersText();
      const count = this.#write();
      minutes = count >= INCIDENT_LEAST ? minutes + 1 : 0;
      if (minutes < INCIDENT_MINUTES) continue;
      isLasting = true;
      onLasting(count, callers);
    }
    this.#isWatching = false;
    if (signal.aborted) this.#write();
    else if (isLasting) onOver();
  }

  #callersText(): string {
    return this.#callers.size < CALLERS_MAX ? String(this.#callers.size) : `${CALLERS_MAX} or more`;
  }

  /** @returns how many there were since the last line */
  #write(): number {
    const { log, fields, message } = this.#deps;
    const count = this.#count;
    if (count > 0) log.warn({ ...fields, ...this.#last, refused: count, callers: this.#callersText() }, message);
    this.#count = 0;
    this.#callers.clear();
    return count;
  }
}
