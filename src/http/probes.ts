import { timingSafeEqual } from 'node:crypto';
import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context, Hono } from 'hono';
import { actorName } from '../core/approval/names.ts';
import type { Stop } from '../core/policy/operators/stop.ts';
import { type CallGuard, INSTANCE_HEADER, tooManyWrong } from '../core/ports/http.ts';
import { judgeLag } from '../engine/observe/checks.ts';
import type { Health } from '../engine/observe/health.ts';
import type { LoopLag } from '../engine/observe/loop-lag.ts';
import type { ReplicasView } from '../engine/observe/replicas.ts';
import type { PrometheusMetrics } from './metrics.ts';

/** The part of the doctor's report that is shown here. */
interface DoctorReport {
  at: string;
  faults: number;
  warnings: number;
  groups: readonly { findings: readonly { check: string; level: string; what: string; remedy: string }[] }[];
}

export interface ProbeDeps {
  health: Pick<Health, 'report'>;
  /** An operator's stop; null: it runs. Default: it runs. */
  stopped?: () => Stop | null;
  /** Which policy file applies, and what is wrong with the newest one. Default: there is none. */
  policy?: (() => { loadedAt: number; problems: readonly string[] }) | undefined;
  /** What the doctor found last; null: it has not looked yet. Default: there is none. */
  doctor?: () => DoctorReport | null;
  /** Who works on the database, and how they differ. Default: there can be no other. */
  replicas?: (() => ReplicasView & { me: string }) | undefined;
  /** A random name of this process. Default: none. */
  instance?: string;
  lag: Pick<LoopLag, 'worst'>;
  metrics: Pick<PrometheusMetrics, 'text'>;
  /** How the process started: how the last one ended, and what was recovered. */
  started: object;
  /** Opens details and metrics; null: only this machine may read them, unless `exposedBy` is set. */
  token: string | null;
  guard: Pick<CallGuard, 'wrongSecret'>;
  /** Why a connection from this machine may be a proxy's: then only the token opens them. */
  exposedBy: string | null;
}

/**
 * `/healthz`: liveness. `/readyz`: whether the bot can do its work, and if not, why. `/metrics`: for Prometheus. None
 * of them makes an outbound call: they show the last results.
 */
export function probeRoutes(app: Hono, deps: ProbeDeps): void {
  const { health, stopped, policy, doctor, replicas, instance, lag, metrics, started, token, guard } = deps;
  app.get('/healthz', (context) => {
    if (instance !== undefined) context.header(INSTANCE_HEADER, instance);
    const finding = judgeLag(lag.worst());
    if (finding.ok) return context.json({ status: 'ok' });
    return context.json({ status: 'held up', reason: finding.reason, advice: finding.advice }, 503);
  });

  app.get('/readyz', async (context) => {
    const isOpen = mayRead(context, deps);
    // A probe without a token guesses nothing.
    const isGuess = token !== null && context.req.header('authorization') !== undefined && !isOpen;
    const refusal = isGuess ? await refuse(context, guard) : null;
    if (refusal !== null) return refusal;
    const { ready, checks } = health.report();
    const status = ready ? 'ready' : 'not ready';
    const code = ready ? 200 : 503;
    const stop = stopped?.() ?? null;
    // A probe needs the status only. Rooms, addresses and reasons are for the operator. Stopped, it does its work: it waits.
    if (!isOpen) return context.json({ status, ...(stop !== null && { stopped: true }) }, code);
    const shown = checks.map(({ since, checkedAt, ...check }) => ({
      ...check,
      since: iso(since),
      checkedAt: iso(checkedAt),
    }));
    const whom = stop === null ? {} : { stopped: { by: actorName(stop.by), since: iso(stop.at), reason: stop.reason } };
    // A file with an error does not make the bot unready: the policy before it applies.
    const state = policy?.();
    const file = state === undefined ? {} : { policy: { ...state, loadedAt: iso(state.loadedAt) } };
    const others = { ...doctorsPart(doctor), ...replicasPart(replicas) };
    return context.json({ status, ...whom, ...file, checks: shown, ...others, started }, code);
  });

  app.get('/metrics', async (context) => {
    if (!mayRead(context, deps)) {
      const refusal = token === null ? null : await refuse(context, guard);
      if (refusal !== null) return refusal;
      const detail = closedBecause(deps);
      return context.json({ title: 'Forbidden', status: 403, detail }, 403, {
        'content-type': 'application/problem+json',
      });
    }
    const { body, contentType } = await metrics.text(context.req.header('accept'));
    return context.body(body, 200, { 'content-type': contentType });
  });
}

/** What it found changes nothing about the status: a fault may be of one room. */
function doctorsPart(doctor: ProbeDeps['doctor']): object {
  if (doctor === undefined) return {};
  const report = doctor();
  if (report === null) return { doctor: null };
  const { at, faults, warnings, groups } = report;
  return { doctor: { at, faults, warnings, findings: groups.flatMap(({ findings }) => findings) } };
}

/** That they differ makes none of them unready: then all of them would be. */
function replicasPart(replicas: ProbeDeps['replicas']): object {
  if (replicas === undefined) return {};
  const { me, replicas: found, difference } = replicas();
  const shown = found?.map(({ fingerprint: _, startedAt, ...one }) => ({ ...one, startedAt: iso(startedAt) })) ?? null;
  return { replicas: { me, all: shown, difference } };
}

/** Null: the refusal has waited its time, and is answered as usual. */
async function refuse(context: Context, guard: ProbeDeps['guard']): Promise<Response | null> {
  const address = getConnInfo(context).remote.address ?? '';
  const seconds = await guard.wrongSecret('probes', address, 'METRICS_TOKEN is missing or wrong.');
  if (seconds === null) return null;
  const { status, contentType, body } = tooManyWrong;
  const headers = { 'content-type': contentType, 'retry-after': String(seconds), connection: 'close' };
  return new Response(body, { status, headers });
}

/** With a token: callers that send it. Without: callers on this machine, where nothing says that a proxy may be there. */
function mayRead(context: Context, { token, exposedBy }: ProbeDeps): boolean {
  if (token !== null) return sameText(context.req.header('authorization') ?? '', `Bearer ${token}`);
  if (exposedBy !== null) return false;
  const names = Object.keys(context.req.header());
  return !names.some((name) => FORWARDED.test(name)) && isLoopback(getConnInfo(context).remote.address ?? '');
}

/** What proxies and tunnels say of the caller that they pass on. Many say nothing. */
const FORWARDED = /^(?:forwarded|via|x-forwarded(?:-.+)?|(?:x-|true-)?(?:real|client)-ip|cf-.+|cdn-loop)$/;

function closedBecause({ token, exposedBy }: ProbeDeps): string {
  if (token !== null) return 'Send METRICS_TOKEN as a bearer token.';
  if (exposedBy !== null)
    return `METRICS_TOKEN is not set, and others than this machine may call (${exposedBy}). Set it.`;
  return '/metrics is local-only unless you send METRICS_TOKEN as a bearer token.';
}

function isLoopback(address: string): boolean {
  return /^(?:::ffff:)?127\.|^::1$/.test(address);
}

/** In constant time, so that the duration does not reveal the token. */
function sameText(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
