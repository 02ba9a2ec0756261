/** The calls that the gateway reads; `other` passes unread. Tested in test/backends/runtype/gateway/answer/relay.test.ts. */
export type Route = 'dispatch' | 'approve' | 'resume' | 'continue' | 'agent' | 'other';

const routes: readonly [RegExp, Route][] = [
  [/^\/v1\/dispatch$/, 'dispatch'],
  [/^\/v1\/dispatch\/approve$/, 'approve'],
  [/^\/v1\/dispatch\/resume$/, 'resume'],
  [/^\/v1\/dispatch\/continue$/, 'continue'],
  [/^\/v1\/agents\/[^/]+\/approve$/, 'approve'],
  [/^\/v1\/agents\/.+$/, 'agent'],
];

/** @param target path and query, as received */
export function routeOf(method: string, target: string): Route {
  if (method !== 'POST') return 'other';
  const path = pathOf(target);
  return routes.find(([pattern]) => pattern.test(path))?.[1] ?? 'other';
}

/** What a call on Runtype's replay path requests; null for any other call. */
export function replayWanted(method: string, target: string): { executionId: string; after: number } | null {
  const [, executionId] = /^\/v1\/agents\/[^/]+\/executions\/([^/]+)\/events$/.exec(pathOf(target)) ?? [];
  if (method !== 'GET' || executionId === undefined) return null;
  const after = new URLSearchParams(target.split('?')[1]).get('after') ?? '0';
  return /^\d{1,15}$/.test(after) ? { executionId, after: Number(after) } : null;
}

/** The path as a server may normalise it: a call that is not recognised here passes unread. */
function pathOf(target: string): string {
  try {
    const path = new URL(`http://gateway.invalid/${target.replace(/^\/+/, '')}`).pathname;
    return decodeURIComponent(path)
      .replace(/\/{2,}/g, '/')
      .replace(/(?<=.)\/$/, '');
  } catch {
    return target;
  }
}
