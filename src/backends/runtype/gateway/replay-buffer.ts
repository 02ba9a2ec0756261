import type { Clock, HttpReply } from '../../../core/ports/ports.ts';
import { bytesOf, type Frame, FrameSplitter } from '../wire/frames.ts';

/** Frames kept of one run that was held; the oldest are dropped first. */
export const REPLAY_MAX_CHARACTERS = 512 * 1024;
/** The same until its first pause: most runs never have one. */
export const REPLAY_BEFORE_PAUSE_MAX_CHARACTERS = 64 * 1024;
/** Runs that are kept; the oldest are forgotten first. */
export const REPLAY_BUFFERS_MAX = 200;
/** How long a run that is over can still be fetched, ms. */
export const REPLAY_KEPT_MS = 600_000;
/** Of what an application that came back does not fetch; it is let go then. */
const UNREAD_MAX_CHARACTERS = 4 * 1024 * 1024;

interface Kept {
  /** From 1: its row at Runtype, where the frame names one, else one more than the frame before. */
  number: number;
  text: string;
}

/**
 * A held response as its application should have read it. It is written whether or not the application is there, and
 * one that comes back with the number of the last frame it has is told the rest.
 */
export class ReplayBuffer implements HttpReply {
  /** Of the application that opened the run; nobody else is told. */
  readonly key: string | null;
  readonly #reply: HttpReply;
  readonly #splitter = new FrameSplitter();
  readonly #listeners = new Set<{ frame(text: string): void; end(how: 'ended' | 'cut'): void }>();
  #frames: Kept[] = [];
  #size = 0;
  #number = 0;
  #limit = REPLAY_BEFORE_PAUSE_MAX_CHARACTERS;
  #there = true;
  #ended: 'ended' | 'cut' | null = null;

  constructor(key: string | null, reply: HttpReply) {
    this.key = key;
    this.#reply = reply;
  }

  /** The application is gone; what is written from now on is only kept. */
  left(): void {
    this.#there = false;
  }

  /** The run pauses, so that somebody may come back for it. */
  paused(): void {
    this.#limit = REPLAY_MAX_CHARACTERS;
  }

  start(status: number, rawHeaders: readonly string[]): void {
    if (this.#there) this.#reply.start(status, rawHeaders);
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (const frame of this.#splitter.push(bytes)) this.#keep(frame);
    if (this.#splitter.pending > REPLAY_MAX_CHARACTERS) {
      this.#splitter.skip();
      this.#onSkipped();
    }
    if (this.#there) await this.#reply.write(bytes).catch(() => this.left());
  }

  end(): void {
    if (this.#there) this.#reply.end();
    this.#close('ended');
  }

  destroy(): void {
    if (this.#there) this.#reply.destroy();
    this.#close('cut');
  }

  /** Characters in memory, of whole frames and of the one that is coming. */
  get size(): number {
    return this.#size + this.#splitter.pending;
  }

  /** Whether all behind this number is here. */
  reaches(after: number): boolean {
    return after >= (this.#frames[0]?.number ?? this.#number + 1) - 1;
  }

  /** Tells what came after this number, and goes on until the run's response ends. */
  replay(after: number, reply: HttpReply, gone: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      let unread = 0;
      let lane: Promise<unknown> = Promise.resolve();
      const leave = () => {
        this.#listeners.delete(listener);
        gone.removeEventListener('abort', leave);
        resolve();
      };
      const listener = {
        frame: (text: string) => {
          unread += text.length;
          if (unread > UNREAD_MAX_CHARACTERS) return listener.end('ended');
          lane = lane
            .then(() => reply.write(bytesOf(text)))
            .then(() => {
              unread -= text.length;
            });
          lane.catch(leave);
        },
        end: (how: 'ended' | 'cut') => {
          this.#listeners.delete(listener);
          const close = () => (how === 'ended' ? reply.end() : reply.destroy());
          lane.then(close).then(leave, leave);
        },
      };
      gone.addEventListener('abort', leave, { once: true });
      reply.start(200, ['Content-Type', 'text/event-stream; charset=utf-8', 'Cache-Control', 'no-cache']);
      for (const frame of this.#frames) if (frame.number > after) listener.frame(frame.text);
      if (this.#ended !== null) listener.end(this.#ended);
      else if (gone.aborted) leave();
      else this.#listeners.add(listener);
    });
  }

  #keep(frame: Frame): void {
    const { raw: text } = frame;
    if (frame.data === null) {
      for (const listener of this.#listeners) listener.frame(text);
      return;
    }
    const row = rowOf(frame);
    this.#number = row ?? this.#number + 1;
    const kept = {
      number: this.#number,
      text: row === null ? `id: ${this.#number}\n${text.replace(/^[\r\n]+/, '')}` : text,
    };
    this.#frames.push(kept);
    this.#size += kept.text.length;
    while (this.#size > this.#limit) this.#size -= this.#frames.shift()?.text.length ?? this.#size;
    for (const listener of [...this.#listeners]) listener.frame(kept.text);
  }

  /** A frame too long to be kept leaves a gap, so that only what follows it can be replayed. */
  #onSkipped(): void {
    this.#number += 1;
    this.#frames = [];
    this.#size = 0;
    for (const listener of [...this.#listeners]) listener.end('cut');
  }

  #close(how: 'ended' | 'cut'): void {
    this.#ended ??= how;
    for (const listener of [...this.#listeners]) listener.end(how);
  }
}

/** The buffers of the runs that are held, and of those that were until a moment ago. */
export class ReplayBuffers {
  readonly #clock: Clock;
  readonly #buffers = new Map<string, { buffer: ReplayBuffer; until: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  keep(executionId: string, buffer: ReplayBuffer): void {
    buffer.paused();
    this.#buffers.delete(executionId);
    this.#buffers.set(executionId, { buffer, until: Number.POSITIVE_INFINITY });
    for (const oldest of this.#buffers.keys()) {
      if (this.#buffers.size <= REPLAY_BUFFERS_MAX) return;
      this.#buffers.delete(oldest);
    }
  }

  /** Its response has ended. `over`: with the run; else Runtype knows better how that goes on. */
  ended(buffer: ReplayBuffer, over: boolean): void {
    for (const [executionId, kept] of this.#buffers) {
      if (kept.buffer !== buffer) continue;
      if (over) kept.until = this.#clock.monotonic() + REPLAY_KEPT_MS;
      else this.#buffers.delete(executionId);
    }
  }

  find(executionId: string): ReplayBuffer | null {
    const kept = this.#buffers.get(executionId);
    if (kept === undefined) return null;
    if (kept.until > this.#clock.monotonic()) return kept.buffer;
    this.#buffers.delete(executionId);
    return null;
  }
}

/** The number of a frame's row at Runtype; null where it has none. */
function rowOf({ id }: Frame): number | null {
  return id !== null && /^\d{1,15}$/.test(id) ? Number(id) : null;
}
