import { createSonzaiEmulator } from '../../../../src/sandbox/emulators/sonzai/index.ts';
import type { SonzaiCall, SonzaiEmulator } from '../../../../src/sandbox/emulators/sonzai/types.ts';

export const LIST = '/api/v1/approvals';

export interface Reply {
  status: number;
  headers: Headers;
  text: string;
  /** The parsed text; undefined where it is no JSON. */
  json: Record<string, unknown>;
}

/** An emulator for one test, closed when the test is over. */
export async function withSonzai<T>(
  options: Parameters<typeof createSonzaiEmulator>[0],
  use: (sonzai: SonzaiEmulator) => Promise<T>,
): Promise<T> {
  const sonzai = await createSonzaiEmulator(options);
  try {
    return await use(sonzai);
  } finally {
    await sonzai.close();
  }
}

interface Sent {
  /** Null sends none. */
  token?: string | null;
  method?: string;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

export async function call(sonzai: SonzaiEmulator, path: string, sent: Sent = {}): Promise<Reply> {
  const { token = sonzai.token, body, method = body === undefined ? 'GET' : 'POST', headers, signal } = sent;
  const response = await fetch(`${sonzai.url}${path}`, {
    method,
    headers: {
      ...(token !== null && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    ...(signal && { signal }),
  });
  const text = await response.text();
  const json = /json/.test(response.headers.get('content-type') ?? '') ? JSON.parse(text) : undefined;
  return { status: response.status, headers: response.headers, text, json };
}

export function resolve(sonzai: SonzaiEmulator, id: string, action: unknown, sent: Sent = {}): Promise<Reply> {
  return call(sonzai, `${LIST}/${encodeURIComponent(id)}/resolve`, { body: { action }, ...sent });
}

export function idsOf(reply: Reply): unknown[] {
  return (reply.json['items'] as { approval_id: unknown }[]).map((item) => item.approval_id);
}

export function callsOf(sonzai: SonzaiEmulator): SonzaiCall[] {
  return sonzai.journal.entries.flatMap((entry) => (entry.kind === 'call' ? [entry] : []));
}
