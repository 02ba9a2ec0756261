import { coerceError } from '../../../core/ports/errors.ts';
import type { Clock, Delivery, Log } from '../../../core/ports/ports.ts';
import { BACKEND } from '../pause/pause.ts';
import type { RunFactsCache } from '../pause/run-facts.ts';
import { type Frame, FrameSplitter } from '../wire/frames.ts';
import { eventsOf } from '../wire/json-body.ts';
import { seqIn } from '../wire/seq.ts';
import { checkpointOf } from './checkpoint.ts';
import type { ContinuationHub, StreamEnd } from './continuation-hub.ts';
import { type RunContext, RunReader } from './reader.ts';
import type { Reconnect } from './reconnect.ts';

/** Of the frames that may carry the last `seq`: the very last ones may be artifacts, which have none. */
const NUMBERED_KEPT = 8;

/** A stream that is being read. Its deliveries are committed one after the other, behind the reading. */
export interface StreamSession {
  /** Takes bytes and returns at once; never throws. */
  feed(bytes: Uint8Array): void;
  /** Takes a run's whole answer, of a call that asked for no stream. */
  body(json: unknown): void;
  /** Does this in turn, before what is read from now on is delivered. */
  first(work: () => Promise<void>): void;
  /** Its stream is over; where the run was not and can be joined again, the reading goes on. */
  finish(how: 'ended' | 'cut'): void;
  /**
   * Nothing has come yet, and an earlier process read the run up to this row: it is joined there.
   * @param quiet nothing was cut, so that nothing is lost where there is nothing to be read
   */
  continueFrom(row: string, quiet: boolean): void;
  /** The same as `finish`, without a word about the run. */
  leave(): void;
  /** Resolves once everything so far is committed, or was given up with a line in the log. */
  drained(): Promise<void>;
  /** Resolves once it is finished and drained. */
  readonly done: Promise<void>;
  /** Whether it stands at a pause, and people will answer all of it. True once that is committed. */
  held(): Promise<boolean>;
  /** The last `seq` of the stream; null where it carries none. */
  lastSeq(): number | null;
}

export interface SessionOptions {
  memory: RunFactsCache;
  clock: Clock;
  log: Log;
  hub: ContinuationHub;
  forPeople: (tool: string) => boolean;
  reconnect: Reconnect;
  /** Aborted when nothing is read any more. */
  stopping: AbortSignal;
  /** @returns whether it was recorded; never rejects */
  deliver(delivery: Delivery): Promise<boolean>;
}

export interface SessionHooks {
  /** The key of the application whose call this is; absent: our own call. */
  by?: string | null;
  /** The hash of that key, where the call may begin a run. */
  opener?: string | null;
  /** A pause of this run is about to be delivered. @returns whether its response may be held there */
  onPause?: (executionId: string, key: string) => boolean;
  /** Runtype took this call, in an answer in one piece that need not name its run. */
  onTaken?: () => void;
}

