/**
 * Checks exchanges with the bot against its OpenAPI document: an answer that is not documented, a field that is not, a request that
 * was accepted although the document forbids it, and one that was refused although the document allows it.
 */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { fullFormats } from 'ajv-formats/dist/formats.js';
import { apiParts } from '../../../src/adapters.ts';
import { isRecord } from '../../../src/core/text/json.ts';
import { createDocument } from '../../../src/http/openapi.ts';

/** One call and its answer. Names of headers in lower case. */
export interface Exchange {
  method: string;
  /** Path and query. */
  target: string;
  requestHeaders: Readonly<Record<string, string>>;
  /** Null: the server did not read it. */
  requestBody: string | null;
  status: number;
  responseHeaders: Readonly<Record<string, string>>;
  responseBody: string;
}

interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required: boolean;
  schema: { type: string };
}

export interface Operation {
  operationId: string;
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { examples?: Record<string, { value: unknown }> }> };
  responses: Record<string, Answer>;
}

export interface Answer {
  $ref?: string;
  headers?: Record<string, { required?: boolean }>;
  content?: Record<string, { examples?: Record<string, { value: unknown }> }>;
}

export type ApiDocument = Omit<ReturnType<typeof createDocument>, 'paths'> & {
  paths: Record<string, Record<string, Operation>>;
};

/** Headers of HTTP itself. */
const usual = ['cache-control', 'connection', 'content-length', 'content-type', 'date', 'keep-alive', 'retry-after'];
/** For what has no operation: no token, an unknown path, another method; and what is refused before that is known. */
const withoutOperation = [401, 404, 405, 413, 429, 503];
/** What JSON Schema can't say about a request that is refused as invalid. */
const unsayable =
  /levels|not empty|callback|https address|not one of|may only be called|fragment|user name|people:|another body|expected a time|at most 30 days|given twice|expected JSON|body is required|not both|valid address/;

export async function readDocument(): Promise<ApiDocument> {
  // As it is served.
  return JSON.parse(JSON.stringify(createDocument(await apiParts())));
}

export type ApiCheck = Awaited<ReturnType<typeof createApiCheck>>;

