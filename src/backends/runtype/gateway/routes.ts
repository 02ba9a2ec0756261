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

/**
 * Whether some server may take this path for one on which every call decides: one of its words is the name of such a
 * route, however it is spelled. A path that another server would not take for it may be among them.
 */
export function mayDecide(target: string): boolean {
  // After a raw question mark no server looks for the route.
  const path = folded(target.split('?', 1)[0] ?? '');
  return [path, path.replace(/[^\x21-\x7e]/g, '')].some((one) => one.split(/[^a-z0-9_-]/).some(isDecidingName));
}

function isDecidingName(name: string): boolean {
  return name === 'approve' || name === 'resume' || name === 'continue';
}

/** A path with everything decoded, in lower case, and with letters of other forms as those that they stand for. */
function folded(path: string): string {
  const plain = path.replace(/%u([0-9a-f]{4})/gi, (_, code: string) =>
    encodeURIComponent(String.fromCharCode(Number.parseInt(code, 16)).toWellFormed()),
  );
  // Overlong UTF-8, which old decoders accept.
  const bytes = whollyDecoded(plain).replace(/[\xc0\xc1][\x80-\xbf]/g, (pair) =>
    String.fromCharCode(((pair.charCodeAt(0) & 0x1f) << 6) | (pair.charCodeAt(1) & 0x3f)),
  );
  // There and back: some small letters have a capital in ASCII.
  return Buffer.from(bytes, 'latin1').toString('utf8').normalize('NFKC').toUpperCase().toLowerCase();
}

/** Decoded until nothing is left to decode, as bytes. One pass: what is decoded may complete the escape before it. */
function whollyDecoded(path: string): string {
  const out: string[] = [];
  for (const character of path) {
    out.push(character);
    for (let code = escapeAtEnd(out); code !== null; code = escapeAtEnd(out)) {
      out.splice(-3, 3, String.fromCharCode(code));
    }
  }
  return out.join('');
}

function escapeAtEnd(out: readonly string[]): number | null {
  const last = out.slice(-3).join('');
  return /^%[0-9a-f]{2}$/i.test(last) ? Number.parseInt(last.slice(1), 16) : null;
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
