/** The pages of people who are signed in, and their one action. Tested in test/operator/content.test.ts. */
import type { Context, Hono } from 'hono';
import { html } from 'hono/html';
import { z } from 'zod';
import type { Actor } from '../core/approval/parts/decision.ts';
import type { Stop } from '../core/policy/operators/stop.ts';
import type { Policy } from '../core/policy/rules/policy.ts';
import type { Clock, Log, Store } from '../core/ports/ports.ts';
import { duration } from '../core/text/numbers.ts';
import { findAudit } from '../engine/audit.ts';
import type { Desk } from '../engine/contract.ts';
import type { Health } from '../engine/observe/health.ts';
import type { Operator } from './access.ts';
import type { OperatorEnv } from './index.ts';
import { approvalPage, approvalTitle } from './pages/approval.ts';
import { auditPage, filterOf, parseAuditForm } from './pages/audit.ts';
import { deadLettersPage, resultOf, retryResults } from './pages/dead-letters.ts';
import { decidedPage } from './pages/decided.ts';
import { type DoctorReport, healthPage } from './pages/health.ts';
import { parseDeadLetter, parseSettled, parseWaiting } from './pages/keys.ts';
import { type Frame, layout, names, type PageName, paths, plainPage } from './pages/layout.ts';
import type { Html, Now } from './pages/parts.ts';
import { policyPage } from './pages/policy.ts';
import { waitingPage } from './pages/waiting.ts';

export interface ContentDeps {
  store: Pick<Store, 'get' | 'audit' | 'searchAudit' | 'stats' | 'pending' | 'overview'>;
  policy: Policy;
  desk: Desk;
  health: Pick<Health, 'report'>;
  stopped: () => Stop | null;
  /** Of the policy file; undefined: there is none. */
  policyFile: (() => { loadedAt: number; problems: readonly string[] }) | undefined;
  /** What the doctor found last. Absent: there is none. */
  doctor?: () => DoctorReport | null;
  /** How the process started. */
  started: { at: string | null; after: string };
  /** How long settled approvals stay out of the archive, ms; null: always. */
  retentionMs: number | null;
  release: string | null;
  /** As in the IANA database: of all times on the page. */
  zone: string;
  clock: Pick<Clock, 'now' | 'monotonic'>;
  log: Log;
}

/** A screen or two; each page costs the same, however much waits. */
export const PAGE_SIZE = 25;
const AUDIT_PAGE_SIZE = 50;
/** Decisions on their way that are listed: more are a backlog, which *Health* shows. */
const UNDER_WAY_MAX = 50;

const letterShape = z.object({ id: z.coerce.number().int(), claims: z.coerce.number().int() });
const resultShape = z.enum(retryResults).nullable().catch(null);

export function contentRoutes(app: Hono<OperatorEnv>, deps: ContentDeps): void {
  const { store, policy, desk, stopped, clock, zone } = deps;
  const here = (): Now => ({ now: clock.now(), zone });
  const after = (context: Context<OperatorEnv>) => context.req.query('after');

  app.get('/', async (context) => {
    const key = parseWaiting(after(context));
    const page = await store.overview.waiting(key, PAGE_SIZE);
    const shown = { page, isFirst: key === null, total: await countWaiting(store), stop: stopped() };
    return show(context, 'waiting', waitingPage(shown, desk, here()), deps);
  });

  app.get('/decided', async (context) => {
    const key = parseSettled(after(context));
    const { approvals } = await store.stats(0);
    const isUnderWay = approvals.some(({ phase, count }) => phase !== 'open' && count > 0);
    const [page, underWay] = await Promise.all([
      store.overview.settled(key, PAGE_SIZE),
      key === null && isUnderWay ? store.overview.underWay(UNDER_WAY_MAX) : [],
    ]);
    const retention = deps.retentionMs === null ? null : duration(deps.retentionMs);
    return show(
      context,
      'decided',
      decidedPage({ page, underWay, isFirst: key === null, retention }, desk, here()),
      deps,
    );
  });

  app.get('/approval/:id', async (context) => {
    const id = context.req.param('id');
    const [approval, rows] = await Promise.all([store.get(id), store.audit(id)]);
    if (approval === null)
      return context.html(
        plainPage(
          'Not found',
          html`<p>There is no approval with this ID.</p><p><a href="${paths.audit}">Search the audit log</a></p>`,
        ),
        404,
      );
    const shown = { approval, rows, policy, stop: stopped() };
    const page = approval.phase === 'open' ? 'waiting' : 'decided';
    return show(context, page, approvalPage(shown, desk, here()), deps, approvalTitle(shown, desk));
  });

  app.get('/dead-letters', async (context) => {
    const key = parseDeadLetter(after(context));
    const page = await desk.deadLetters.page(key, PAGE_SIZE);
    const result = resultShape.parse(context.req.query('result') ?? null);
    const shown = { page, isFirst: key === null, formToken: context.get('formToken'), result };
    return show(context, 'dead-letters', deadLettersPage(shown, desk, here()), deps);
  });

  app.post('/dead-letters/retry', async (context) => {
    const { data: letter } = letterShape.safeParse(await context.req.parseBody());
    const obstacle =
      letter === undefined ? 'over' : await desk.deadLetters.retry(letter, actorOf(context.get('operator')));
    return context.redirect(`${paths['dead-letters']}?result=${resultOf(obstacle)}`, 303);
  });

  app.get('/health', async (context) => {
    const [status, stats] = await Promise.all([desk.status(), store.stats(0)]);
    const shown = {
      report: deps.health.report(),
      status,
      stats,
      doctor: deps.doctor?.() ?? null,
      started: deps.started,
    };
    return show(context, 'health', healthPage(shown, here()), deps);
  });

  app.get('/policy', (context) =>
    show(context, 'policy', policyPage({ document: policy.document, file: deps.policyFile?.() }, here()), deps),
  );

  app.get('/audit', async (context) => {
    const form = parseAuditForm(context.req.query());
    const before = after(context);
    const query = { ...filterOf(form, zone), ...(before !== undefined && { before }), limit: AUDIT_PAGE_SIZE };
    const found = await findAudit(store, desk.backendTitle, query).catch((thrown: unknown) => {
      // The key of a page that was made up: as an address without one.
      if (thrown instanceof RangeError) return null;
      throw thrown;
    });
    if (found === null) return context.redirect(paths.audit, 303);
    const shown = { form, found, isFirst: before === undefined, size: AUDIT_PAGE_SIZE };
    return show(context, 'audit', auditPage(shown, here()), deps);
  });
}

function actorOf({ id }: Operator): Actor {
  return { platform: 'operator', id, name: id };
}

async function countWaiting({ pending }: Pick<Store, 'pending'>): Promise<number> {
  return (await pending.audiences()).reduce((sum, { count }) => sum + count, 0);
}

async function show(
  context: Context<OperatorEnv>,
  page: PageName,
  content: Html,
  deps: ContentDeps,
  title = names[page],
): Promise<Response> {
  const { store, health, stopped, clock, zone, release } = deps;
  const [waiting, { jobs }] = await Promise.all([countWaiting(store), store.stats(0)]);
  const dead = jobs.reduce((sum, job) => sum + job.dead, 0);
  const frame: Frame = {
    operator: context.get('operator'),
    formToken: context.get('formToken'),
    counts: { waiting, 'dead-letters': dead },
    ready: health.report().ready,
    stop: stopped(),
    now: clock.now(),
    zone,
    release,
  };
  return context.html(layout(page, title, content, frame));
}
