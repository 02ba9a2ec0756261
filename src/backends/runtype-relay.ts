import type { ProxyReply } from '../core/ports.ts';
import { watchIdle } from './incoming.ts';
import type { Copy } from './runtype-copy.ts';
import { endToEnd } from './runtype-routes.ts';
import type { Incoming, Timeouts } from './transport.ts';

/**
 * Passes an answer on as it comes, at the caller's pace. The copy gets every chunk after the caller, and nothing it
 * does shows. When the caller goes away, a copied answer is read to its end; any other ends with its caller.
 */
export async function relay(
  incoming: Incoming,
  reply: ProxyReply,
  signal: AbortSignal,
  copy: Copy | null,
  options: { timeouts: Timeouts; stopping: AbortSignal },
): Promise<void> {
  const { body } = incoming;
  let gone = false;
  const watch: { idle: ReturnType<typeof watchIdle> | null } = { idle: null };
  const onGone = () => {
    gone = true;
    // As long as the caller is there, patience is its own matter.
    if (copy === null) body.destroy();
    else watch.idle ??= watchIdle(body, options.timeouts.idleMs);
  };
  const onStopping = () => body.destroy(new Error('stopping'));
  const tell = async (say: () => void | Promise<void>) => {
    if (gone) return;
    try {
      await say();
    } catch {
      onGone();
    }
  };

  signal.addEventListener('abort', onGone, { once: true });
  options.stopping.addEventListener('abort', onStopping, { once: true });
  if (signal.aborted) onGone();
  if (options.stopping.aborted) onStopping();
  try {
    await tell(() => reply.start(incoming.status, endToEnd(incoming.rawHeaders)));
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      const told = tell(() => reply.write(chunk));
      copy?.feed(chunk);
      await told;
      watch.idle?.alive();
    }
    copy?.finish('ended');
    await tell(() => reply.end());
  } catch {
    copy?.finish('cut');
    if (!gone) reply.destroy();
  } finally {
    signal.removeEventListener('abort', onGone);
    options.stopping.removeEventListener('abort', onStopping);
    watch.idle?.stop();
  }
  await copy?.drained();
}
