/** What a claim takes on PostgreSQL while a room has a long queue: the claims of all replicas come one after the other. */
import pg from 'pg';
import { step } from '../../../../src/core/approval/steps/step.ts';
import { createPostgresStore } from '../../../../src/store/postgres/index.ts';
import { systemClock } from '../../../../src/system/clock.ts';
import { createLog } from '../../../../src/system/log.ts';
import { announced, slackRoom } from '../../../support/data/pauses.ts';
import type { Bench, Case, Figures } from '../../contract.ts';
import { startPostgres } from '../../world/postgres.ts';
import { median } from '../../world/world.ts';

const WAITING = 20_000;
/** As the outbox asks. */
const LIMITS = { draw: 32, decide: 32, wake: 8 };
const WARM_UP = 20;
const TIMES = 200;
const QUICK_TIMES = 40;

export const sharedClaim: Case = {
  name: 'claim-shared',
  title: `A claim on PostgreSQL while ${WAITING.toLocaleString('en')} cards wait for one room`,
  maxRounds: 3,
  metrics: [
    { name: 'claim', unit: 'ms', better: 'less', goals: [{ limit: 5 }] },
    { name: 'room busy', unit: 'ms', better: 'less', goals: [{ limit: 5 }] },
  ],
  subjects: [{ name: 'store', kind: 'product', inProcess: true, measure }],
};

/** Copies of the one card that waits, each of an approval of its own. */
const COPIES = `
  INSERT INTO jobs (job_key, kind, lane, place, urgency, due_by, subject, slot, run_at, created_at)
  SELECT job_key || number, kind, lane, place, urgency, due_by - number, subject || number, slot, run_at, created_at
  FROM jobs CROSS JOIN generate_series(1, $1) AS number WHERE kind = 'draw'`;

async function measure({ quick }: Bench): Promise<Figures> {
  const connectionString = await startPostgres();
  const onFatal = (error: Error): never => {
    throw error;
  };
  const options = { name: 'bench', version: '', clock: systemClock, log: createLog('silent'), onFatal };
  const { store } = await createPostgresStore({ connectionString, ...options });
  await store.transact({
    approvalId: 'ap1',
    inputId: null,
    audit: { input: 'announced', actor: null, facts: {} },
    fn: (state) => step(state, announced({ places: [slackRoom] }), systemClock.now()),
  });
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query(COPIES, [WAITING - 1]);
  await client.query('ANALYZE jobs');
  await client.end();
  const claim = () => store.claim(LIMITS, 'worker');
  const [claims, looks]: [number[], number[]] = [[], []];
  for (let count = -WARM_UP; count < (quick ? QUICK_TIMES : TIMES); count += 1) {
    const since = performance.now();
    const jobs = await claim();
    const claimed = performance.now();
    const none = await claim();
    const looked = performance.now();
    const [job] = jobs;
    if (job === undefined || jobs.length > 1 || none.length > 0) throw new Error(`${jobs.length}, ${none.length}`);
    await store.settle(job, { type: 'retry', waitMs: 0, error: '', notArrived: true, uncounted: true });
    if (count < 0) continue;
    claims.push(claimed - since);
    looks.push(looked - claimed);
  }
  await store.close();
  return { claim: median(claims), 'room busy': median(looks) };
}
