/**
 * One call of Slack's Web API by Node's own HTTP client, in place of `fetch`: its streams and signals cost several times as
 * much as the call. Tested in test/platforms/slack/api/post.test.ts.
 */
import * as http from 'node:http';
import * as https from 'node:https';
import type { FetchFunction } from '@slack/web-api';

type Answer = Awaited<ReturnType<FetchFunction>>;

/** What web-api's client passes to its `fetch`. */
export interface Call {
  headers: Record<string, string>;
  body: string;
  /** Of the call, and of our lifetime. */
  signals: readonly AbortSignal[];
}

/**
 * Uses the agents of the process, which keep connections and follow its proxies. Rejects as `fetch` does: with the reason of
 * the signal that ended it, and where it is redirected.
 */
export function post(url: string, { headers, body, signals }: Call): Promise<Answer> {
  return new Promise((resolve, reject) => {
    for (const signal of signals) signal.throwIfAborted();
    const length = String(Buffer.byteLength(body));
    const options = { method: 'POST', headers: { ...headers, 'content-length': length } };
    const call = url.startsWith('https:') ? https.request(url, options) : http.request(url, options);
    const stops = signals.map((signal) => ({ signal, stop: () => fail(signal.reason) }));
    const settle = () => {
      for (const { signal, stop } of stops) signal.removeEventListener('abort', stop);
    };
    const fail = (reason: unknown) => {
      settle();
      reject(reason);
      call.destroy();
    };
    for (const { signal, stop } of stops) signal.addEventListener('abort', stop);
    call.on('error', fail);
    const lost = () => fail(new Error('connection lost'));
    call.on('close', lost);
    call.on('response', (answer) => {
      // From here on, the answer says how it ends.
      call.off('close', lost);
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', fail);
      answer.on('end', () => {
        settle();
        const { statusCode = 0, statusMessage = '' } = answer;
        if (statusCode >= 300 && statusCode < 400) reject(new TypeError('unexpected redirect'));
        else resolve(answerOf(url, statusCode, statusMessage, answer.headers, Buffer.concat(chunks)));
      });
    });
    call.end(body);
  });
}

/** @param status with which the caller's library is answered */
export function answerOf(
  url: string,
  status: number,
  statusText: string,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  body: Buffer = Buffer.alloc(0),
): Answer {
  const named = new Map(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)] as const])),
  );
  const text = async () => new TextDecoder().decode(body);
  return {
    ok: status >= 200 && status < 300,
    status,
    statusText,
    url,
    headers: { get: (name) => named.get(name.toLowerCase()) ?? null, entries: () => named.entries() },
    text,
    json: async () => JSON.parse(await text()),
    arrayBuffer: async () => new Uint8Array(body).buffer,
  };
}
