import type { BufferBudget } from '../../../../core/ports/buffer-budget.ts';
import type { Clock, HttpReply, Log } from '../../../../core/ports/ports.ts';
import { free } from '../../../shared/http/reading.ts';
import { isEventStream, isJson, isSuccess, watchIdle } from '../../../shared/response.ts';
import type { Incoming, Timeouts } from '../../../shared/transport.ts';
import { JSON_MAX_BYTES } from '../../stream/sessions.ts';
import { answered, without } from '../headers.ts';
import { JsonWriter, StreamWriter } from '../hold/continuation-writer.ts';
import type { HeldResponse } from '../hold/held-response.ts';
import type { ReplayBuffer } from '../hold/replay-buffer.ts';
import { CodedAnswer } from './coded-answer.ts';
import { pump } from './pump.ts';
import type { Tap } from './tap.ts';

export interface RelayOptions {
  /** For an answer that is withheld. */
  room: BufferBudget;
  clock: Clock;
  timeouts: Timeouts;
  stopping: AbortSignal;
  /** Null: the response ends where Runtype's answer ends. */
  held: HeldResponse | null;
  /** Continues a held stream when its application is gone. */
  buffer: ReplayBuffer | null;
  /** The call carries a decision, which waits for this answer: then it has a time limit, even while the caller waits. */
  carriesDecision: boolean;
  /** The call is known to start or continue a run, whose stream has a time limit, too. */
  isRun: boolean;
  log: Log;
}

const never = new AbortController().signal;

/** A store that is slow must not keep an application waiting for longer. */
const RECORD_WITHIN_MS = 5_000;

/**
 * Passes an answer on as it arrives, at the caller's pace. The tap receives every chunk, without effect on the caller; of an
 * encoded answer what the chunk contains, before the caller receives it. When the caller goes away, an answer whose tap
 * outlives it is read to its end; any other ends with its caller. At a pause that people will answer, the response is held,
 * and its caller reads on after the decision.
 */
