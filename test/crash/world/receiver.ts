/** Whoever asked with a callback: takes signed outcomes, and can go wrong. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import {
  applyFault,
  Faults,
  type HttpFault,
  type ResponseFault,
  statusOf,
} from '../../../src/sandbox/emulators/shared/http-faults.ts';
import { Journal } from '../../../src/sandbox/emulators/shared/journal.ts';

export interface CallbackEntry {
  kind: 'call';
  at: number;
  /** The message's id: the same one again is the same outcome again. */
  id: string;
  signed: boolean;
  body: { data?: { approval_id?: string; status?: string; resolved_by_name?: string; context?: string } };
  /** 0: no answer. */
  status: number;
  /** It was taken: what happened to the answer is another matter. */
  effect: boolean;
}

export interface Receiver {
  url: string;
  host: string;
  journal: Journal<CallbackEntry>;
  fail(fault: ResponseFault): void;
  heal(): void;
  close(): Promise<void>;
}

export async function createReceiver(secret: string): Promise<Receiver> {
  const journal = new Journal<CallbackEntry>();
  const faults = new Faults();
  const webhook = new Webhook(secret);
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString('utf8');
    const fault = faults.take(['callback']) as Exclude<HttpFault, { kind: 'latency' }> | undefined;
    const signed = isSigned(webhook, text, request.headers as Record<string, string>);
    const effect = signed && (fault === undefined || ('when' in fault && fault.when === 'after'));
    const id = String(request.headers['webhook-id'] ?? '');
    const status = fault === undefined ? (signed ? 204 : 401) : statusOf(fault);
    journal.record({ kind: 'call', at: Date.now(), id, signed, body: JSON.parse(text), status, effect });
    if (fault === undefined) response.writeHead(status).end();
    else applyFault(fault, request, response, (code) => void response.writeHead(code).end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `http://${host}/outcome`,
    host,
    journal,
    fail: (fault) => faults.plan('callback', fault, 1),
    heal: () => faults.clear(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function isSigned(webhook: Webhook, text: string, headers: Record<string, string>): boolean {
  try {
    webhook.verify(text, headers);
    return true;
  } catch {
    return false;
  }
}
