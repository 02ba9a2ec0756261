/** A path to which a sender posts what it signs. */
import { type BufferBudget, type BufferLease, KeptBytes } from '../buffer-budget.ts';
import { type HttpAnswer, type HttpMount, headersOf, noRoom, sendAnswer, unknownPath } from '../http.ts';

export interface Webhook {
  path: string;
  maxBytes: number;
  /** For the body, from the moment that it is read until it is answered. */
  buffers: BufferBudget;
  /** What is refused for its headers, before anything of its body is read; null: its body is read. */
  admit(headers: Record<string, string>, remoteAddress: string): Promise<HttpAnswer | null>;
  /** Gets null in place of more than `maxBytes`; `answered` resolves once the answer has left. */
  receive(
    headers: Record<string, string>,
    bytes: Uint8Array | null,
    answered: Promise<void>,
    remoteAddress: string,
  ): Promise<HttpAnswer>;
}

/** Mounts a webhook: a POST to exactly this path, with its body read whole, so that its signature can be verified. */
export function mountWebhook({ path, maxBytes, buffers, admit, receive }: Webhook): HttpMount {
  return {
    prefix: path,
    signed: true,
    async handle({ method, target, rawHeaders, body, answered, remoteAddress }, reply) {
      const isOurs = method === 'POST' && target.split('?', 1)[0] === path;
      if (!isOurs) return sendAnswer(reply, unknownPath);
      const headers = headersOf(rawHeaders);
      const refusal = await admit(headers, remoteAddress);
      if (refusal !== null) return sendAnswer(reply, refusal);
      const lease = buffers.lease();
      try {
        const read = await readBounded(body, maxBytes, lease);
        if (read === 'no room') return await sendAnswer(reply, noRoom);
        const bytes = read === 'too long' ? null : read;
        await sendAnswer(reply, await receive(headers, bytes, answered, remoteAddress));
      } finally {
        lease.close();
      }
    },
  };
}

/** Reads all of a body; of one that is too long, or for which there is no room, the rest is not kept. */
export async function readBounded(
  body: AsyncIterable<Uint8Array>,
  max: number,
  lease: BufferLease,
): Promise<Uint8Array | 'too long' | 'no room'> {
  const kept = new KeptBytes(lease);
  for await (const chunk of body) {
    if (kept.length + chunk.length > max) return 'too long';
    if (!kept.add(chunk)) return 'no room';
  }
  const { length } = kept;
  const chunks = kept.take();
  const [only] = chunks;
  if (only !== undefined && chunks.length === 1) return only;
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
