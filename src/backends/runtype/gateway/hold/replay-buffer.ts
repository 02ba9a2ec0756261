import type { BufferBudget, BufferLease } from '../../../../core/ports/buffer-budget.ts';
import type { HttpReply } from '../../../../core/ports/ports.ts';
import { bytesOf, type Frame } from '../../wire/frame.ts';
import { FrameSplitter } from '../../wire/frame-splitter.ts';

/** Frames kept of one held response; the oldest are dropped first. */
export const REPLAY_MAX_CHARACTERS = 512 * 1024;
/** The same until the first pause: most runs never have one. */
export const REPLAY_BEFORE_PAUSE_MAX_CHARACTERS = 64 * 1024;
/** Of a replay that its application does not read; the replay ends then. */
const UNREAD_MAX_CHARACTERS = 4 * 1024 * 1024;

interface KeptFrame {
  /** From 1: its row at Runtype, where the frame names one, else one more than the frame before. */
  number: number;
  /** With its number, latin1. */
  text: string;
}

/** Receives the rest of a response. */
interface Listener {
  frame(text: string): void;
  end(how: 'ended' | 'cut'): void;
}

/**
 * Keeps what is written to a held response, whether or not its application is connected. An application that returns with
 * the number of its last frame receives the rest.
 */
export class ReplayBuffer implements HttpReply {
  /** The key of the application that started the run; only it may read the replay. */
  readonly key: string | null;
  readonly #reply: HttpReply;
  readonly #splitter = new FrameSplitter();
  readonly #listeners = new Set<Listener>();
  readonly #room: BufferBudget;
  readonly #lease: BufferLease;
  #frames: KeptFrame[] = [];
  #size = 0;
  #number = 0;
  #limit = REPLAY_BEFORE_PAUSE_MAX_CHARACTERS;
  #isConnected = true;
  #ended: 'ended' | 'cut' | null = null;

  /** @param room for what is kept, and for what those who read it have not read */
  constructor(key: string | null, reply: HttpReply, room: BufferBudget) {
    this.key = key;
    this.#reply = reply;
    this.#room = room;
    this.#lease = room.lease();
  }

  /** The application is gone; what is written from now on is only kept. */
  left(): void {
    this.#isConnected = false;
  }

  /** The run pauses, so its application may leave and return. */
  paused(): void {
    this.#limit = REPLAY_MAX_CHARACTERS;
  }

  start(status: number, rawHeaders: readonly string[]): void {
    if (this.#isConnected) this.#reply.start(status, rawHeaders);
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (const frame of this.#splitter.push(bytes)) this.#keep(frame);
    if (this.#splitter.pending > REPLAY_MAX_CHARACTERS) {
      this.#splitter.skip();
      this.#onSkipped();
    }
    if (this.#isConnected) await this.#reply.write(bytes).catch(() => this.left());
  }

  end(): void {
    if (this.#isConnected) this.#reply.end();
    this.#close('ended');
  }

  destroy(): void {
    if (this.#isConnected) this.#reply.destroy();
    this.#close('cut');
  }

  /** Keeps nothing any more. */
  forget(): void {
    this.#frames = [];
    this.#size = 0;
    this.#lease.close();
  }

  /** Characters in memory, of whole frames and of the incomplete one. */
  get size(): number {
    return this.#size + this.#splitter.pending;
  }

  /** Whether every frame after this number is kept. */
  reaches(after: number): boolean {
    return after >= (this.#frames[0]?.number ?? this.#number + 1) - 1;
  }

  /** Sends the frames after this number, and goes on until the run's response ends. */
  replay(after: number, reply: HttpReply, gone: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const leave = () => {
        this.#listeners.delete(listener);
        gone.removeEventListener('abort', leave);
        resolve();
      };
      const listener = createListener(reply, this.#room.lease(), leave, () => this.#listeners.delete(listener));
      gone.addEventListener('abort', leave, { once: true });
      reply.start(200, ['Content-Type', 'text/event-stream; charset=utf-8', 'Cache-Control', 'no-cache']);
      for (const { number, text } of this.#frames) if (number > after) listener.frame(text);
      if (this.#ended !== null) listener.end(this.#ended);
      else if (gone.aborted) leave();
      else this.#listeners.add(listener);
    });
  }

  #keep(frame: Frame): void {
    if (frame.raw === '') {
      this.#onSkipped();
      return;
    }
    if (!frame.hasData) {
      for (const listener of this.#listeners) listener.frame(frame.raw);
      return;
    }
    const row = rowOf(frame);
    this.#number = row ?? this.#number + 1;
    const text = row === null ? `id: ${this.#number}\n${frame.raw.replace(/^[\r\n]+/, '')}` : frame.raw;
    this.#frames.push({ number: this.#number, text });
    this.#size += text.length;
    // Without room the oldest are dropped as well, and at last this one.
    while (this.#frames.length > 0 && (this.#size > this.#limit || !this.#takeRoom())) {
      this.#size -= this.#frames.shift()?.text.length ?? this.#size;
    }
    this.#takeRoom();
    for (const listener of [...this.#listeners]) listener.frame(text);
  }

  /** Takes room for all that is kept, or gives back what is not needed. @returns false: there is not enough */
  #takeRoom(): boolean {
    const more = this.#size - this.#lease.used;
    if (more > 0) return this.#lease.take(more);
    this.#lease.give(-more);
    return true;
  }

  /** A frame that is too long to be kept leaves a gap: only what follows it can be replayed. */
  #onSkipped(): void {
    this.#number += 1;
    this.#frames = [];
    this.#size = 0;
    this.#takeRoom();
    for (const listener of [...this.#listeners]) listener.end('cut');
  }

  #close(how: 'ended' | 'cut'): void {
    this.#ended ??= how;
    for (const listener of [...this.#listeners]) listener.end(how);
  }
}

/**
 * Writes to a reply in order, within a limit of what the caller has not read.
 * @param lease takes what is not read
 * @param done called once the reply has ended, or can't be written
 * @param onEnd called when the listener must receive nothing more
 */
function createListener(reply: HttpReply, lease: BufferLease, done: () => void, onEnd: () => void): Listener {
  let unread = 0;
  let writes: Promise<unknown> = Promise.resolve();
  const listener: Listener = {
    frame(text) {
      unread += text.length;
      if (unread > UNREAD_MAX_CHARACTERS || !lease.take(text.length)) {
        listener.end('ended');
        return;
      }
      writes = writes
        .then(() => reply.write(bytesOf(text)))
        .then(() => {
          unread -= text.length;
          lease.give(text.length);
        });
      writes.catch(done);
    },
    end(how) {
      onEnd();
      const close = () => (how === 'ended' ? reply.end() : reply.destroy());
      writes
        .then(close)
        .then(done, done)
        .finally(() => lease.close());
    },
  };
  return listener;
}

/** The number of a frame's row at Runtype; null where it has none. */
function rowOf({ id }: Frame): number | null {
  return id !== null && /^\d{1,15}$/.test(id) ? Number(id) : null;
}
