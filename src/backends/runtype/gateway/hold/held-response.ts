/**
 * Tested in test/backends/runtype/stream/continuation-hub.test.ts, test/backends/runtype/gateway/hold/held-response.test.ts
 * and test/backends/runtype/gateway/hold/continuation-writer.test.ts.
 */
import type { BufferBudget } from '../../../../core/ports/buffer-budget.ts';
import { coerceError } from '../../../../core/ports/errors.ts';
import type { Clock, HttpReply, Log } from '../../../../core/ports/ports.ts';
import type { ContinuationHub, ContinuationSink, Subscriber } from '../../stream/continuation-hub.ts';
import { bytesOf } from '../../wire/frames/frame.ts';
import { ContinuationQueue } from './continuation-queue.ts';
import type { ContinuationWriter } from './continuation-writer.ts';

/** How long a response is held at one pause by default, ms. */
export const HOLD_MAX_MS = 3_600_000;
/** Below the idle limit of common proxies, which is 30 s and more, ms. */
export const HEARTBEAT_MS = 15_000;

export interface HeldOptions {
  /** The key of the application whose call is held. */
  key: string | null;
  hub: ContinuationHub;
  /** For what the application has not read. */
  room: BufferBudget;
  /** Aborted when no response is held any more. */
  stopping: AbortSignal;
  /** The limit at one pause, ms. */
  maxMs: number;
  /** Whether nothing of a run waits any more: other replicas may decide it, and their word of it may be lost. */
  isOver?: ((executionId: string) => Promise<boolean>) | undefined;
  clock: Clock;
  log: Log;
}

/**
 * A response that stays open from the moment its stream announces a pause until the run goes on after the decision. It
 * writes continuations one after the other, in the order in which they began.
 */
export class HeldResponse implements Subscriber {
  readonly key: string | null;
  readonly #options: HeldOptions;
  readonly #queue: ContinuationQueue;
  /** Why no continuation will come. */
  #settledBy: string | null = null;
  /** Why it ends immediately, whatever is still to be written. */
  #stopped: 'gone' | 'stopping' | 'too slow' | null = null;
  #abandonWrite = () => {};
  #outcome: string | null = null;
  /** How often in a row its runs were found to be over. */
  #overSeen = 0;

  constructor(options: HeldOptions) {
    this.key = options.key;
    this.#options = options;
    this.#queue = new ContinuationQueue(options.room, () => this.#stop('too slow'));
    options.stopping.addEventListener('abort', this.#onStopping, { once: true });
    if (options.stopping.aborted) this.#onStopping();
  }

  /** A pause of its run is about to be announced. */
  join(executionId: string, key: string): void {
    if (this.#stopped === null) this.#options.hub.join(executionId, this, key);
  }

  begin(): ContinuationSink {
    return this.#queue.add();
  }

  superseded(): void {
    this.#settle('continued by its application');
  }

  settled(): void {
    this.#settle('decided elsewhere');
  }

  /** Ends the subscription. */
  leave(): void {
    const { hub, stopping } = this.#options;
    hub.leave(this);
    stopping.removeEventListener('abort', this.#onStopping);
    this.#queue.close();
  }

  /** Whether the run was written to its end. */
  get isComplete(): boolean {
    return this.#outcome === 'over';
  }

  /**
   * Holds the response from its pause on, and ends it.
   * @param writer writes continuations in the format of the response
   * @param gone aborted when the application is gone and nothing keeps the rest for it
   */
  async hold(writer: ContinuationWriter, reply: HttpReply, gone: AbortSignal): Promise<void> {
    const { log } = this.#options;
    log.info({}, 'holding a response');
    gone.addEventListener('abort', this.#onGone, { once: true });
    if (gone.aborted) this.#onGone();
    const outcome = await this.#write(writer, reply);
    gone.removeEventListener('abort', this.#onGone);
    this.#outcome = outcome;
    this.leave();
    log.info({ outcome }, 'a held response ended');
    if (outcome === 'gone') return;
    if (outcome === 'broken') return reply.destroy();
    const last = writer.close();
    if (last !== '') reply.write(bytesOf(last))?.catch(() => {});
    reply.end();
  }

  /** @returns why it ended */
  async #write(writer: ContinuationWriter, reply: HttpReply): Promise<string> {
    const { clock, maxMs } = this.#options;
    let until = clock.monotonic() + maxMs;
    let beatAt = clock.monotonic() + HEARTBEAT_MS;
    while (this.#stopped === null) {
      const now = clock.monotonic();
      const text = this.#queue.read(writer);
      const { isEmpty, end } = this.#queue;
      if (text !== '') {
        await this.#send(reply, text);
        this.#queue.written();
        beatAt = clock.monotonic() + HEARTBEAT_MS;
      } else if (end !== null) {
        this.#queue.shift();
        if (end.type === 'broken') return end.how === 'cut' || writer.close() !== '' ? 'broken' : 'lost';
        if (end.type === 'over') return 'over';
        if (!end.held) return 'not answerable here';
        until = now + maxMs;
      } else if (isEmpty && (this.#settledBy !== null || now >= until)) {
        return this.#settledBy ?? 'time limit';
      } else if (now >= beatAt) {
        await Promise.all([this.#send(reply, writer.beat()), isEmpty && this.#lookWhetherOver()]);
        beatAt = clock.monotonic() + HEARTBEAT_MS;
      } else {
        await this.#queue.changed(clock, (isEmpty ? Math.min(beatAt, until) : beatAt) - now);
      }
    }
    return this.#stopped;
  }

  /** A decision whose answer is on its way here is over for a moment, too: so it has to be found twice. */
  async #lookWhetherOver(): Promise<void> {
    const { hub, isOver, log } = this.#options;
    const runs = hub.runsOf(this);
    if (isOver === undefined || runs.length === 0 || runs.some((run) => hub.isDeciding(run))) return;
    try {
      const over = await Promise.all(runs.map(isOver));
      this.#overSeen = over.every(Boolean) ? this.#overSeen + 1 : 0;
      if (this.#overSeen >= 2 && this.#queue.isEmpty) this.settled();
    } catch (thrown) {
      log.warn({ err: coerceError(thrown) }, 'it is not known whether the pause of a held response is over');
    }
  }

  /** Sends whole frames only, so that the response can end after any of them. */
  async #send(reply: HttpReply, text: string): Promise<void> {
    const written = reply.write(bytesOf(text))?.catch(() => this.#onGone());
    if (written === undefined) return;
    const abandoned = new Promise<void>((resolve) => {
      this.#abandonWrite = resolve;
    });
    await Promise.race([written, abandoned]);
  }

  #settle(why: string): void {
    this.#options.hub.leave(this);
    this.#settledBy ??= why;
    this.#queue.wake();
  }

  readonly #onGone = () => this.#stop('gone');
  readonly #onStopping = () => this.#stop('stopping');

  #stop(why: 'gone' | 'stopping' | 'too slow'): void {
    this.#stopped ??= why;
    this.#options.hub.leave(this);
    this.#queue.close();
    this.#abandonWrite();
    this.#queue.wake();
  }
}
