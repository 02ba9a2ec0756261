import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { BufferBudget, BufferLease } from '../../../../core/ports/buffer-budget.ts';
import type { HttpReply } from '../../../../core/ports/ports.ts';
import { ByteTail } from '../../wire/frames/byte-tail.ts';
import { bytesOf, type Frame } from '../../wire/frames/frame.ts';
import { FrameSplitter } from '../../wire/frames/frame-splitter.ts';
import type { FrameListener, Run } from '../../wire/frames/skim.ts';
import { createListener, type Listener } from './replay-listener.ts';

/** Frames kept of one held response; the oldest are dropped first. */
export const REPLAY_MAX_CHARACTERS = 512 * 1024;
/** The same until the first pause: most runs never have one. */
export const REPLAY_BEFORE_PAUSE_MAX_CHARACTERS = 64 * 1024;
/** Of short frames that arrive one by one and are dropped together. */
const SPAN_BYTES = 1024;

/** What is worth compressing: less than this gains nothing. */
const PACKED_MIN_BYTES = 4 * 1024;
/** Events are so much alike that the least effort makes a tenth of them. */
const PACKED = { level: 1 };

/** The oldest frames that are kept, compressed. */
interface Pack {
  /** The number of the frame before. */
  after: number;
  bytes: Uint8Array;
}

/** Whole frames with data, one after the other, as they were written. */
interface Span {
  /** The number of the frame before. */
  after: number;
  length: number;
}

interface NumberedFrame {
  /** From 1: its row at Runtype, where the frame names one, else one more than the frame before. */
  number: number;
  /** With its number, latin1. */
  text: string;
}

/**
 * Keeps what is written to a held response, whether or not its application is connected. An application that returns with
 * the number of its last frame receives the rest.
 */
export class ReplayBuffer implements HttpReply, FrameListener {
  /** The key of the application that started the run; only it may read the replay. */
  readonly key: string | null;
  readonly #reply: HttpReply;
  readonly #splitter = new FrameSplitter();
  readonly #listeners = new Set<Listener>();
  readonly #room: BufferBudget;
  readonly #lease: BufferLease;
  readonly #kept = new ByteTail(REPLAY_BEFORE_PAUSE_MAX_CHARACTERS);
  /** Of what is kept. */
  #spans: Span[] = [];
  /** Before what is kept. */
  #packs: Pack[] = [];
  #number = 0;
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
    this.#kept.max = REPLAY_MAX_CHARACTERS;
    // It may stay for an hour.
    this.#kept.fit();
  }

  /** Nothing is written until the run goes on, which may take an hour: what is kept takes little memory until then. */
  rest(): void {
    const [first] = this.#spans;
    if (first === undefined || this.#kept.length < PACKED_MIN_BYTES) return;
    // A copy of its own: the output of the compression is a part of a larger block.
    const bytes = new Uint8Array(deflateRawSync(this.#kept.read(), PACKED));
    this.#packs.push({ after: first.after, bytes });
    this.#spans = [];
    this.#kept.clear();
    this.#hasRoom(this.#size);
  }

  start(status: number, rawHeaders: readonly string[]): void {
    if (this.#isConnected) this.#reply.start(status, rawHeaders);
  }

  /** Keeps these bytes, and passes them on. */
  write(bytes: Uint8Array): Promise<void> | undefined {
    this.#splitter.each(bytes, (frame) => this.frame(frame));
    if (this.#splitter.pending > REPLAY_MAX_CHARACTERS) {
      this.#splitter.skip();
      this.#onSkipped();
    }
    return this.pass(bytes);
  }

  /** Passes bytes on whose frames arrive by themselves: who reads them finds where they end. */
  pass(bytes: Uint8Array, sent?: () => void): Promise<void> | undefined {
    return this.#isConnected ? this.#reply.write(bytes, sent)?.catch(() => this.left()) : undefined;
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
    this.#packs = [];
    this.#spans = [];
    this.#kept.clear();
    this.#lease.close();
  }

  /** Characters in memory, of whole frames and of the incomplete one. */
  get size(): number {
    return this.#size + this.#splitter.pending;
  }

  get #size(): number {
    return this.#packs.reduce((size, { bytes }) => size + bytes.length, this.#kept.length);
  }

  /** Whether every frame after this number is kept. */
  reaches(after: number): boolean {
    const [first = this.#number + 1] = this.#frames().map(({ number }) => number);
    return after >= first - 1;
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
      for (const { number, text } of this.#frames()) if (number > after) listener.frame(text);
      if (this.#ended !== null) listener.end(this.#ended);
      else if (gone.aborted) leave();
      else this.#listeners.add(listener);
    });
  }

  frame(frame: Frame): void {
    if (frame.raw === '' || frame.raw.length > REPLAY_MAX_CHARACTERS) {
      this.#onSkipped();
      return;
    }
    if (!frame.hasData) {
      for (const listener of this.#listeners) listener.frame(frame.raw);
      return;
    }
    const { number, text } = numbered(frame, this.#number);
    this.#keep(bytesOf(frame.raw));
    this.#number = number;
    for (const listener of [...this.#listeners]) listener.frame(text);
  }

  run(bytes: Uint8Array, { from, end, count, id }: Run): void {
    const frames = bytes.subarray(from, end);
    // Who reads the replay gets each frame with its number.
    if (this.#listeners.size > 0) {
      for (const frame of new FrameSplitter().push(frames)) this.frame(frame);
      return;
    }
    this.#keep(frames);
    this.#number = id === null ? this.#number + count : Number(id);
  }

  /** Keeps frames that follow the last number. */
  #keep(frames: Uint8Array): void {
    // Without room the oldest are dropped as well, and at last these.
    while (!this.#hasRoom(this.#size + frames.length)) if (!this.#dropOldest()) return;
    this.#kept.add(frames);
    const last = this.#spans.at(-1);
    if (last !== undefined && last.length + frames.length <= SPAN_BYTES) last.length += frames.length;
    else this.#spans.push({ after: this.#number, length: frames.length });
  }

  /** @returns false: nothing is kept */
  #dropOldest(): boolean {
    if (this.#packs.shift() !== undefined) return true;
    const oldest = this.#spans.shift();
    this.#kept.drop(oldest?.length ?? 0);
    return oldest !== undefined;
  }

  /** Takes room for so much, or gives back what is not needed. */
  #hasRoom(size: number): boolean {
    const more = size - this.#lease.used;
    if (size > this.#kept.max) return false;
    if (more > 0) return this.#lease.take(more);
    this.#lease.give(-more);
    return true;
  }

  /** A frame that is too long to be kept leaves a gap: only what follows it can be replayed. */
  #onSkipped(): void {
    this.#number += 1;
    this.#packs = [];
    this.#spans = [];
    this.#kept.clear();
    this.#hasRoom(0);
    for (const listener of [...this.#listeners]) listener.end('cut');
  }

  /** All that are kept. */
  #frames(): NumberedFrame[] {
    const packed = this.#packs.flatMap(({ after, bytes }) => framesIn(inflateRawSync(bytes), after));
    const [first] = this.#spans;
    return first === undefined ? packed : [...packed, ...framesIn(this.#kept.read(), first.after)];
  }

  #close(how: 'ended' | 'cut'): void {
    this.#ended ??= how;
    for (const listener of [...this.#listeners]) listener.end(how);
  }
}

/** @param after the number of the frame before */
function framesIn(bytes: Uint8Array, after: number): NumberedFrame[] {
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
