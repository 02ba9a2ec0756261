/**
 * `/api/v1/approvals`: the approvals-inbox API, so that any script can ask for an approval. An asker's token creates
 * and reads its own items; decisions need a token of another kind.
 */
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Actor, Approval } from '../../../core/approval/approval.ts';
import { StoreError } from '../../../core/ports/errors.ts';
import type { Clock, HttpMount, Intake, Log, Press, PressAnswer, Store } from '../../../core/ports/ports.ts';
import { canonical } from '../../../core/text/canonical.ts';
import { INBOX, inboxItem, inboxPause, inboxWire } from '../item.ts';
import { type Caller, createIdentify } from './auth.ts';
import { type Question, readQuestion } from './body.ts';
import { createWaits } from './long-poll.ts';
import { invalid, problem } from './problem.ts';
import { limitOf, waitOf } from './query.ts';
import { createResolve } from './resolve.ts';
import { serve } from './serve.ts';

const PREFIX = '/api/v1/approvals';
const BODY_MAX_BYTES = 64 * 1024;
const KEY_MAX_CHARACTERS = 255;
/** Of one asker: a script in a loop must not flood the rooms. */
const PENDING_MAX = 200;

export interface RoutesOptions {
  askTokens: readonly string[];
  /** Who decides with which token; empty: decisions over the API are disabled. */
  resolvers: ReadonlyMap<string, Actor>;
  /** What is wrong with a callback's address, null when it may be called. */
  checkCallback: (url: string) => string | null;
  intake: Pick<Intake, 'deliver'>;
  store: Pick<Store, 'list' | 'onJobsAdded'>;
  onPress: (press: Press) => Promise<PressAnswer>;
  clock: Clock;
  log: Log;
}

interface Env {
  Variables: { caller: Caller };
}

/** `release` answers every long poll with the item's present state. */
export function createRoutes(deps: RoutesOptions): HttpMount {
  const { askTokens, resolvers, checkCallback, intake, store, clock, log } = deps;
  const identify = createIdentify({ askTokens, resolvers, clock });
  const waits = createWaits({ store, clock });
  const api = new Hono<Env>().basePath(PREFIX);

  /** An item is its own group. */
  const find = async (approvalId: string): Promise<Approval | null> =>
    (await store.list({ groupId: approvalId })).find(({ pause }) => pause.backend === INBOX) ?? null;
  const isOf = (asker: string) => (approval: Approval) => inboxWire(approval.pause)?.asker === asker;
  const pendingOf = async (asker: string) =>
    (await store.list({ unfinished: true, backend: INBOX }))
      .filter(({ phase }) => phase !== 'settled')
      .filter(isOf(asker));

  api.use('*', async (context, next) => {
    if (askTokens.length === 0) return problem(404, 'The inbox is disabled. Set ASK_TOKENS to enable it.');
    const caller = identify(context.req.header('authorization'));
    if (caller === null) {
      const headers = { 'www-authenticate': 'Bearer' };
      return problem(401, 'Send a token of ASK_TOKENS: Authorization: Bearer …', { headers });
    }
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
    const question = readQuestion(await context.req.text());
    if (question instanceof Response) return question;
    const unfit = question.callbackUrl === null ? null : checkCallback(question.callbackUrl);
    if (unfit !== null) return invalid({ message: unfit, location: 'body.callback_url' });
    return create(asker, key === '' ? null : key, question);
  });

  async function create(asker: string, key: string | null, { draft, callbackUrl }: Question): Promise<Response> {
    const approvalId = `apr_${key === null ? clock.id() : clock.hash(`${asker}\n${key}`)}`;
    const wire = { approvalId, asker, callbackUrl, draft };
    const known = key === null ? null : await find(approvalId);
    if (known === null) {
      if ((await pendingOf(asker)).length >= PENDING_MAX) {
        return problem(429, `${PENDING_MAX} of your items are pending already.`, { headers: { 'retry-after': '60' } });
      }
      const delivered = await intake.deliver({
        type: 'announced',
        pause: inboxPause(wire),
        via: 'ingest',
        streamOpen: false,
        // Two concurrent requests with one key create one item.
        inputId: `${INBOX}:${approvalId}`,
        source: { id: `${INBOX}:${asker}`, name: asker },
      });
      if (delivered === 'too_many') {
        return problem(429, 'Too many of your items are pending already.', { headers: { 'retry-after': '60' } });
      }
    }
    const approval = known ?? (await find(approvalId));
    if (approval === null) throw new Error('a recorded item is missing');
    if (canonical({ wire: inboxWire(approval.pause) }) !== canonical({ wire })) {
      return problem(422, 'This Idempotency-Key was used with another body.');
    }
    return json(inboxItem(approval));
  }

  api.get('/', async (context) => {
    const { asker } = context.get('caller');
    if (asker === null) return notAnAsker();
    const limit = limitOf(context.req.query('limit'));
    if (limit instanceof Response) return limit;
    const type = context.req.query('type') || 'all';
    const items = (await pendingOf(asker)).map(inboxItem).filter((item) => type === 'all' || item?.type === type);
    return json({ items: items.reverse().slice(0, limit), pending_count: items.length });
  });

  api.get('/:id', async (context) => {
    const { asker } = context.get('caller');
    if (asker === null) return notAnAsker();
    const wait = waitOf(context.req.query('wait'), context.req.header('prefer'));
    if (wait instanceof Response) return wait;
    const id = context.req.param('id');
    const look = async () => {
      const approval = await find(id);
      return approval !== null && isOf(asker)(approval) ? approval : null;
    };
    if (wait.seconds > 0 && !waits.room) {
      return problem(503, 'Too many requests are waiting. Try again soon.', { headers: { 'retry-after': '5' } });
    }
    const waited = wait.seconds > 0 && !waits.stopped;
    const approval = waited ? await waits.settled(look, wait.seconds * 1000, context.req.raw.signal) : await look();
    if (approval === null) return notFound();
    return json(inboxItem(approval), wait.preferred ? { 'preference-applied': `wait=${wait.seconds}` } : {});
  });

  const resolve = createResolve({ ...deps, waits, find });
  api.post('/:id/resolve', async ({ req, get }) =>
    resolve(get('caller'), req.param('id'), await req.text(), req.raw.signal),
  );
  api.all('*', () => problem(405, 'Use POST or GET /api/v1/approvals, GET …/{id}, or POST …/{id}/resolve.'));
  api.onError((error, { req }) => {
    if (error instanceof StoreError) return problem(503, 'Nothing was recorded. Try again.');
    log.error({ err: error, method: req.method }, 'inbox request failed');
    return problem(500, 'unexpected error occurred');
  });

  return {
    prefix: PREFIX,
    handle: (request, reply, signal) => serve(api.fetch, request, reply, signal),
    release: waits.stop,
  };
}

function notAnAsker(): Response {
  return problem(403, 'Wrong token type: use one of ASK_TOKENS.');
}

/** The same for another asker's item, so that its existence is not revealed. */
function notFound(): Response {
  return problem(404, 'You have no approval with this ID.');
}

function json(body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(`${JSON.stringify(body)}\n`, { headers: { 'content-type': 'application/json', ...headers } });
}
