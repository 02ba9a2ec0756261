import type { Clock, HttpReply } from '../../../../core/ports/ports.ts';
import { isEventStream, isJson, watchIdle } from '../../../shared/response.ts';
import type { Incoming, Timeouts } from '../../../shared/transport.ts';
import { JSON_MAX_BYTES } from '../../stream/sessions.ts';
import { closesFrame } from '../../wire/frame-splitter.ts';
import { endToEnd, without } from '../headers.ts';
import { JsonWriter, StreamWriter } from '../hold/continuation-writer.ts';
import type { HeldResponse } from '../hold/held-response.ts';
import type { ReplayBuffer } from '../hold/replay-buffer.ts';
import type { Tap } from './tap.ts';

export interface RelayOptions {
  clock: Clock;
  timeouts: Timeouts;
  stopping: AbortSignal;
  /** Null: the response ends where Runtype's answer ends. */
  held: HeldResponse | null;
  /** Continues a held stream when its application is gone. */
  buffer: ReplayBuffer | null;
  /** The call carries a decision, which waits for this answer: then it has a time limit, even while the caller waits. */
  carriesDecision: boolean;
}

const never = new AbortController().signal;

/** A store that is slow must not keep an application waiting for longer. */
const RECORD_WITHIN_MS = 5_000;

/**
 * Passes an answer on as it arrives, at the caller's pace. The tap receives every chunk after the caller, without effect
 * on it. When the caller goes away, an answer with a tap is read to its end; any other ends with its caller. At a pause
 * that people will answer, the response is held, and its caller reads on after the decision.
 */
export async function relay(
  incoming: Incoming,
  caller: HttpReply,
  signal: AbortSignal,
  tap: Tap | null,
  options: RelayOptions,
): Promise<void> {
  const { body, rawHeaders } = incoming;
  const { held } = options;
  const isStream = isEventStream(incoming.headers);
  const buffer = isStream ? options.buffer : null;
  const reply = buffer ?? caller;
  let isGone = false;
  let last = '';
  /** The chunks of a whole answer, which is withheld until it is clear whether the run pauses in it. */
  let withheld: Uint8Array[] | null = held !== null && incoming.status === 200 && isJson(incoming.headers) ? [] : null;
  let size = 0;
  const watch: { idle: ReturnType<typeof watchIdle> | null } = { idle: null };
  const onGone = () => {
    buffer?.left();
    isGone = true;
    // While the caller is there, how long it waits for a whole answer is its own choice.
    if (tap === null) body.destroy();
    else watch.idle ??= watchIdle(body, options.timeouts.idleMs);
  };
  // A decision waits for the end of a whole answer. A run's stream without even a ping has broken unnoticed; where Runtype
  // keeps the run, the session reads the rest.
  if (tap !== null && (isStream || options.carriesDecision)) watch.idle = watchIdle(body, options.timeouts.idleMs);
  const onStopping = () => body.destroy(new Error('stopping'));
  const send = async (work: () => void | Promise<void>) => {
    if (isGone && buffer === null) return;
    try {
      await work();
    } catch {
      onGone();
    }
  };
  // The continuation would exceed the content-length of the first part.
  const headers = held !== null && isStream ? without(endToEnd(rawHeaders), 'content-length') : endToEnd(rawHeaders);
  const begin = () => send(() => reply.start(incoming.status, headers));
  const sendWithheld = async () => {
    if (withheld === null) return;
    const chunks = withheld;
    withheld = null;
    await begin();
    for (const chunk of chunks) await send(() => reply.write(chunk));
  };

  signal.addEventListener('abort', onGone, { once: true });
  options.stopping.addEventListener('abort', onStopping, { once: true });
  if (signal.aborted) onGone();
  if (options.stopping.aborted) onStopping();
  try {
    if (withheld === null) await begin();
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      const sent = withheld === null ? send(() => reply.write(chunk)) : withheld.push(chunk);
      tap?.feed(chunk);
      last = (last + Buffer.from(chunk.subarray(-4)).toString('latin1')).slice(-4);
      size += chunk.length;
      await sent;
      if (size > JSON_MAX_BYTES) await sendWithheld();
      watch.idle?.alive();
    }
    tap?.finish('ended');
  } catch {
    tap?.finish('cut');
    await sendWithheld();
    if (!isGone || buffer !== null) reply.destroy();
    await tap?.drained();
    return;
  } finally {
    signal.removeEventListener('abort', onGone);
    options.stopping.removeEventListener('abort', onStopping);
    watch.idle?.stop();
  }
  if (tap === null || held === null || (isGone && buffer === null) || !(await tap.pausedForPeople())) {
    // The end tells the application that Countersign has the pause, so it is sent once the pause is recorded.
    if (tap !== null) await recorded(tap, options.clock);
    await sendWithheld();
    await send(() => reply.end());
  } else if (withheld !== null) {
    // Its length is not known yet, and the caller must see that the answer begins.
    reply.start(incoming.status, without(endToEnd(rawHeaders), 'content-length'));
    await held.hold(new JsonWriter(Buffer.concat(withheld).toString('latin1')), reply, signal);
  } else {
    if (!closesFrame(last)) await send(() => reply.write(Buffer.from('\n\n')));
    await held.hold(new StreamWriter(tap.lastSeq()), reply, buffer === null ? signal : never);
  }
  await tap?.drained();
}

/** Resolves once what the tap read is recorded, or after the limit. */
async function recorded(tap: Tap, clock: Clock): Promise<void> {
  const done = new AbortController();
  const late = clock.sleep(RECORD_WITHIN_MS, done.signal).catch(() => {});
  await Promise.race([tap.drained(), late]);
  done.abort();
}
