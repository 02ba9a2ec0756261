/** An application that calls Runtype through the gateway, and a run that it may start. */
import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { APP_KEY, readText } from './backend.ts';

export const start = { type: 'execution_start', executionId: 'exec_1', kind: 'agent', agentName: 'Order desk' };
export const asked = { type: 'approval_start', executionId: 'exec_1', approvalId: 'appr_1', toolName: 'refund' };
export const complete = { type: 'execution_complete', executionId: 'exec_1', success: true, finalOutput: 'Done.' };

export interface Sent {
  path?: string;
  body?: unknown;
  key?: string;
  headers?: Record<string, string>;
}

/** A POST as an application makes it; the answer is still to be read. */
export function open(url: string, { path = '/v1/dispatch', body = {}, key = APP_KEY, headers = {} }: Sent = {}) {
  const { hostname, port } = new URL(url);
  // A URL would be sent in its normal form.
  const outgoing = httpRequest({
    hostname,
    port,
    path,
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    agent: false,
  });
  outgoing.end(typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body));
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.on('response', resolve);
    outgoing.on('error', reject);
  });
  return { outgoing, answer };
}

export async function post(url: string, sent: Sent = {}): Promise<{ status: number; text: string }> {
  const response = await open(url, sent).answer;
  return { status: response.statusCode ?? 0, text: await readText(response) };
}

export function beginStream(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.flushHeaders();
}
