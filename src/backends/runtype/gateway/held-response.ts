import type { Clock, HttpReply, Log } from '../../../core/ports/ports.ts';
import type { ContinuationHub, ContinuationSink, StreamEnd, Subscriber } from '../stream/continuation-hub.ts';
import { bytesOf, type Frame } from '../wire/frames.ts';
import type { ContinuationWriter } from './continuation-writer.ts';

/** How long a response is held at one pause, by default, ms. */
export const HOLD_MAX_MS = 3_600_000;
/** Below the idle limit of common proxies, 30 s and more, ms. */
export const HEARTBEAT_MS = 15_000;
/** Of a continuation that its application does not fetch. It is let go then: nobody's slowness stops the reading. */
export const HELD_MAX_CHARACTERS = 4 * 1024 * 1024;

export interface HeldOptions {
  /** Of the application whose call is held. */
  key: string | null;
  hub: ContinuationHub;
  /** Ends when nothing is held any more. */
  stopping: AbortSignal;
  /** ms at one pause. */
  maxMs: number;
  clock: Clock;
  log: Log;
}

type Letter = { frame: Frame } | { json: unknown };

/** A continuation, as far as it has come and was not passed on. */
interface Part {
  letters: Letter[];
  begun: boolean;
  end: StreamEnd | null;
}

/**
 * A response that waits, from the moment its stream announces a pause, for what the run says after the decision. It
 * tells continuations one after the other, in the order in which they began.
 */
export class HeldResponse implements Subscriber {
  readonly key: string | null;
  readonly #options: HeldOptions;
  readonly #parts: Part[] = [];
  #size = 0;
  /** Why no continuation will come. */
  #over: string | null = null;
  /** Why it ends at once, whatever is still to be told. */
  #stopped: 'gone' | 'stopping' | 'too slow' | null = null;
  #wake = () => {};
  #giveUpWriting = () => {};
  #outcome: string | null = null;

  constructor(options: HeldOptions) {
    this.key = options.key;
    this.#options = options;
    options.stopping.addEventListener('abort', this.#onStopping, { once: true });
    if (options.stopping.aborted) this.#onStopping();
  }

  /** A pause of its run is about to be announced. */
  join(executionId: string, key: string): void {
    if (this.#stopped === null) this.#options.hub.join(executionId, this, key);
  }

  begin(): ContinuationSink {
    const part: Part = { letters: [], begun: false, end: null };
    this.#parts.push(part);
    const take = (letter: Letter, size: number) => {
      if (this.#stopped !== null) return;
      this.#size += size;
      part.letters.push(letter);
      if (this.#size > HELD_MAX_CHARACTERS) this.#stop('too slow');
      this.#wake();
    };
    return {
      frame: (frame) => take({ frame }, frame.raw.length),
      whole: (json) => take({ json }, 0),
      end: (end) => {
        part.end = end;
        this.#wake();
      },
    };
  }

  superseded(): void {
    this.#nothingComes('continued by its application');
  }

  settled(): void {
    this.#nothingComes('decided elsewhere');
  }

  /** Nobody waits any more. */
  leave(): void {
    const { hub, stopping } = this.#options;
    hub.leave(this);
    stopping.removeEventListener('abort', this.#onStopping);
    this.#parts.length = 0;
  }

  /** Whether it told the run to its end. */
  get complete(): boolean {
    return this.#outcome === 'over';
  }

  /**
   * Holds the response from its pause on, and ends it.
   * @param writer says what comes in the response's own words
   * @param gone ends when the application is gone, and nobody keeps the rest for it
   */
  async hold(writer: ContinuationWriter, reply: HttpReply, gone: AbortSignal): Promise<void> {
    const { log } = this.#options;
    log.info({}, 'a response is held');
    gone.addEventListener('abort', this.#onGone, { once: true });
    if (gone.aborted) this.#onGone();
    const outcome = await this.#tell(writer, reply);
    gone.removeEventListener('abort', this.#onGone);
    this.#outcome = outcome;
    this.leave();
    log.info({ outcome }, 'a held response ends');
    if (outcome === 'gone') return;
    if (outcome === 'broken') return reply.destroy();
    const last = writer.close();
    if (last !== '') reply.write(bytesOf(last)).catch(() => {});
    reply.end();
  }

  /** @returns why it is over */
  async #tell(writer: ContinuationWriter, reply: HttpReply): Promise<string> {
    const { clock, maxMs } = this.#options;
    let until = clock.monotonic() + maxMs;
    let beatAt = clock.monotonic() + HEARTBEAT_MS;
    while (this.#stopped === null) {
      const part = this.#parts[0];
      const now = clock.monotonic();
      const text = part === undefined ? '' : this.#pass(part, writer);
      if (text !== '') {
        await this.#write(reply, text);
        beatAt = clock.monotonic() + HEARTBEAT_MS;
      } else if (part !== undefined && part.end !== null) {
        this.#parts.shift();
        if (part.end.type === 'broken') return part.end.how === 'cut' || writer.close() !== '' ? 'broken' : 'lost';
        if (part.end.type === 'over') return 'over';
        if (!part.end.held) return 'not ours to answer';
        until = now + maxMs;
      } else if (part === undefined && (this.#over !== null || now >= until)) {
        return this.#over ?? 'held for too long';
      } else if (now >= beatAt) {
        await this.#write(reply, writer.beat());
        beatAt = clock.monotonic() + HEARTBEAT_MS;
      } else {
        await this.#sleep((part === undefined ? Math.min(beatAt, until) : beatAt) - now);
      }
    }
    return this.#stopped;
  }

  #pass(part: Part, writer: ContinuationWriter): string {
    if (!part.begun) writer.begin();
    part.begun = true;
    const letters = part.letters.splice(0);
    return letters
      .map((letter) => {
        if ('json' in letter) return writer.whole(letter.json);
        this.#size -= letter.frame.raw.length;
        return writer.frame(letter.frame);
      })
      .join('');
  }

  /** Whole frames only, so that it can end after any of them. */
  async #write(reply: HttpReply, text: string): Promise<void> {
    const written = reply.write(bytesOf(text)).catch(() => this.#onGone());
    const given = new Promise<void>((resolve) => {
      this.#giveUpWriting = resolve;
    });
    await Promise.race([written, given]);
  }

  async #sleep(ms: number): Promise<void> {
    const control = new AbortController();
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    const slept = this.#options.clock.sleep(Math.max(1, ms), control.signal).catch(() => {});
    await Promise.race([slept, woken]);
    control.abort();
  }

  #nothingComes(why: string): void {
    this.#options.hub.leave(this);
    this.#over ??= why;
    this.#wake();
  }

  readonly #onGone = () => this.#stop('gone');
  readonly #onStopping = () => this.#stop('stopping');

  #stop(why: 'gone' | 'stopping' | 'too slow'): void {
    this.#stopped ??= why;
    this.#options.hub.leave(this);
    for (const part of this.#parts) part.letters.length = 0;
    this.#giveUpWriting();
    this.#wake();
  }
}
