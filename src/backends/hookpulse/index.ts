import type { Pause } from '../../core/approval/pause/pause.ts';
import type { ProxyEnv } from '../../core/ports/adapter.ts';
import type { BufferBudget } from '../../core/ports/buffer-budget.ts';
import { type BackendCall, type Metrics, noMetrics } from '../../core/ports/metrics.ts';
import type { Backend, Clock, Intake, Log } from '../../core/ports/ports.ts';
import { measured } from '../shared/http/measured.ts';
import { createJsonClient, JSON_TIMEOUTS, type JsonTimeouts } from '../shared/json-client.ts';
import type { Pass } from '../shared/pass.ts';
import { createPolling } from '../shared/polling.ts';
import { createTransport } from '../shared/transport.ts';
import { TEMPLATE_PATH } from './client.ts';
import { consequencesOf } from './consequences.ts';
import { createHookPulseDecide, DECIDE_PATH } from './decide.ts';
import { hookPulseCheckups } from './doctor/checkups.ts';
import { FoundList } from './found-list.ts';
import { type OpenBrand, openBrand } from './open-brand.ts';
import { createReachOfBrands } from './reach-of-brands.ts';
import type { Brand } from './settings.ts';
import { templateOutline } from './template.ts';
import { BACKEND, brandOf, outline, TITLE } from './wire.ts';

export interface HookPulseOptions {
  /** An origin: `https://api.hookpulse.io`. */
  url: string;
  /** At least one. */
  brands: readonly Brand[];
  /** Minimum, ms; the budget may require more. */
  pollMs: number;
  /** The share of the hourly requests that polling and templates may use, from 0 to 1; default one half. */
  budgetShare?: number;
  intake: Intake;
  /** Default: connections are direct. */
  proxy?: ProxyEnv | null;
  /** Counts answers while they are read. Default: not counted. */
  buffers?: BufferBudget;
  /** Default: nothing is measured. */
  metrics?: Pick<Metrics, 'observe'>;
  clock: Clock;
  log: Log;
  timeouts?: Partial<JsonTimeouts>;
}

/** The human approvals of HookPulse's workflows: polled, page by page, within a share of the hourly requests. */
export function createHookPulse(options: HookPulseOptions): Backend {
  const { budgetShare, clock } = options;
  const log = options.log.child({ backend: BACKEND });
  const timeouts = { ...JSON_TIMEOUTS, ...options.timeouts };
  const measuring = { backend: BACKEND, clock, metrics: options.metrics ?? noMetrics };
  const transport = measured(createTransport(options.url, timeouts, options.proxy ?? null), callOf, measuring);
  const callJson = createJsonClient(transport, timeouts, outline, options.buffers);
  const callTemplate = createJsonClient(transport, timeouts, templateOutline, options.buffers);
  const isSeveral = options.brands.length > 1;
  const brands = options.brands.map((brand) => {
    const isShown = isSeveral || brand.name !== null;
    return openBrand(brand, { isShown, budgetShare, callJson, callTemplate, clock });
  });
  const poll = createBrandPolling({ ...options, brands, log });
  const stopping = new AbortController();
  const watches = new Set<Promise<unknown>>();

  return {
    name: BACKEND,
    title: TITLE,
    // The answer to a second decision is not documented, and it might decide the plan's next step.
    resendable: () => false,
    checkups: () => hookPulseCheckups({ ...options, brands, hasProxy: (options.proxy ?? null) !== null }),
    consequences: consequencesOf,
    decide: createHookPulseDecide({ ...options, brands, log }),
    async watch(signal, isOurs) {
      const either = AbortSignal.any([signal, stopping.signal]);
      const watch = Promise.all(brands.map((brand) => poll(brand)(either, isOurs))).finally(() =>
        watches.delete(watch),
      );
      watches.add(watch);
      await watch;
    },
    async stop() {
      stopping.abort();
      await Promise.all(watches);
      transport.close();
    },
  };
}

/** What a call is for. `read`: of a workflow's template. */
function callOf({ path }: { path: string }): BackendCall {
  if (path === DECIDE_PATH) return 'decide';
  return path === TEMPLATE_PATH ? 'read' : 'list';
}

/** Each brand is polled by its own budget; one that can't be reached does not hold up the others. */
function createBrandPolling(options: {
  brands: readonly OpenBrand[];
  pollMs: number;
  intake: Intake;
  clock: Clock;
  log: Log;
}): (brand: OpenBrand) => Required<Backend>['watch'] {
  const { brands, pollMs, clock, log } = options;
  const isSeveral = brands.length > 1;
  const reach = createReachOfBrands(options.intake);
  /** The brands whose pending list was proven once: then each of their pauses says whose it is. */
  const proven = new Set<string>();
  const lists = new Map<OpenBrand, FoundList>();

  async function look(brand: OpenBrand, signal: AbortSignal): Promise<Pass & { requests: number }> {
    const { client } = brand;
    const listing = await client.list(signal);
    const { requests } = listing;
    if (listing.type === 'failed') {
      return { type: 'failed', reason: listing.result.reason, retryAfterMs: listing.retryAfterMs, requests };
    }
    const { complete } = listing;
    if (!complete) log.debug({ requests }, 'the list was not read completely');
    const list = lists.get(brand) ?? new FoundList(brand, clock);
    lists.set(brand, list);
    const { found, unreadable } = await list.read(listing, signal);
    return { type: 'read', found, complete, unreadable, piecemeal: requests > 1, requests };
  }

  /** Rows of a version that knew one brand do not name it. Each that is still pending does, once every list was read. */
  function isOf(brand: OpenBrand, pause: Pause): boolean {
    const uuid = brandOf(pause);
    return uuid === null ? proven.size === brands.length : uuid === brand.uuid;
  }

  return (brand) => {
    let requestsLast = 1;
    const intake: Pick<Intake, 'deliver'> = {
      async deliver(delivery) {
        if (delivery.type === 'reach') {
          await reach(brand, delivery);
          return 'recorded';
        }
        const delivered = await options.intake.deliver(delivery);
        if (delivery.type === 'listed') proven.add(brand.uuid);
        return delivered;
      },
    };
    return createPolling({
      backend: BACKEND,
      ...(isSeveral && { covers: (pause: Pause) => isOf(brand, pause) }),
      async look(signal) {
        const { requests, ...pass } = await look(brand, signal);
        requestsLast = requests;
        return pass;
      },
      intervalMs: () => Math.max(pollMs, brand.budget.intervalMs(requestsLast, clock.now())),
      intake: isSeveral ? intake : options.intake,
      clock,
      log: isSeveral ? log.child({ brand: brand.name ?? brand.uuid }) : log,
    });
  };
}
