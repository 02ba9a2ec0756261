/**
 * Reads an event stream of a route that is not known, from the first event that is Runtype's on.
 * Tested in test/backends/runtype/gateway/answer/any-route.test.ts.
 */
import type { BufferBudget } from '../../../../core/ports/buffer-budget.ts';
import type { StreamSession } from '../../stream/open-session.ts';
import { typeOf } from '../../wire/event-types.ts';
import { bytesOf, type Frame } from '../../wire/frames/frame.ts';
import { FrameSplitter } from '../../wire/frames/frame-splitter.ts';
import type { FrameListener } from '../../wire/frames/skim.ts';
import { executionIn } from '../../wire/json-body.ts';
import type { Tap } from './tap.ts';

/** Events that only Runtype sends, with or without the id of their run. */
const distinctive = /^(?:(?:execution|agent|flow)_start|(?:agent_)?approval_start|(?:flow|agent|step)_await)$/;

export class StreamSniffer implements Tap {
  readonly #splitter: FrameSplitter;
  readonly #open: () => StreamSession;
  readonly #outlives: boolean;
  readonly #beside: FrameListener | null;
  #session: StreamSession | null = null;

  /**
   * @param outlives whether its run is read on when its caller is gone
   * @param room for an incomplete frame
   * @param beside gets all frames
   */
  constructor(open: () => StreamSession, outlives: boolean, room: BufferBudget, beside: FrameListener | null = null) {
    this.#beside = beside;
    this.#splitter = new FrameSplitter({ room });
    this.#open = open;
    this.#outlives = outlives;
  }

  get outlivesCaller(): boolean {
    return this.#outlives && this.#session !== null;
  }

  feed(bytes: Uint8Array): void {
    for (const frame of this.#splitter.push(bytes)) this.#take(frame);
  }

  finish(how: 'ended' | 'cut'): void {
    for (const frame of this.#splitter.end()) this.#take(frame);
    this.#session?.finish(how);
  }

  async drained(): Promise<void> {
    await this.#session?.drained();
  }

  async pausedForPeople(): Promise<boolean> {
    return (await this.#session?.pausedForPeople()) ?? false;
  }

  lastSeq(): number | null {
    return this.#session?.lastSeq() ?? null;
  }

  #take(frame: Frame): void {
    this.#beside?.frame(frame);
    if (this.#session === null && isRuntypes(frame)) this.#session = this.#open();
    this.#session?.feed(bytesOf(frame.raw));
  }
}

/** Whether an event is one of Runtype's: by its name, or because it names its run. */
function isRuntypes(frame: Frame): boolean {
  if (!frame.hasData) return false;
  const event = frame.brief();
  const type = typeOf(event);
  return type !== null && (distinctive.test(type) || executionIn(event) !== null);
}
