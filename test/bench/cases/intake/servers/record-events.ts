/**
 * Signed events by hand: the signature, the event, then one commit for all of a turn of the event loop, then the answer.
 * Arguments: the database, the secret.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Database from 'better-sqlite3';
import { z } from 'zod';

const FRESH_S = 300;
const [, , file = '', secret = ''] = process.argv;
const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
const db = new Database(file);
db.pragma('journal_mode = WAL');
db.pragma('synchronous = FULL');
db.exec(`
  CREATE TABLE approvals (id TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT;
  CREATE TABLE inputs (id TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE jobs (id INTEGER PRIMARY KEY, approval TEXT NOT NULL) STRICT`);
const begin = db.prepare('BEGIN IMMEDIATE');
const commit = db.prepare('COMMIT');
const addInput = db.prepare('INSERT INTO inputs (id, at) VALUES (?, ?) ON CONFLICT DO NOTHING');
const addApproval = db.prepare('INSERT INTO approvals (id, state) VALUES (?, ?) ON CONFLICT DO NOTHING');
const addJob = db.prepare('INSERT INTO jobs (approval) VALUES (?)');

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

let turn: (() => () => void)[] = [];
function inTurn(work: () => () => void): void {
  if (turn.length === 0) setImmediate(flush);
  turn.push(work);
}
function flush(): void {
  const works = turn;
  turn = [];
  begin.run();
  const answers = works.map((work) => work());
  commit.run();
  for (const answer of answers) answer();
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks);
    const id = String(request.headers['webhook-id']);
    const stamp = String(request.headers['webhook-timestamp']);
    const expected = createHmac('sha256', key).update(`${id}.${stamp}.`).update(body).digest('base64');
    const given = Buffer.from(String(request.headers['webhook-signature']));
    const isSigned = given.length === expected.length + 3 && timingSafeEqual(given, Buffer.from(`v1,${expected}`));
    if (!isSigned || Math.abs(Date.now() / 1_000 - Number(stamp)) > FRESH_S) {
      response.writeHead(401).end();
      return;
    }
    const pause = pauseSchema.parse(JSON.parse(body.toString()));
    inTurn(() => {
      if (addInput.run(id, Date.now()).changes === 1) {
        addApproval.run(pause.approvalId, JSON.stringify(pause));
        addJob.run(pause.approvalId);
      }
      return () => {
        response.writeHead(202, { 'content-type': 'application/json' }).end('{"accepted":1,"skipped":0}');
      };
    });
  });
});
server.listen(0, '127.0.0.1', () => console.log(`ready ${(server.address() as AddressInfo).port}`));