export async function createApiCheck(given?: ApiDocument) {
  const document = given ?? (await readDocument());
  const ajv = new Ajv2020({ strict: false, allErrors: true, formats: fullFormats });
  ajv.addSchema(closed(document), 'api');
  const validators = new Map<string, ValidateFunction>();
  const templates = Object.keys(document.paths).map((path) => ({
    path,
    pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`),
  }));
  const exercised = new Set<string>();

  /** @param place of the schema in the document. @returns what is wrong; null: nothing */
  function faultOf(value: unknown, ...place: string[]): string | null {
    const pointer = place.map((name) => name.replaceAll('~', '~0').replaceAll('/', '~1')).map(encodeURIComponent);
    const reference = `api#/${pointer.join('/')}`;
    const validate = validators.get(reference) ?? ajv.compile({ $ref: reference });
    validators.set(reference, validate);
    return validate(value) ? null : ajv.errorsText(validate.errors);
  }

  function operationOf({ method, target }: Pick<Exchange, 'method' | 'target'>) {
    const [path = ''] = target.split('?');
    const template = templates.find(({ pattern }) => pattern.test(path))?.path;
    const verb = method.toLowerCase();
    const operation = template === undefined ? undefined : document.paths[template]?.[verb];
    return template === undefined || operation === undefined ? null : { path: template, verb, operation };
  }

  /** What the document forbids of a request. */
  function faultsOfRequest(exchange: Exchange, path: string, verb: string, operation: Operation): string[] {
    const { requestHeaders, requestBody, target } = exchange;
    const query = new URL(target, 'http://localhost').searchParams;
    const faults = (operation.parameters ?? []).flatMap(({ name, in: where, required }, at) => {
      const text = where === 'query' ? (query.get(name) ?? undefined) : requestHeaders[name.toLowerCase()];
      // Both are the same to a program that leaves a variable empty.
      if (text === undefined || text === '') return required ? [`${name} is missing`] : [];
      const value = where === 'query' && /^-?\d+$/.test(text) ? Number(text) : text;
      const isText = operation.parameters?.[at]?.schema.type === 'string';
      const fault = faultOf(isText ? text : value, 'paths', path, verb, 'parameters', String(at), 'schema');
      return fault === null ? [] : [`${name}: ${fault}`];
    });
    if (operation.requestBody === undefined || requestBody === null) return faults;
    const [type = ''] = Object.keys(operation.requestBody.content);
    const fault = faultOf(parsed(requestBody), 'paths', path, verb, 'requestBody', 'content', type, 'schema');
    return fault === null ? faults : [...faults, fault];
  }

  function faultsOfAnswer(exchange: Exchange, path: string, verb: string, operation: Operation): string[] {
    const { status, responseHeaders, responseBody } = exchange;
    const key = String(status) in operation.responses ? String(status) : status === 500 ? 'default' : null;
    if (key === null) return [`${status} is not documented`];
    exercised.add(`${operation.operationId} ${key}`);
    const written = operation.responses[key] ?? {};
    const name = written.$ref?.split('/').at(-1);
    const place = name === undefined ? ['paths', path, verb, 'responses', key] : ['components', 'responses', name];
    const answer = name === undefined ? written : (document.components['responses']?.[name] as Answer);
    const required = Object.entries(answer.headers ?? {}).filter(([, header]) => header.required === true);
    const known = [...usual, ...Object.keys(answer.headers ?? {}).map((one) => one.toLowerCase())];
    const type = responseHeaders['content-type']?.split(';')[0] ?? '';
    const body = type.endsWith('json') ? parsed(responseBody) : responseBody;
    return [
      ...required.filter(([one]) => !(one.toLowerCase() in responseHeaders)).map(([one]) => `${one} is missing`),
      ...Object.keys(responseHeaders).flatMap((one) => (known.includes(one) ? [] : [`${one} is not documented`])),
      ...(type in (answer.content ?? {})
        ? [faultOf(body, ...place, 'content', type, 'schema') ?? []].flat()
        : [`its type ${type} is not documented`]),
    ];
  }

  return {
    document,
    faultOf,
    /** Which answers were seen: `ask 200`. */
    exercised: exercised as ReadonlySet<string>,
    /** @returns what is wrong, a line each */
    faultsOf(exchange: Exchange): string[] {
      const { method, target, status, responseBody } = exchange;
      const about = (fault: string) => `${method} ${target} → ${status}: ${fault} (${responseBody.slice(0, 300)})`;
      const found = operationOf(exchange);
      if (found === null) return withoutOperation.includes(status) ? [] : [about('no operation')];
      const { path, verb, operation } = found;
      const answer = faultsOfAnswer(exchange, path, verb, operation);
      const request = faultsOfRequest(exchange, path, verb, operation);
      const isAccepted = status < 300;
      const isInvalid = status === 400 || status === 422;
      const isUnexplained = isInvalid && request.length === 0 && !unsayable.test(responseBody);
      return [
        ...answer,
        ...(isAccepted ? request.map((fault) => `accepted although ${fault}`) : []),
        ...(isUnexplained ? ['refused although the document allows it'] : []),
      ].map(about);
    },
    /** Every answer of these operations. */
    documented: (paths: readonly string[]) =>
      paths
        .flatMap((path) => Object.values(document.paths[path] ?? {}))
        .flatMap(({ operationId, responses }) =>
          Object.keys(responses ?? {}).map((status) => `${operationId} ${status}`),
        ),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Clients must ignore what they do not know; here, what is not documented is a fault. */
function closed<T>(value: T): T {
  if (Array.isArray(value)) return value.map(closed) as T;
  if (!isRecord(value)) return value;
  const inner = Object.fromEntries(Object.entries(value).map(([name, one]) => [name, closed(one)]));
  const isOpen = inner['type'] === 'object' && isRecord(inner['properties']) && !('additionalProperties' in inner);
  return { ...inner, ...(isOpen && { additionalProperties: false }) } as T;
}
