import type { BufferBudget, BufferLease } from '../../../../core/ports/buffer-budget.ts';
import type { HttpReply } from '../../../../core/ports/ports.ts';
import { bytesOf, type Frame } from '../../wire/frames/frame.ts';
import { FrameSplitter } from '../../wire/frames/frame-splitter.ts';
import { Skimmer } from '../../wire/frames/skim.ts';

/** Frames kept of one held response; the oldest are dropped first. */
export const REPLAY_MAX_CHARACTERS = 512 * 1024;
/** The same until the first pause: most runs never have one. */
export const REPLAY_BEFORE_PAUSE_MAX_CHARACTERS = 64 * 1024;
/** Of a replay that its application does not read; the replay ends then. */
const UNREAD_MAX_CHARACTERS = 4 * 1024 * 1024;

/** Of frames that are kept together; they are dropped together. */
const SPAN_BYTES = 8 * 1024;

/** Whole frames with data, one after the other, as they were written. */
interface Span {
  /** The number of the frame before. */
  after: number;
  bytes: Uint8Array;
}

interface NumberedFrame {
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
  readonly #skimmer = new Skimmer(() => true);
  #spans: Span[] = [];
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
    // It may stay for an hour: nothing else of what arrived with it is kept.
    for (const span of this.#spans) {
      const { bytes } = span;
      if (bytes.buffer.byteLength < 2 * bytes.length) continue;
      span.bytes = Buffer.allocUnsafeSlow(bytes.length);
      span.bytes.set(bytes);
    }
  }

  start(status: number, rawHeaders: readonly string[]): void {
    if (this.#isConnected) this.#reply.start(status, rawHeaders);
  }

  write(bytes: Uint8Array): Promise<void> | undefined {
    // Who reads the replay gets each frame with its number.
    const pass = this.#listeners.size > 0 ? undefined : (text: string, from: number) => this.#pass(bytes, text, from);
    this.#splitter.each(bytes, this.#takeFrame, pass);
    if (this.#splitter.pending > REPLAY_MAX_CHARACTERS) {
      this.#splitter.skip();
      this.#onSkipped();
    }
    return this.#isConnected ? this.#reply.write(bytes)?.catch(() => this.left()) : undefined;
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
    this.#spans = [];
    this.#size = 0;
    this.#lease.close();
  }

  /** Characters in memory, of whole frames and of the incomplete one. */
  get size(): number {
    return this.#size + this.#splitter.pending;
  }

  /** Whether every frame after this number is kept. */
  reaches(after: number): boolean {
    const [first] = this.#spans;
    return after >= (first === undefined ? this.#number : (framesIn(first)[0]?.number ?? 0) - 1);
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
      for (const span of this.#spans) {
        for (const { number, text } of framesIn(span)) if (number > after) listener.frame(text);
      }
      if (this.#ended !== null) listener.end(this.#ended);
      else if (gone.aborted) leave();
      else this.#listeners.add(listener);
    });
  }

  readonly #takeFrame = (frame: Frame): void => {
    if (frame.raw === '') {
      this.#onSkipped();
      return;
    }
    if (!frame.hasData) {
      for (const listener of this.#listeners) listener.frame(frame.raw);
      return;
    }
    const { number, text } = numbered(frame, this.#number);
    this.#keep({ after: this.#number, bytes: bytesOf(frame.raw) });
    this.#number = number;
    for (const listener of [...this.#listeners]) listener.frame(text);
  };

  /** Keeps frames with data from here on without reading them. @returns where the first one begins that it did not keep */
  #pass(bytes: Uint8Array, text: string, from: number): number {
    // The first byte may be the second half of a line end.
    const offset = bytes.length - text.length;
    const after = this.#number;
    let at = from;
    while (at - from < SPAN_BYTES) {
      const run = this.#skimmer.run(text, at, from + SPAN_BYTES - at);
      if (run === null) break;
      this.#number = run.id === null ? this.#number + run.count : Number(run.id);
      at = run.end;
    }
    if (at > from) this.#keep({ after, bytes: bytes.subarray(offset + from, offset + at) });
    return at;
  }

  #keep(span: Span): void {
    this.#spans.push(span);
    this.#size += span.bytes.length;
    // Without room the oldest are dropped as well, and at last this one.
    while (this.#spans.length > 0 && (this.#size > this.#limit || !this.#takeRoom())) {
      this.#size -= this.#spans.shift()?.bytes.length ?? this.#size;
    }
    this.#takeRoom();
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
    this.#spans = [];
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

function framesIn({ after, bytes }: Span): NumberedFrame[] {
  let last = after;
  return new FrameSplitter().push(bytes).map((frame) => {
    const one = numbered(frame, last);
    last = one.number;
    return one;
  });
}

function numbered(frame: Frame, after: number): NumberedFrame {
  const row = rowOf(frame);
  if (row !== null) return { number: row, text: frame.raw };
  return { number: after + 1, text: `id: ${after + 1}\n${frame.raw.replace(/^[\r\n]+/, '')}` };
}

/** The number of a frame's row at Runtype; null where it has none. */
function rowOf({ id }: Frame): number | null {
  return id !== null && /^\d{1,15}$/.test(id) ? Number(id) : null;
}
