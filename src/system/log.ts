/** The log: one line of JSON for each entry. Tested in test/system/log.test.ts. */
import pino, { type DestinationStream, type Logger } from 'pino';

export type { Logger };

/**
 * What a line may say. A field with another name is left out, so an object of an SDK that is logged by mistake can't bring its
 * token, its headers or a payload along; `unlogged` names what is missing here.
 */
const fieldNames = `action actions actor address advice after alert alerts also application approval approvals at attempt audit
  backend backends because before brand by callers channel characters check code command connection connections count
  deliveries delivery digest direct directMessages dueBy duty end ended epoch err error event events failures file filter form
  given group hidden host how id inDoubt input interaction job joined kind known lastAlive left limit madeAt
  mayDecide members message method missing mode more ms name of ok open outcome pass passes path place platform
  platforms policy port press problem problems proxies reachable reason recovered refused remoteAddress replayed
  replica requests rerouted room rooms root route rule rules run runs runsLost runsReconnected schedule setting shown
  signal since size skipped slices slot slowInARow source status stopped subject surface tool tries ts type unfinished
  unknown url used user uses verb version via wait warning warnings webhook what where who why`;
export const loggedFields: ReadonlySet<string> = new Set(fieldNames.split(/\s+/));

/** Within an allowed field: names whose values are secrets, wherever they are. */
const secretName = /token|secret|password|authori[sz]ation|cookie|api_?key|signature/i;
/** An object within an object, and so on: what is deeper is no description. */
const DEEPEST = 4;

/** Synchronous: the last lines of a process that dies must not be lost or reordered. It waits for a slow reader. */
export function standardOutput(): DestinationStream {
  return pino.destination({ dest: 1, sync: true });
}

/** Only what describes the error: SDK errors carry whole requests, with payload and token. */
function errorFields(thrown: unknown): Record<string, unknown> {
  if (!(thrown instanceof Error)) return { message: typeof thrown };
  const { name, message, stack } = thrown;
  const code = (thrown as { code?: unknown }).code;
  const cause = thrown.cause instanceof Error ? errorFields(thrown.cause) : undefined;
  return {
    name,
    message,
    ...(code === undefined ? {} : { code: described(code, 1) }),
    stack,
    ...(cause === undefined ? {} : { cause }),
  };
}

function closed(fields: Record<string, unknown>): Record<string, unknown> {
  const logged: Record<string, unknown> = {};
  const unlogged: string[] = [];
  for (const name of Object.keys(fields)) {
    if (name === 'err') logged['err'] = errorFields(fields['err']);
    else if (loggedFields.has(name)) logged[name] = described(fields[name], 1);
    else unlogged.push(name);
  }
  return unlogged.length === 0 ? logged : { ...logged, unlogged };
}

/** A value as it is logged: plain data, without what a name in it calls a secret. */
function described(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Error) return errorFields(value);
  if (depth > DEEPEST) return '[more]';
  if (Array.isArray(value)) return value.map((one) => described(one, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, secretName.test(name) ? '[secret]' : described(one, depth + 1)]),
  );
}

/**
 * @param level a pino level
 * @param secrets values that are replaced in every line
 */
export function createLog(
  level: string,
  secrets: readonly string[] = [],
  destination: DestinationStream = standardOutput(),
): Logger {
  const formatters = { log: closed };
  const log = pino(
    { level, base: null, serializers: { err: (fields: unknown) => fields }, formatters },
    { write: (line: string) => destination.write(cutOut(line, secrets)) },
  );
  const { child } = log;
  // What a child adds to each of its lines is inherited by its own children.
  log.child = function closedChild(this: Logger, fields: object, options?: object) {
    return child.call(this, closed({ ...fields }), options);
  } as Logger['child'];
  return log;
}

function cutOut(line: string, secrets: readonly string[]): string {
  return secrets.reduce((text, secret) => (text.includes(secret) ? text.replaceAll(secret, '[secret]') : text), line);
}
