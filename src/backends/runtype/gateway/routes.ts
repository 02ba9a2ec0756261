/** Which calls of Runtype's API are known. Tested in test/backends/runtype/gateway/routes.test.ts. */

/**
 * The calls that are known; `other` are all the rest. Resume below an agent, and everything below `client`, are inferred:
 * Runtype's reference names them, and their pages were not read.
 */
export type Route = 'dispatch' | 'approve' | 'resume' | 'continue' | 'agent' | 'other';

const routes: readonly [RegExp, Route][] = [
  [/^\/v1\/dispatch$/, 'dispatch'],
  [/^\/v1\/(?:dispatch|client|agents\/.+)\/approve$/, 'approve'],
  [/^\/v1\/(?:dispatch|client|agents\/.+)\/resume$/, 'resume'],
  [/^\/v1\/(?:dispatch|client|agents\/.+)\/continue$/, 'continue'],
  [/^\/v1\/agents\/.+$/, 'agent'],
];

/** Calls that may contain a decision of the application: they are never forwarded unread. */
const deciding = new Set<Route>(['approve', 'resume', 'continue']);

/** @param target path and query, as received */
export function routeOf(method: string, target: string): Route {
  if (method !== 'POST') return 'other';
  const path = plainPath(target);
  return routes.find(([pattern]) => pattern.test(path))?.[1] ?? 'other';
}

/** Whether every call of this route is a decision, whatever its body. */
export function isDeciding(route: Route): boolean {
  return deciding.has(route);
}

/** The agent that a call below `/v1/agents/` names, in its own spelling; null for any other call. */
export function agentIn(target: string): string | null {
  const [, id] = /^\/+v1\/+agents\/+([^/?#;]+)/i.exec(target) ?? [];
  try {
    return id === undefined ? null : decodeURIComponent(id);
  } catch {
    return null;
  }
}

/** What a call on Runtype's replay path requests; null for any other call. */
export function replayWanted(method: string, target: string): { executionId: string; after: number } | null {
  const [, executionId] = /^\/v1\/agents\/[^/]+\/executions\/([^/]+)\/events$/.exec(pathOf(target)) ?? [];
  if (method !== 'GET' || executionId === undefined) return null;
  const after = new URLSearchParams(target.split('?')[1]).get('after') ?? '0';
  return /^\d{1,15}$/.test(after) ? { executionId, after: Number(after) } : null;
}

/** Percent-encoding within percent-encoding, deeper than any server decodes it. */
const DECODED_TIMES = 3;

/**
 * The path as the most lenient server may read it: in lower case, decoded, without parameters (`;v=1`), dot segments, empty
 * segments and characters that are not printed. Only to recognise a call, which is forwarded as it came.
 */
export function plainPath(target: string): string {
  let path = target.split(/[?#]/, 1)[0] ?? '';
  for (let times = 0; times < DECODED_TIMES; times += 1) path = decoded(path);
  const kept: string[] = [];
  for (const segment of path.toLowerCase().split(/[/\\]/)) {
    const name = (segment.split(';', 1)[0] ?? '').replace(/[^\x21-\x7e]/g, '');
    if (name === '..') kept.pop();
    else if (name !== '' && name !== '.') kept.push(name);
  }
  return `/${kept.join('/')}`;
}

/** Only ASCII matters here: no known path has another character. */
function decoded(path: string): string {
  return path.replace(/%([0-7][0-9a-f])/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

/** The path as a server may normalise it, with the case of the ids in it. */
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
