/**
 * `/api/v1/approvals`: the approvals-inbox API, so that any script can ask for an approval. An asker's token creates,
 * reads and withdraws its own items; decisions need a token of another kind.
 */
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Actor } from '../../../core/approval/parts/decision.ts';
import { BufferBudget } from '../../../core/ports/buffer-budget.ts';
import { isUnconfirmed } from '../../../core/ports/errors.ts';
import { failedDetail } from '../../../core/ports/http.ts';
import type { CallGuard, Clock, HttpMount, Intake, Log, Press, PressAnswer, Store } from '../../../core/ports/ports.ts';
import { parseTraceparent } from '../../../core/ports/tracing/traces.ts';
import type { Asker } from '../askers.ts';
import { inboxItem } from '../item.ts';
import { createAsk } from './ask.ts';
import { type Caller, createIdentify } from './auth.ts';
import { createItems } from './items.ts';
import { createLimits, itemCalls, tokenCalls, WAITING_RETRY_S } from './limits.ts';
import { createWaits } from './long-poll.ts';
import { invalid, json, problem } from './problem.ts';
import { limitOf, waitOf } from './query.ts';
import { createResolve } from './resolve.ts';
import { serve } from './serve.ts';
import { createWithdraw } from './withdraw.ts';

export const PREFIX = '/api/v1/approvals';
export const BODY_MAX_BYTES = 64 * 1024;
export const KEY_MAX_CHARACTERS = 255;

/** What a caller does where it is not known whether its call was recorded. */
const AGAIN =
  'Send the same again with the same Idempotency-Key; without one, look first for your question in GET /api/v1/approvals.';

export interface RoutesOptions {
  askers: readonly Asker[];
  /** Who decides with which token; empty: decisions over the API are disabled. */
  resolvers: ReadonlyMap<string, Actor>;
  guard: CallGuard;
  intake: Pick<Intake, 'deliver' | 'requesterNamed'>;
  store: Pick<Store, 'list' | 'awaited' | 'onJobsAdded'>;
  onPress: (press: Press) => Promise<PressAnswer>;
  /** For bodies and answers. Default: a budget of its own. */
  buffers?: BufferBudget;
  /** Spans are recorded: the trace of an ask is kept with it. Default: no. */
  traced?: boolean;
  clock: Clock;
  log: Log;
}

interface Env {
  Bindings: { remoteAddress: string };
  Variables: { caller: Caller };
}

