/** The server whose streams go through the gateway, and the application that reads them. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A run's stream, from the moment at which its request was read. */
export type Play = (response: ServerResponse, number: number) => void;

export interface Source {
  url: string;
  /** The streams that were requested so far. */
  readonly opened: number;
}

/** Answers every dispatch with an event stream, which `play` writes. */
export async function createSource(play: Play): Promise<Source> {
  let opened = 0;
  const server = createServer((incoming, response) => {
    incoming.resume();
    incoming.on('end', () => {
      if (incoming.method !== 'POST') {
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
        return;
      }
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
      response.flushHeaders();
      response.socket?.setNoDelay(true);
      play(response, opened);
      opened += 1;
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get opened() {
      return opened;
    },
  };
}

/** Starts a run through the gateway as an application does. @returns its stream */
export async function dispatch(port: number, key: string): Promise<IncomingMessage> {
  const body = JSON.stringify({
    agent: { agentId: 'refund-agent' },
    messages: [{ role: 'user', content: 'Go.' }],
    options: { streamResponse: true },
  });
  const headers = {
    authorization: `Bearer ${key}`,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  };
  const call = request({ host: '127.0.0.1', port, path: '/v1/dispatch', method: 'POST', headers });
  call.end(body);
  const [answer] = (await once(call, 'response')) as [IncomingMessage];
  if (answer.statusCode !== 200) throw new Error(`the gateway answered ${answer.statusCode}`);
  return answer;
}

export function frame(event: { type: string; [field: string]: unknown }): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

export const runStart = (number: number): string =>
  frame({
    ...{ type: 'execution_start', executionId: `exec_${number}`, seq: 0, kind: 'agent' },
    ...{ agentId: 'refund-agent', agentName: 'Order desk', maxTurns: 10, config: { model: 'example-model' } },
  });

export const runEnd = (number: number, seq: number): string =>
  frame({
    type: 'execution_complete',
    executionId: `exec_${number}`,
    seq,
    kind: 'agent',
    success: true,
    finalOutput: 'Done.',
  });

export const pauseOf = (number: number, mark: string, toolName = 'refund_order'): string =>
  frame({
    ...{ type: 'approval_start', executionId: `exec_${number}`, seq: 3, approvalId: `appr_${number}` },
    ...{ toolCallId: `toolu_${number}`, toolName, toolType: 'external', description: mark },
    ...{
      parameters: { orderId: `A-${number}`, amount: 42.5, reason: 'broken shade' },
      timeout: 3_600_000,
      iteration: 1,
    },
    startedAt: new Date().toISOString(),
  });

/** About 190 bytes, as a small event is. */
export const delta = (number: number, seq: number, text: string): string =>
  frame({ type: 'text_delta', executionId: `exec_${number}`, seq, id: 'text_1_1', role: 'assistant', delta: text });
