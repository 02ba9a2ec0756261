import type { z } from 'zod';
import type { Run } from '../runs/run.ts';
import type { Json } from '../types.ts';
import type { Account } from './account.ts';
import { approve, type Refusal, type RunSegment, resume } from './decisions.ts';
import { approveBody, continueBody, describeErrors, dispatchBody, resumeBody } from './request-bodies.ts';

export interface Call {
  params: Record<string, string>;
  query: URLSearchParams;
  /** Parsed; text if it is not JSON; null if there is none. */
  body: unknown;
  /** Of the page that a browser shows; null outside of a browser. */
  origin: string | null;
  /** The header `Prefer`. */
  prefer: string;
}

export type Answer =
  | { kind: 'json'; status: number; body: unknown }
  | { kind: 'stream'; segment: RunSegment; asJson: boolean }
  | { kind: 'replay'; run: Run; after: number };

/** What not every server has. */
export interface RouteSwitches {
  agentRoutes: boolean;
  asynchronous: boolean;
}

export interface Route {
  method: 'GET' | 'POST';
  path: string;
  /** Called from browsers, without a key. */
  isPublic?: boolean;
  answer(call: Call): Answer;
}

const INVALID = 'Invalid request';

/** The part of Runtype's API that the bot uses. Each route checks the body first, then the state. */
export function createRoutes(account: Account, { agentRoutes, asynchronous }: RouteSwitches): Route[] {
  const approveRun = (call: Call, agentId?: string): Answer =>
    checked(approveBody, call, (body) => {
      const run = account.find(body.executionId);
      if (agentId !== undefined && (!account.knowsAgent(agentId) || (run && !account.isAgentOf(run, agentId)))) {
        return refused(404, { error: 'Agent not found' });
      }
      return streamed(approve(run, body), body.streamResponse);
    });

  const dispatchRun = (call: Call, body: z.infer<typeof dispatchBody>): Answer => {
    const segment = account.dispatch(body, call.query.get('events') === 'unified' ? 'unified' : undefined);
    if (!segment) return refused(404, { error: body.agent ? 'Agent not found' : 'Flow not found' });
    const isAsync = body['async'] === true || /\brespond-async\b/i.test(call.prefer);
    if (!asynchronous || !isAsync) return streamed(segment, body.options?.streamResponse ?? body.streamResponse);
    void segment.start();
    return { kind: 'json', status: 202, body: { executionId: segment.run.executionId, status: 'queued' } };
  };
  const resumeRun = (call: Call): Answer =>
    checked(resumeBody, call, (body) =>
      streamed(resume(account.find(body.executionId), body.toolOutputs ?? {}), body.streamResponse),
    );
  const ofAgents: Route[] = [
    {
      method: 'POST',
      path: '/v1/agents/:id/execute',
      answer(call) {
        const agentId = call.params['id'] ?? '';
        const body =
          typeof call.body === 'object' && call.body !== null ? { ...call.body, agent: { agentId } } : call.body;
        return checked(dispatchBody, { ...call, body }, (parsed) => dispatchRun(call, parsed));
      },
    },
    { method: 'POST', path: '/v1/agents/:id/resume', answer: resumeRun },
  ];

  return [
    ...(agentRoutes ? ofAgents : []),
    {
      method: 'POST',
      path: '/v1/dispatch',
      answer: (call) => checked(dispatchBody, call, (body) => dispatchRun(call, body)),
    },
    { method: 'POST', path: '/v1/dispatch/approve', answer: (call) => approveRun(call) },
    { method: 'POST', path: '/v1/agents/:id/approve', answer: (call) => approveRun(call, call.params['id'] ?? '') },
    { method: 'POST', path: '/v1/dispatch/resume', answer: resumeRun },
    {
      method: 'POST',
      path: '/v1/dispatch/continue',
      answer: (call) =>
        checked(continueBody, call, ({ executionId, continuation, streamResponse }) => {
          const run = account.find(executionId);
          const segment =
            'decision' in continuation
              ? approve(run, continuation as z.infer<typeof approveBody>)
              : resume(run, continuation.toolOutputs as Record<string, unknown>);
          return streamed(segment, streamResponse);
        }),
    },
    { method: 'GET', path: '/v1/agents/:id/executions/:executionId/events', answer: (call) => replay(account, call) },
    { method: 'GET', path: '/v1/flows', answer: () => ({ kind: 'json', status: 200, body: account.catalogue() }) },
  ];
}

/** Finds a request's route; named segments of the pattern become `params`. */
export function matchRoute(
  routes: readonly Route[],
  method: string | undefined,
  path: string,
): { route: Route; params: Record<string, string> } | undefined {
  for (const route of routes) {
    const params = route.method === method ? matchPath(route.path, path) : undefined;
    if (params) return { route, params };
  }
  return undefined;
}

function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const names = pattern.split('/');
  const parts = path.split('/');
  if (names.length !== parts.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, name] of names.entries()) {
    const segment = parts[index] ?? '';
    if (name.startsWith(':')) params[name.slice(1)] = decodeURIComponent(segment);
    else if (name !== segment) return undefined;
  }
  return params;
}

/** Only runs of saved agents with a `conversationId` keep their events; `after` is the last row that was read. */
function replay(account: Account, { params, query }: Call): Answer {
  const after = query.get('after') ?? '0';
  if (!/^\d+$/.test(after)) return refused(400, { error: INVALID, message: 'after: expected a row number' });
  if (!account.knowsAgent(params['id'] ?? '')) return refused(404, { error: 'Agent not found' });
  const run = account.find(params['executionId'] ?? '');
  const known = run?.durable && account.isAgentOf(run, params['id'] ?? '');
  if (!known || run.options.conversationId !== query.get('conversationId')) {
    return refused(404, { error: 'Execution not found' });
  }
  return { kind: 'replay', run, after: run.options.settings.ignoreCursor ? 0 : Number(after) };
}

export function checked<T>(schema: z.ZodType<T>, call: Call, answer: (body: T) => Answer): Answer {
  if (typeof call.body === 'string') return refused(400, { error: INVALID, message: 'The body is not valid JSON' });
  const parsed = schema.safeParse(call.body ?? {});
  return parsed.success ? answer(parsed.data) : refused(400, { error: INVALID, message: describeErrors(parsed.error) });
}

export function streamed(segment: RunSegment | Refusal, streamResponse = true): Answer {
  if ('status' in segment) return refused(segment.status, segment.body);
  return { kind: 'stream', segment, asJson: !streamResponse };
}

export function refused(status: number, body: Json): Answer {
  return { kind: 'json', status, body };
}