/** `release` answers every long poll with the item's present state. */
export function createRoutes(deps: RoutesOptions): HttpMount {
  const { askers, resolvers, guard, intake, store, clock, log, buffers = new BufferBudget() } = deps;
  const identify = createIdentify({ askers, resolvers });
  const waits = createWaits({ store, clock });
  const api = new Hono<Env>().basePath(PREFIX);

  const items = createItems(store, intake);
  const limits = createLimits(guard);
  const ask = createAsk({ items, limits, intake, clock });

  api.use('*', async (context, next) => {
    if (askers.length === 0) return problem(404, 'The inbox is disabled. Set ASK_TOKENS or ASKERS to enable it.');
    const caller = identify(context.req.header('authorization'));
    if (caller === null) return limits.refuse(context.req.header('authorization'), context.env.remoteAddress);
    const tooMany = limits.take(tokenCalls, nameOf(caller));
    if (tooMany !== null) return tooMany;
    context.set('caller', caller);
    await next();
    context.res.headers.set('cache-control', 'no-store');
    if (waits.stopped) context.res.headers.set('connection', 'close');
  });

  const tooLarge = () => problem(413, `A body may have ${BODY_MAX_BYTES} bytes.`);
  api.use('*', bodyLimit({ maxSize: BODY_MAX_BYTES, onError: tooLarge }));

  api.post('/', async (context) => {
    const { asker } = context.get('caller');
    if (asker === null) return notAnAsker();
    const key = context.req.header('idempotency-key')?.trim() ?? '';
    if (key.length > KEY_MAX_CHARACTERS) {
      const message = `expected length <= ${KEY_MAX_CHARACTERS}`;
      return invalid({ message, location: 'header.Idempotency-Key' });
    }
    const traceparent = deps.traced === true ? context.req.header('traceparent') : undefined;
    const trace = parseTraceparent(traceparent) === null ? undefined : traceparent;
    return ask(asker, key === '' ? null : key, new Uint8Array(await context.req.arrayBuffer()), trace);
  });

  api.get('/', async (context) => {
    const { asker } = context.get('caller');
    if (asker === null) return notAnAsker();
    const limit = limitOf(context.req.query('limit'));
    if (limit instanceof Response) return limit;
    const type = context.req.query('type') || 'all';
    // Of one type: those are counted among all of its items, of which it can have a few hundred.
    const { count, latest } = await items.pendingOf(asker, type === 'all' ? limit : Number.MAX_SAFE_INTEGER);
    const pending = latest.map(inboxItem).filter((item) => type === 'all' || item?.type === type);
    return json({ items: pending.slice(0, limit), pending_count: type === 'all' ? count : pending.length });
  });

  api.get('/:id', async (context) => {
    const caller = context.get('caller');
    const { asker } = caller;
    if (asker === null) return notAnAsker();
    const wait = waitOf(context.req.query('wait'), context.req.header('prefer'));
    if (wait instanceof Response) return wait;
    const id = context.req.param('id');
    const tooMany = limits.take(itemCalls, `${nameOf(caller)} ${id}`);
    if (tooMany !== null) return tooMany;
    const room = wait.seconds > 0 ? waits.room(asker.name) : 'yes';
    if (room === 'asker') return limits.waiting(asker.name);
    if (room === 'no') {
      const headers = { 'retry-after': String(WAITING_RETRY_S) };
      return problem(503, 'Too many requests are waiting. Try again soon.', { headers });
    }
    const waited = wait.seconds > 0 && !waits.stopped;
    const { signal } = context.req.raw;
    const look = () => items.receive(asker, id, signal);
    const approval = waited ? await waits.settled(look, wait.seconds * 1000, signal, asker.name) : await look();
    if (approval === null) return notFound();
    return json(inboxItem(approval), wait.preferred ? { 'preference-applied': `wait=${wait.seconds}` } : {});
  });

  const withdraw = createWithdraw({ items, intake, waits });
  api.delete('/:id', async ({ req, get }) => {
    const caller = get('caller');
    if (caller.asker === null) return notAnAsker();
    const id = req.param('id');
    const tooMany = limits.take(itemCalls, `${nameOf(caller)} ${id}`);
    return tooMany ?? (await withdraw(caller.asker, id, req.raw.signal)) ?? notFound();
  });

  const resolve = createResolve({ ...deps, waits, find: items.find });
  api.post('/:id/resolve', async ({ req, get }) => {
    const id = req.param('id');
    const caller = get('caller');
    const tooMany = limits.take(itemCalls, `${nameOf(caller)} ${id}`);
    return tooMany ?? resolve(caller, id, await req.text(), req.raw.signal);
  });
  api.all('*', () => problem(405, 'Use POST or GET /api/v1/approvals, GET or DELETE …/{id}, or POST …/{id}/resolve.'));
  api.onError((error, { req }) => {
    if (isUnconfirmed(error)) return problem(503, failedDetail(error, AGAIN));
    log.error({ err: error, method: req.method }, 'inbox request failed');
    return problem(500, 'unexpected error occurred');
  });

  return {
    prefix: PREFIX,
    handle: (request, reply, signal) => serve(api.fetch, request, reply, signal, buffers),
    release: waits.stop,
  };
}

/** Whose calls are counted together, by a name that may be logged. */
function nameOf({ asker, actor }: Caller): string {
  return asker?.name ?? `${actor?.platform}:${actor?.id}`;
}

function notAnAsker(): Response {
  return problem(403, 'Wrong token type: use a token of ASK_TOKENS or ASKERS.');
}

/** The same for another asker's item, so that its existence is not revealed. */
function notFound(): Response {
  return problem(404, 'You have no approval with this ID.');
}