export async function relay(
  incoming: Incoming,
  caller: HttpReply,
  signal: AbortSignal,
  tap: Tap | null,
  options: RelayOptions,
): Promise<void> {
  const { body } = incoming;
  const { held, isRun } = options;
  const isStream = isEventStream(incoming.headers);
  const isWhole = held !== null && isRun && isSuccess(incoming.status) && isJson(incoming.headers);
  const reader = new CodedAnswer(incoming, tap, isWhole);
  // What is encoded can't be kept frame by frame.
  const buffer = isStream && reader.isPlain ? options.buffer : null;
  const reply = buffer ?? caller;
  let isGone = false;
  /** The chunks of a whole answer, which is withheld until it is clear whether the run pauses in it. */
  let withheld: Uint8Array[] | null = isWhole ? [] : null;
  let size = 0;
  const lease = options.room.lease();
  const watch: { idle: ReturnType<typeof watchIdle> | null } = { idle: null };
  const onGone = () => {
    buffer?.left();
    isGone = true;
    // While the caller is there, how long it waits for a whole answer is its own choice.
    if (tap?.outlivesCaller !== true) body.destroy();
    else watch.idle ??= watchIdle(body, options.timeouts.idleMs);
  };
  if (tap !== null && isLimited(isStream, options)) watch.idle = watchIdle(body, options.timeouts.idleMs);
  const onStopping = () => body.destroy(new Error('stopping'));
  const send = (work: () => void | Promise<void>): Promise<void> | undefined => {
    if (isGone && buffer === null) return undefined;
    try {
      return work()?.catch(onGone);
    } catch {
      onGone();
      return undefined;
    }
  };
  // The continuation would exceed the content-length of the first part.
  const headers = held !== null && isStream ? without(answered(incoming), 'content-length') : answered(incoming);
  const begin = () => send(() => reply.start(incoming.status, headers));
  const sendWithheld = async () => {
    if (withheld === null) return;
    const chunks = withheld;
    withheld = null;
    reader.drop();
    await begin();
    for (const chunk of chunks) await send(() => reply.write(chunk));
    lease.close();
  };
  const write = (chunk: Uint8Array) => {
    // The tap of an answer in one piece keeps its bytes.
    const done = tap !== null && !isStream ? undefined : () => free(chunk);
    const sent = send(() => (buffer === null ? caller.write(chunk, done) : buffer.pass(chunk, done)));
    watch.idle?.alive();
    return sent?.then(() => watch.idle?.alive());
  };
  const withhold = (chunk: Uint8Array) => {
    withheld?.push(chunk);
    size += chunk.length;
    watch.idle?.alive();
    // Without room it is not held at a pause.
    return size > JSON_MAX_BYTES || !lease.take(chunk.length) ? sendWithheld() : undefined;
  };
  const pass = (pieces: readonly Uint8Array[]) => {
    const [first = new Uint8Array(), ...others] = pieces;
    if (!reader.isPlain) return passCoded(others.length === 0 ? first : Buffer.concat(pieces));
    const given = passPlain(first);
    return others.length === 0 ? given : Promise.all([given, ...others.map(passPlain)]).then(() => {});
  };
  const give = (chunk: Uint8Array) => (withheld === null ? write(chunk) : withhold(chunk));
  const passPlain = (chunk: Uint8Array) => {
    const given = give(chunk);
    void reader.push(chunk);
    return given;
  };
  // What the caller has, the tap has, too: the answer to a pause may arrive at once.
  const passCoded = (chunk: Uint8Array) => reader.push(chunk)?.then(() => give(chunk)) ?? give(chunk);

  signal.addEventListener('abort', onGone, { once: true });
  options.stopping.addEventListener('abort', onStopping, { once: true });
  if (signal.aborted) onGone();
  if (options.stopping.aborted) onStopping();
  try {
    if (withheld === null) await begin();
    await pump(body, pass);
    await reader.finish('ended');
  } catch {
    await reader.finish('cut');
    await sendWithheld();
    if (!isGone || buffer !== null) reply.destroy();
    await tap?.drained();
    return;
  } finally {
    signal.removeEventListener('abort', onGone);
    options.stopping.removeEventListener('abort', onStopping);
    watch.idle?.stop();
  }
  const text = reader.text;
  const canHold = tap !== null && held !== null && (!isGone || buffer !== null) && (!isWhole || text !== null);
  if (!canHold || !(await tap.pausedForPeople()) || !(isWhole || canContinue(reader, options.log))) {
    // The end tells the application that Countersign has the pause, so it is sent once the pause is recorded.
    if (tap !== null) await recorded(tap, options.clock);
    await sendWithheld();
    await send(() => reply.end());
  } else if (isWhole && withheld !== null) {
    // Its length is not known yet, and the caller must see that the answer begins. What is written is not encoded.
    reply.start(incoming.status, without(answered(incoming), 'content-length', 'content-encoding'));
    // What is continued is kept once, and counted until the hold ends.
    withheld = null;
    reader.drop();
    await held.hold(new JsonWriter(text ?? ''), reply, signal).finally(() => lease.close());
  } else {
    const rest = reader.continuing(reply);
    if (!reader.closesFrame) await send(() => rest.write(Buffer.from('\n\n')));
    const writer = new StreamWriter(tap.lastSeq());
    await tap.drained();
    buffer?.rest();
    // Not awaited here: while it is held, which may be for an hour, nothing of how it was read is kept.
    return held.hold(writer, rest, buffer === null ? signal : never);
  }
  await tap?.drained();
}

/**
 * A decision waits for the end of a whole answer. A run's stream without even a ping has broken unnoticed; where Runtype keeps
 * the run, the session reads the rest.
 */
function isLimited(isStream: boolean, { isRun, carriesDecision }: RelayOptions): boolean {
  return (isStream && isRun) || carriesDecision;
}

/**
 * Identity was requested, so this is a server that encodes nonetheless. gzip can be continued; after the end of the other
 * codings readers read nothing more.
 */
function canContinue(reader: CodedAnswer, log: Log): boolean {
  if (!reader.canBeContinued) log.warn({}, 'a response can’t be held: its encoding can’t be continued after its end');
  return reader.canBeContinued;
}

/** Resolves once what the tap read is recorded, or after the limit. */
async function recorded(tap: Tap, clock: Clock): Promise<void> {
  const done = new AbortController();
  const late = clock.sleep(RECORD_WITHIN_MS, done.signal).catch(() => {});
  await Promise.race([tap.drained(), late]);
  done.abort();
}
