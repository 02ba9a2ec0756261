/** Databases with many approvals, each made once in a run and copied for each subject that needs it. */
import { closeSync, copyFileSync, existsSync, fsyncSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Bench, Server } from '../contract.ts';
import { seed, seededTs, type Template, type Token } from './seed.ts';
import { ASKERS, approve, ask, cardWith, createWorld, until } from './world.ts';

const QUESTION = { context: 'Pay order 00000000', agent_id: 'agent-1', agent_name: 'Payer' };
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** The text that only this copy has on its card. */
export const markOf = (index: number): string => `Pay order ${String(index + 1).padStart(8, '0')}`;
/** Ten of the copies are asker 0's in every database, the others of the others: none has more than the inbox allows. */
export const OWN = 10;
const ownerOf = (index: number): string => `asker-${index < OWN ? 0 : 1 + (index % (ASKERS - 1))}`;
/** Of the copy with the nearest deadline: neither the first nor the last one. */
export const mostUrgent = (count: number): number => Math.floor(count * 0.6);

/**
 * `open`: its card is posted. `settled`: it was approved with a press. `waiting`: its card is still to be posted, and each
 * copy has another deadline. The copies of one database are similar: they are of one agent and tool.
 */
export type Kind = 'open' | 'settled' | 'waiting';

/** @returns the path of a database of its own with so many of them */
export async function seededDatabase(bench: Bench, kind: Kind, count: number): Promise<string> {
  const shared = join(bench.shared, `${kind}-${count}.db`);
  if (!existsSync(shared)) seed(await makeTemplate(bench, kind, count), shared, count);
  const file = join(bench.folder, `${kind}.db`);
  copyFileSync(shared, file);
  onDisk(file);
  return file;
}

/** Waits until it is written: else the first commits of the bot would wait for that, too. */
function onDisk(file: string): void {
  const opened = openSync(file, 'r+');
  fsyncSync(opened);
  closeSync(opened);
}

async function makeTemplate(bench: Bench, kind: Kind, count: number): Promise<Template> {
  const world = await createWorld(bench, { env: { DIGEST_FROM: '5' } });
  const { slack, settings } = world;
  const file = join(bench.folder, `${kind}-one.db`);
  const record = join(bench.folder, `${kind}-hashed.jsonl`);
  const env = { PORT: '0', ...settings, DATABASE_URL: `file:${file}` };
  const product = await bench.startServer('test/bench/world/recording-product.ts', { args: [record], env });
  slack.sendOverHttp(`http://127.0.0.1:${product.port}/slack/events`);
  const tokens = await (kind === 'waiting' ? waiting(product, file, count) : posted(product));
  const ofAll: Token[] = [
    { was: QUESTION.context, becomes: markOf },
    { was: 'asker-0', becomes: ownerOf },
  ];
  const lines = readFileSync(record, 'utf8').trim().split('\n');
  const hashed = lines.map((line) => JSON.parse(line) as [string, string]);
  return { file, tokens: [...ofAll, ...tokens], hashed };

  async function posted(product: Server): Promise<Token[]> {
    const id = await ask(product.port, 0, QUESTION);
    const card = await cardWith(slack, QUESTION.context);
    if (kind === 'settled') {
      await approve(slack, card);
      const isSettled = () =>
        JSON.stringify(slack.state().messages.find(({ ts }) => ts === card.ts)).includes('pproved');
      await until('a settled card', () => isSettled() || undefined);
    }
    await until('an empty outbox', () => countOf(file, 'jobs') === 0 || undefined);
    await product.stop();
    return [idToken(id), { was: card.ts, becomes: seededTs }];
  }

  async function waiting(product: Server, file: string, count: number): Promise<Token[]> {
    // The room's lane for new cards is busy with another one.
    slack.fail('chat.postMessage', { kind: 'hang', when: 'before' });
    const other = await ask(product.port, 1, { context: 'Holds the lane', agent_id: 'other', agent_name: 'Other' });
    const isPosting = () =>
      slack.journal.entries.some((one) => one.kind === 'call' && one.method === 'chat.postMessage');
    await until('a post', () => isPosting() || undefined);
    const deadline = Date.now() + DAY_MS;
    const id = await ask(product.port, 0, { ...QUESTION, expires_at: new Date(deadline).toISOString() });
    await product.kill();
    forget(file, other);
    const minutes = (index: number) => (index === mostUrgent(count) ? 1 : 2 + index);
    return [idToken(id), { was: deadline, becomes: (index) => String(deadline + minutes(index) * MINUTE_MS) }];
  }
}

function idToken(id: string): Token {
  const [prefix, rest = ''] = id.split('_');
  return { was: id, becomes: (index) => `${prefix}_${index.toString(16).padStart(8, '0')}${rest.slice(8)}` };
}

export function countOf(file: string, table: string): number {
  const db = new Database(file, { readonly: true });
  const count = db.prepare<[], number>(`SELECT count(*) FROM ${table}`).pluck().get() ?? 0;
  db.close();
  return count;
}

/** Removes all that mentions this item, besides its audit log. */
function forget(file: string, item: string): void {
  const db = new Database(file);
  const id = db.prepare<[string], string>('SELECT id FROM approvals WHERE run_id = ?').pluck().get(item) ?? '';
  db.prepare('DELETE FROM approvals WHERE id = ?').run(id);
  db.prepare('DELETE FROM jobs WHERE subject = ?').run(id);
  db.prepare('DELETE FROM inputs WHERE id LIKE ?').run(`%${item}%`);
  db.close();
}
