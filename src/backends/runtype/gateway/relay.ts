import type { Clock, HttpReply } from '../../../core/ports/ports.ts';
import { isEventStream, isJson, watchIdle } from '../../shared/response.ts';
import type { Incoming, Timeouts } from '../../shared/transport.ts';
import { JSON_MAX_BYTES } from '../stream/sessions.ts';
import { closesFrame } from '../wire/frames.ts';
import { JsonWriter, StreamWriter } from './continuation-writer.ts';
import { endToEnd, without } from './headers.ts';
import type { HeldResponse } from './held-response.ts';
import type { ReplayBuffer } from './replay-buffer.ts';
import type { Tap } from './tap.ts';

export interface RelayOptions {
  clock: Clock;
  timeouts: Timeouts;
  stopping: AbortSignal;
  /** Null: the answer ends where Runtype's ends. */
  held: HeldResponse | null;
  /** Goes on with a held stream when its application is gone. */
  buffer: ReplayBuffer | null;
  /** Whether claims wait for this answer: then nobody's patience keeps it open for ever. */
  claimed: boolean;
}

const never = new AbortController().signal;

/** A store in trouble must not keep an application for longer. */
const RECORD_WITHIN_MS = 5_000;

/**
 * Passes an answer on as it comes, at the caller's pace. The copy gets every chunk after the caller, and nothing it
 * does shows. When the caller goes away, a copied answer is read to its end; any other ends with its caller. At a pause
 * that people will answer, the response is held, and its caller reads on after it.
 */
export async function relay(
  incoming: Incoming,
  caller: HttpReply,
  signal: AbortSignal,
  copy: Tap | null,
  options: RelayOptions,
): Promise<void> {
  const { body, rawHeaders } = incoming;
  const { held } = options;
  const stream = isEventStream(incoming.headers);
  const buffer = stream ? options.buffer : null;
  const reply = buffer ?? caller;
  let gone = false;
  let last = '';
  /** A whole answer is kept back until it is clear whether it is the last word. */
  let kept: Uint8Array[] | null = held !== null && incoming.status === 200 && isJson(incoming.headers) ? [] : null;
  let size = 0;
  const watch: { idle: ReturnType<typeof watchIdle> | null } = { idle: null };
  const onGone = () => {
    buffer?.left();
    gone = true;
    // As long as the caller is there, a whole answer is its own matter.
    if (copy === null) body.destroy();
    else watch.idle ??= watchIdle(body, options.timeouts.idleMs);
  };
  // Claims wait for a whole answer's end. A run's stream that says nothing at all, no ping either, has broken off
  // without anybody being told; where its run is kept, the rest is read aside.
  if (copy !== null && (stream || options.claimed)) watch.idle = watchIdle(body, options.timeouts.idleMs);
  const onStopping = () => body.destroy(new Error('stopping'));
  const tell = async (say: () => void | Promise<void>) => {
    if (gone && buffer === null) return;
    try {
      await say();
    } catch {
      onGone();
    }
  };
  // What is spliced in would run past the length of the first part.
  const headers = () =>
    held !== null && stream ? without(endToEnd(rawHeaders), 'content-length') : endToEnd(rawHeaders);
  const begin = () => tell(() => reply.start(incoming.status, headers()));
  const giveUpKept = async () => {
    if (kept === null) return;
    const chunks = kept;
    kept = null;
    await begin();
    for (const chunk of chunks) await tell(() => reply.write(chunk));
  };

  signal.addEventListener('abort', onGone, { once: true });
  options.stopping.addEventListener('abort', onStopping, { once: true });
  if (signal.aborted) onGone();
  if (options.stopping.aborted) onStopping();
  try {
    if (kept === null) await begin();
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      const told = kept === null ? tell(() => reply.write(chunk)) : kept.push(chunk);
      copy?.feed(chunk);
      last = (last + Buffer.from(chunk.subarray(-4)).toString('latin1')).slice(-4);
      size += chunk.length;
      await told;
      if (size > JSON_MAX_BYTES) await giveUpKept();
      watch.idle?.alive();
    }
    copy?.finish('ended');
  } catch {
    copy?.finish('cut');
    await giveUpKept();
    if (!gone || buffer !== null) reply.destroy();
    await copy?.drained();
    return;
  } finally {
    signal.removeEventListener('abort', onGone);
    options.stopping.removeEventListener('abort', onStopping);
    watch.idle?.stop();
  }
  if (copy === null || held === null || (gone && buffer === null) || !(await copy.held())) {
    // To its application the end says that Countersign has the pause: it comes once the pause is recorded.
    if (copy !== null) await untilRecorded(copy, options.clock);
    await giveUpKept();
    await tell(() => reply.end());
  } else if (kept !== null) {
    // Its length is not known yet, and the caller must see that it is being answered.
    reply.start(incoming.status, without(endToEnd(rawHeaders), 'content-length'));
    await held.hold(new JsonWriter(Buffer.concat(kept).toString('latin1')), reply, signal);
  } else {
    if (!closesFrame(last)) await tell(() => reply.write(Buffer.from('\n\n')));
    await held.hold(new StreamWriter(copy.lastSeq()), reply, buffer === null ? signal : never);
  }
  await copy?.drained();
}

async function untilRecorded(copy: Tap, clock: Clock): Promise<void> {
  const done = new AbortController();
  const late = clock.sleep(RECORD_WITHIN_MS, done.signal).catch(() => {});
  await Promise.race([copy.drained(), late]);
  done.abort();
}
