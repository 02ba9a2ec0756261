/** One approval with its card, made by the product itself once in a run: what cards of all cases about presses are copied from. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Script } from '../../../../src/sandbox/emulators/runtype/types.ts';
import type { Emulators, PlatformName } from '../../../support/worlds/emulators.ts';
import type { Bench } from '../../contract.ts';
import type { Template } from '../../world/seed.ts';
import { until } from '../../world/world.ts';

/** The run that waits for it; longer than any bench takes. */
export const refunds: Script = {
  name: 'bench-agent',
  kind: 'agent',
  title: 'Order desk',
  steps: [
    {
      do: 'approval',
      toolName: 'refund_order',
      description: 'Refund an order, in full or in part, to the original payment method.',
      reason: 'The customer asked for their money back: the lamp arrived with a broken shade.',
      parameters: {
        orderId: 'A-1009',
        amount: 42.5,
        currency: 'EUR',
        customer: 'Mara Lindqvist',
        note: 'Broken shade, photo in ticket 5521. The customer does not want a replacement.',
      },
      timeoutMs: 86_400_000,
    },
    { do: 'complete', finalOutput: 'Refunded 42.50 EUR for order A-1009.' },
  ],
};

export interface Ids {
  executionId: string;
  approvalId: string;
  toolCallId: string;
}

export interface OneCard extends Pick<Template, 'file' | 'hashed'> {
  ids: Ids;
  message: string;
  /** The body of the call that posted it. */
  posted: object;
}

/** @param settings of a product without a database */
export async function oneCard(
  bench: Bench,
  emulators: Emulators,
  { platform, settings }: { platform: PlatformName; settings: Readonly<Record<string, string>> },
): Promise<OneCard> {
  const kept = join(bench.shared, `one-card-${platform}.json`);
  if (existsSync(kept)) return JSON.parse(readFileSync(kept, 'utf8')) as OneCard;
  const file = join(bench.shared, `one-card-${platform}.db`);
  const record = join(bench.folder, 'hashed.jsonl');
  const env = { PORT: '0', ...settings, DATABASE_URL: `file:${file}` };
  const product = await bench.startServer('test/bench/world/recording-product.ts', { args: [record], env });
  await emulators.dispatch(product.port, { agent: { agentId: refunds.name } });
  const { message, posted } = await until('a card', () => postedOn(emulators, platform));
  await until('a card without a job', () => !hasDrawJobs(file) || undefined);
  await product.stop();
  const [ids] = pausesOf(emulators);
  if (ids === undefined) throw new Error('the run is not paused');
  const lines = readFileSync(record, 'utf8').trim().split('\n');
  const hashed = lines.map((line) => JSON.parse(line) as [string, string]);
  const card: OneCard = { file, hashed, ids, message, posted };
  writeFileSync(kept, JSON.stringify(card));
  return card;
}

/** Of all runs, in the order in which they were started. */
export function pausesOf({ runtype }: Emulators): Ids[] {
  return runtype.runs().map(({ executionId, pending: [call] }) => {
    const { approvalId = '', toolCallId = '' } = call ?? {};
    return { executionId, approvalId, toolCallId };
  });
}

function postedOn({ slack, discord, slackCards }: Emulators, platform: PlatformName) {
  if (platform === 'slack') {
    const [card] = slackCards();
    const call = slack.journal.entries.find((one) => one.kind === 'call' && one.method === 'chat.postMessage');
    return card !== undefined && call?.kind === 'call' ? { message: card.ts, posted: call.args } : undefined;
  }
  const card = discord.state().messages.find(({ components }) => components.length > 0);
  const call = discord.journal.entries.find(
    (one) => one.kind === 'call' && one.method === 'POST' && one.path.endsWith('/messages'),
  );
  const body = call?.kind === 'call' ? call.body : null;
  return card !== undefined && body !== null ? { message: card.id, posted: body } : undefined;
}

function hasDrawJobs(file: string): boolean {
  const db = new Database(file, { readonly: true });
  const count = db.prepare<[], number>("SELECT count(*) FROM jobs WHERE kind = 'draw'").pluck().get();
  db.close();
  return count !== 0;
}
