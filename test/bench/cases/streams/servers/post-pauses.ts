/**
 * What becomes of a pause, by hand: the stream is passed on, the pause is checked, recorded in one commit with the job to
 * post it, and then posted; the receipt is recorded, too. Arguments: the database. Environment: `UPSTREAM`, `SLACK`, `TOKEN`,
 * `CHANNEL`.
 */
import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import Database from 'better-sqlite3';
import { createParser } from 'eventsource-parser';
import { z } from 'zod';

const upstream = new URL(process.env['UPSTREAM'] ?? '');
const slack = new URL(process.env['SLACK'] ?? '');
const { TOKEN: token = '', CHANNEL: channel = '' } = process.env;
const agent = new Agent({ keepAlive: true });
const db = new Database(process.argv[2] ?? '');
db.pragma('journal_mode = WAL');
db.pragma('synchronous = FULL');
db.exec(`
  CREATE TABLE approvals (id TEXT PRIMARY KEY, state TEXT NOT NULL, receipt TEXT);
  CREATE TABLE jobs (id INTEGER PRIMARY KEY, approval TEXT NOT NULL)`);
const insert = db.prepare('INSERT INTO approvals (id, state) VALUES (?, ?) ON CONFLICT DO NOTHING');
const enqueue = db.prepare('INSERT INTO jobs (approval) VALUES (?)');
const settle = db.prepare('DELETE FROM jobs WHERE id = ?');
const receipt = db.prepare('UPDATE approvals SET receipt = ? WHERE id = ?');
const record = db.transaction((id: string, state: string) => {
  insert.run(id, state);
  return Number(enqueue.run(id).lastInsertRowid);
}).immediate;
const done = db.transaction((job: number, id: string, ts: string) => {
  receipt.run(ts, id);
  settle.run(job);
}).immediate;

const pauseSchema = z.object({
  type: z.literal('approval_start'),
  executionId: z.string(),
  approvalId: z.string(),
  toolCallId: z.string(),
  toolName: z.string(),
  description: z.string().optional(),
  parameters: z.record(z.string(), z.unknown()),
  timeout: z.number().optional(),
  startedAt: z.string(),
});

function announce(text: string): void {
  const pause = pauseSchema.parse(JSON.parse(text));
  const { approvalId: id, toolName, description = '', parameters } = pause;
  const job = record(id, JSON.stringify(pause));
  const button = (label: string, action: string) => ({
    type: 'button',
    action_id: action,
    value: `${id}.${action}`,
    text: { type: 'plain_text', text: label },
  });
  const card = {
    channel,
    text: `${toolName}: ${description}`,
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text: `*${toolName}*\n${description}` } },
      { type: 'section', text: { type: 'plain_text', text: JSON.stringify(parameters, null, 1) } },
      { type: 'actions', elements: [button('Approve', 'approve'), button('Reject', 'reject')] },
    ],
  };
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json; charset=utf-8' };
  const { hostname, port, pathname } = slack;
  const call = request({ agent, hostname, port, path: `${pathname}chat.postMessage`, method: 'POST', headers });
  call.on('response', (answer) => {
    const parts: Buffer[] = [];
    answer.on('data', (part: Buffer) => parts.push(part));
    answer.on('end', () => done(job, id, (JSON.parse(Buffer.concat(parts).toString()) as { ts: string }).ts));
  });
  call.end(JSON.stringify(card));
}

const server = createServer((incoming, response) => {
  const { method, url, headers } = incoming;
  const { hostname, port } = upstream;
  const outgoing = request({ agent, hostname, port, method, path: url, headers }, (answer) => {
    const parser = createParser({
      onEvent: ({ event, data }) => {
        if (event === 'approval_start') announce(data);
      },
    });
    const decoder = new TextDecoder();
    response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
    answer.on('data', (chunk: Buffer) => {
      parser.feed(decoder.decode(chunk, { stream: true }));
      response.write(chunk);
    });
    answer.on('end', () => response.end());
  });
  incoming.pipe(outgoing);
});
server.listen(0, '127.0.0.1', () => console.log(`ready ${(server.address() as AddressInfo).port}`));