export function openSession(
  options: SessionOptions,
  about: RunContext,
  { by, opener = null, onPause }: SessionHooks,
): StreamSession {
  const { memory, clock, log, hub, forPeople, reconnect, deliver, stopping } = options;
  const reader = new RunReader({ memory, clock, log, via: 'stream', forPeople, opener, ...about });
  const line = about.run === undefined ? null : hub.open(about.run.id, by);
  let numbered: string[] = [];
  /** Its row at Runtype, for a run that can be joined again. */
  let row = '0';
  /** What it begins behind; a new process goes on there. */
  let begunAt: string | null = null;
  /** Rows up to this one were read already: a server that sends them again tells nothing new. */
  let readTo = Number.NaN;
  let kept: string | null = null;
  let heard = false;
  let recorded = true;
  let mine = true;
  let streamed = false;
  let lane: Promise<void> = Promise.resolve();
  const { promise: done, resolve: finished } = Promise.withResolvers<void>();

  const then = (work: () => Promise<void>) => {
    lane = lane.then(work).catch((thrown: unknown) => log.error({ err: coerceError(thrown) }, 'reading along failed'));
  };
  /** What can't be read must not take along what comes after it, nor whoever reads the same bytes. */
  const safely = (look: () => void, words: string) => {
    try {
      look();
    } catch (thrown) {
      log.error({ err: coerceError(thrown) }, words);
    }
  };
  /** Before anything of it is told, so that a crash in between loses no pause. */
  const keep = () => {
    const { executionId: runId, replay } = reader;
    if (runId === null || runId === kept || replay === null) return;
    kept = runId;
    const resume = checkpointOf(memory.of(runId), replay, begunAt ?? row);
    then(async () => void (await deliver({ type: 'run_open', backend: BACKEND, runId, resume })));
  };
  const read = (look: () => Delivery[]) =>
    safely(() => {
      const deliveries = look();
      keep();
      for (const delivery of deliveries) {
        if (delivery.type === 'announced') {
          // Before it is committed: from then on somebody may decide.
          line?.pausesAs(delivery.pause.runId, delivery.pause.key);
          if (onPause?.(delivery.pause.runId, delivery.pause.key) === false) mine = false;
        } else if (by !== undefined && delivery.type === 'resolved') hub.resolvedElsewhere(delivery.key, by);
        else if (by !== undefined && delivery.type === 'run_ended' && delivery.state !== 'lost') {
          hub.overElsewhere(delivery.runId, by);
        }
        then(async () => {
          const kept = await deliver(delivery);
          if (delivery.type === 'announced') recorded &&= kept;
        });
      }
    }, 'an event that can’t be read is left out');
  const splitter = new FrameSplitter({
    onOversize() {
      log.warn({}, 'an event that is too long was skipped');
      // A held response can't be sent the whole continuation any more.
      line?.end({ type: 'broken', how: 'cut' });
    },
  });

  /** @returns whether it is new, and not a repetition by the server */
  function takeEvent(frame: Frame): boolean {
    const { id, data } = frame;
    if (Number(id ?? Number.NaN) <= readTo) return false;
    if (data === null) return true;
    heard = true;
    begunAt ??= before(id);
    if (data.includes('"seq"')) numbered.push(data);
    if (numbered.length > 2 * NUMBERED_KEPT) numbered = numbered.slice(-NUMBERED_KEPT);
    read(() => reader.read(frame));
    return true;
  }

  function takeFrame(frame: Frame): void {
    if (!takeEvent(frame)) return;
    line?.frame(frame);
    row = frame.id ?? row;
  }

  /** A frame without its blank line is read: a whole pause must not be lost. It is neither passed on nor a row. */
  function endStream(): void {
    for (const frame of splitter.end()) takeEvent(frame);
  }

  /** Reads on where it broke off, as far as that is possible, and ends. */
  function joinAgain(how: 'ended' | 'cut', quiet: boolean): void {
    ended = how;
    const { replay, executionId } = reader;
    const conclude = () => {
      const known = reader.over || reader.paused;
      // What can be read again is left to the next process.
      const unsaid = (quiet && !heard) || (kept !== null && stopping.aborted);
      if (known || !unsaid) read(() => reader.end(how));
      reading.leave();
    };
    if (reader.over || reader.paused || !streamed || replay === null || executionId === null) {
      conclude();
      return;
    }
    const broken = {
      after: () => row,
      begin() {
        readTo = Number(row);
        reader.readAgain();
        splitter.reset();
      },
      feed: reading.feed,
      end: endStream,
      concluded: () => reader.over || reader.paused,
    };
    reconnect({ ...replay, executionId }, broken).then(conclude, conclude);
  }

  function endOf(how: 'ended' | 'cut'): StreamEnd {
    if (reader.over) return { type: 'over' };
    return reader.paused ? { type: 'paused', held: recorded && reader.answerable } : { type: 'broken', how };
  }

  let ended: 'ended' | 'cut' = 'cut';
  const reading: StreamSession = {
    feed(bytes) {
      streamed = true;
      safely(() => splitter.push(bytes).forEach(takeFrame), 'a part of a stream could not be read');
    },
    body(json) {
      line?.whole(json);
      for (const event of eventsOf(json)) read(() => reader.event(event));
    },
    first: then,
    continueFrom(from, quiet) {
      row = from;
      begunAt = from;
      streamed = true;
      // Nothing new may come at all, and then its row is still this one.
      if (!quiet) keep();
      joinAgain('cut', quiet);
    },
    finish(how) {
      endStream();
      joinAgain(how, false);
    },
    leave() {
      then(async () => line?.end(endOf(ended)));
      then(async () => finished());
    },
    drained: () => lane,
    done,
    async held() {
      await lane;
      return !reader.over && reader.paused && reader.answerable && recorded && mine;
    },
    lastSeq() {
      for (const data of numbered.toReversed()) {
        const seq = seqIn(data);
        if (seq !== null) return seq;
      }
      return null;
    },
  };

  return reading;
}

/** The row before this one; null where it has no number. */
function before(id: string | null): string | null {
  return id !== null && /^\d{1,15}$/.test(id) ? String(Math.max(0, Number(id) - 1)) : null;
}
