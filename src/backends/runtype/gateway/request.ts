/** How the gateway reads a request and answers it itself. Tested in test/backends/runtype/gateway/gateway.test.ts. */
import type { HttpReply, HttpRequest } from '../../../core/ports/ports.ts';
import { isRecord } from '../../../core/text/json.ts';
import type { Replay, RunFactsCache } from '../pause/run-facts.ts';
import type { RunContext } from '../stream/reader.ts';

/**
 * The run that a call continues, the tools that its application offers, and where the run can be read again.
 * @param decides whether a call of this kind can continue a run
 * @param caller the hash of its key: a run that another caller started is ignored
 */
export function contextOf(json: unknown, runFacts: RunFactsCache, decides: boolean, caller: string): RunContext {
  if (!isRecord(json)) return {};
  const offered = Array.isArray(json['clientTools']) ? json['clientTools'] : [];
  const clientTools = offered.flatMap((tool) =>
    isRecord(tool) && typeof tool['name'] === 'string' ? tool['name'] : [],
  );
  const { executionId } = json;
  const replay = replayOf(json);
  if (!decides || typeof executionId !== 'string' || executionId === '') return { clientTools, replay };
  if (!runFacts.mayBeOf(caller, executionId)) return {};
  return { clientTools, replay, run: { id: executionId, facts: runFacts.of(executionId) } };
}

/** Runtype keeps the events of saved agents in a conversation, and of no other runs. */
function replayOf({ agent, conversationId }: Record<string, unknown>): Replay | null {
  const agentId = isRecord(agent) ? (agent['agentId'] ?? agent['id']) : null;
  if (typeof agentId !== 'string' || agentId === '') return null;
  return typeof conversationId === 'string' && conversationId !== '' ? { agentId, conversationId } : null;
}

/** Reads the body up to a limit; `rest` is set if it is longer, and yields all of it. Null when the caller disconnected. */
export async function readBody(
  request: HttpRequest,
  maxBytes: number,
): Promise<{ bytes: Uint8Array; rest: AsyncIterable<Uint8Array> | null } | null> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const iterator = request.body[Symbol.asyncIterator]();
  try {
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
      chunks.push(next.value);
      size += next.value.length;
      if (size > maxBytes) return { bytes: new Uint8Array(), rest: replay(chunks, iterator) };
    }
  } catch {
    return null;
  }
  return { bytes: Buffer.concat(chunks), rest: null };
}

async function* replay(chunks: Uint8Array[], iterator: AsyncIterator<Uint8Array>): AsyncIterable<Uint8Array> {
  yield* chunks.splice(0);
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
}

export function drain(rest: AsyncIterable<Uint8Array>): void {
  const read = async () => {
    for await (const _ of rest);
  };
  read().catch(() => {});
}

/** Aborted `ms` after the caller is gone, or when all reading stops. */
export function outliving(
  caller: AbortSignal,
  ms: number,
  stopping: AbortSignal,
): { signal: AbortSignal; done(): void } {
  const control = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const onGone = () => {
    timer = setTimeout(() => control.abort(), ms);
  };
  const onStopping = () => control.abort();
  if (caller.aborted) onGone();
  else caller.addEventListener('abort', onGone, { once: true });
  if (stopping.aborted) onStopping();
  else stopping.addEventListener('abort', onStopping, { once: true });
  return {
    signal: control.signal,
    done() {
      clearTimeout(timer);
      caller.removeEventListener('abort', onGone);
      stopping.removeEventListener('abort', onStopping);
    },
  };
}

/** An answer of our own; its status must never be one that means success at Runtype. */
export function answer(reply: HttpReply, status: number, body: Record<string, unknown>): void {
  const bytes = Buffer.from(JSON.stringify(body));
  try {
    reply.start(status, ['Content-Type', 'application/json', 'Content-Length', String(bytes.length)]);
    // A caller that is gone is not an error.
    reply
      .write(bytes)
      .then(() => reply.end())
      .catch(() => {});
  } catch {
    reply.destroy();
  }
}
