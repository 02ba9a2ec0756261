/** What a long pending list costs that is read again and again, and does not change. */
import { join } from 'node:path';
import { createHookPulseEmulator } from '../../../../src/sandbox/emulators/hookpulse/index.ts';
import type { Bench, Case, Figures } from '../../contract.ts';
import { countOf } from '../../world/templates.ts';
import { createWorld, until } from '../../world/world.ts';

const PENDING = 5_000;
const PAGE = 100;
/** More than the bot's requests. */
const RATE_LIMIT = 1_000_000;
/** The default. */
const POLL_MS = 15_000;
const PASSES = 2;
const WORKFLOW = '7b0f5f0e-3c55-4f0e-9a4e-0d8a3f6f2a11';

export const hookPulse: Case = {
  name: 'hookpulse',
  title: `${PENDING.toLocaleString('en')} pending at HookPulse, read every 15 s, while nothing changes`,
  // A pass is only every 15 s.
  quick: false,
  maxRounds: 1,
  metrics: [
    { name: 'cpu', unit: 'ms a second', better: 'less', goals: [{ limit: 20 }] },
    { name: 'first', unit: 'ms of CPU for each, until it is recorded', better: 'less' },
  ],
  subjects: [{ name: `${PENDING.toLocaleString('en')} pending`, kind: 'product', measure }],
};

async function measure(bench: Bench): Promise<Figures> {
  const hookpulse = await createHookPulseEmulator({ rateLimit: RATE_LIMIT, pageSize: PAGE });
  const world = await createWorld(bench, {
    env: {
      HOOKPULSE_API_URL: hookpulse.url,
      HOOKPULSE_API_KEY: hookpulse.apiKey,
      HOOKPULSE_BRAND_UUID: hookpulse.brandUuid,
      HOOKPULSE_POLL_MS: String(POLL_MS),
    },
  });
  const file = join(bench.folder, 'bench.db');
  const product = await world.start(file);
  // The room takes no cards, so that nothing but the polling is measured.
  world.slack.archiveChannel(world.slack.channel);
  let passes = 0;
  hookpulse.journal.onEntry(() => {
    const last = hookpulse.journal.entries.at(-1);
    if (last?.kind === 'call' && isFirstPage(last.path, last.query)) passes += 1;
  });
  const before = product.cpuMs();
  for (let count = 0; count < PENDING; count += 1) hookpulse.seed({ workflowUuid: WORKFLOW });
  await until('a record of each', () => countOf(file, 'approvals') === PENDING || undefined, 200, 240_000);
  const first = (product.cpuMs() - before) / PENDING;
  // The pass after the first one still compares all of them with what was recorded.
  await passed(2);
  const cpu = product.cpuMs();
  const since = performance.now();
  await passed(PASSES);
  return { cpu: (product.cpuMs() - cpu) / ((performance.now() - since) / 1_000), first };

  async function passed(count: number): Promise<void> {
    const end = passes + count;
    await until('another pass', () => passes >= end || undefined, 20);
  }
}

function isFirstPage(path: string, { page }: Record<string, string>): boolean {
  return path.includes('pending') && page === '1';
}
