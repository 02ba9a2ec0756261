import { randomBytes, randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Faults } from '../shared/http-faults.ts';
import { Journal } from '../shared/journal.ts';
import { isoInZone } from './iso-time.ts';
import { Plan } from './plan.ts';
import { RateLimiter } from './rate-limiter.ts';
import type { Account } from './routes.ts';
import { createHookPulseServer, withoutSlash } from './server.ts';
import type { HookPulseBrand, HookPulseEmulator, HookPulseEntry, HookPulseOptions, HookPulseSeed } from './types.ts';

const PAGE_SIZE_DEFAULT = 10;
const API_KEY = 'hp_test_countersign_sandbox';
const READ_ONLY_API_KEY = 'hp_test_read_only_sandbox';

/**
 * A HookPulse on 127.0.0.1: the human approval routes of its API, and workflows that wait for approval.
 * @throws Error when the port is taken; RangeError if the time zone is unknown.
 */
export async function createHookPulseEmulator(options: HookPulseOptions = {}): Promise<HookPulseEmulator> {
  const now = options.now ?? Date.now;
  const journal = new Journal<HookPulseEntry>();
  const faults = new Faults();
  const closing = new AbortController();
  const brands = Array.from({ length: options.brands ?? 1 }, (_, at) => brandOf(at));
  const credentials = brands[0] ?? brandOf(0);

  const refused = new Set<string>();
  const rates = new Map(brands.map(({ brandUuid }) => [brandUuid, new RateLimiter(now, options.rateLimit)]));
  const rate = rates.get(credentials.brandUuid) ?? new RateLimiter(now, options.rateLimit);
  const newId = () => (options.numericIds ? String(randomBytes(8).readBigUInt64BE() | (1n << 60n)) : randomUUID());
  const plans: Plan[] = [];
  const drifts: ('leave' | 'arrive')[] = [];
  let timezone = checkedZone(options.timezone ?? 'Asia/Kolkata');
  const settings = {
    plans,
    pageSize: options.pageSize ?? PAGE_SIZE_DEFAULT,
    doubleAction: options.doubleAction ?? 'soft',
    keyField: options.keyField ?? 'execution_plan_uuid',
    numericIds: options.numericIds ?? false,
    zoneless: options.zoneless ?? false,
    get timezone() {
      return timezone;
    },
  } satisfies Account;

  function seed(given: HookPulseSeed = {}): Plan {
    const plan = new Plan(given, {
      msPerDelaySecond: options.msPerDelaySecond ?? 0,
      now,
      newId,
      brand: credentials.brandUuid,
      onChange: (change) => journal.record({ kind: 'change', at: now(), ...change }),
    });
    if (plans.some((one) => one.uuid === plan.uuid)) throw new Error(`Plan ${plan.uuid} already exists.`);
    plan.start();
    plans.push(plan);
    return plan;
  }

  const find = (uuid: string) => planOf(plans, uuid);

  const server = createHookPulseServer({
    account: settings,
    brands,
    refused,
    rates,
    faults,
    journal,
    now,
    onPage: ([first]) => {
      const drift = drifts.shift();
      if (drift === 'leave') first?.decide('approve', 'dashboard');
      if (drift === 'arrive') seed();
    },
    signal: closing.signal,
  });
  const port = await listen(server, options.port ?? 0);

  return {
    url: `http://127.0.0.1:${port}`,
    ...credentials,
    brands,
    journal,
    get doubleAction() {
      return settings.doubleAction;
    },
    set doubleAction(mode) {
      settings.doubleAction = mode;
    },
    get pageSize() {
      return settings.pageSize;
    },
    set pageSize(size) {
      settings.pageSize = size;
    },
    get timezone() {
      return timezone;
    },
    set timezone(zone) {
      timezone = checkedZone(zone);
    },
    get rate() {
      return rate.current;
    },
    setRate: (given) => rate.set(given),
    plans: () => plans.map((plan) => plan.state),
    seed: (given) => seed(given).state,
    advance(uuid) {
      const plan = find(uuid);
      plan.advance();
      return plan.state;
    },
    decideInDashboard(uuid, action) {
      const plan = find(uuid);
      plan.decide(action, 'dashboard');
      return plan.state;
    },
    rewrite(uuid, edit) {
      const plan = find(uuid);
      plan.rewrite(edit);
      return plan.state;
    },
    listAs(uuid, fields) {
      find(uuid).shownAs = fields;
    },
    refuse: (brandUuid) => void refused.add(brandUuid),
    drift: (how, times = 1) => drifts.push(...Array<typeof how>(times).fill(how)),
    fail: (path, fault, times = 1) => faults.plan(withoutSlash(path), fault, times),
    heal: () => faults.clear(),
    onChange: (listener) => journal.onEntry(listener),
    async close() {
      closing.abort();
      for (const plan of plans) plan.close();
      await end(server);
    },
  };
}

/** @returns the port */
async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}

async function end(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function planOf(plans: readonly Plan[], uuid: string): Plan {
  const plan = plans.find((one) => one.uuid === uuid);
  if (!plan) throw new Error(`There is no plan ${uuid}.`);
  return plan;
}

/** The first one keeps its key, so that settings can be written down. */
function brandOf(at: number): HookPulseBrand {
  const suffix = at === 0 ? '' : `_${at + 1}`;
  return { apiKey: API_KEY + suffix, readOnlyApiKey: READ_ONLY_API_KEY + suffix, brandUuid: randomUUID() };
}

function checkedZone(zone: string): string {
  isoInZone(0, zone);
  return zone;
}
