import type { IncomingMessage } from 'node:http';
import { isObject } from '../checks/block-kit/rules.ts';
import type { Json } from '../types.ts';

/** The arguments and the token of a request. */
export interface Call {
  args: Json;
  token: string | null;
}

/** Arguments that travel as JSON inside a form. */
const STRUCTURED = ['blocks', 'attachments', 'metadata', 'view'];

/** Reads a form-encoded or JSON request. A body that is neither gives no arguments. */
export async function readCall(request: IncomingMessage): Promise<Call> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const body = Buffer.concat(chunks).toString();
  const json = request.headers['content-type']?.includes('json') ?? false;
  const { token: formToken, ...args } = json ? readJson(body) : readForm(body);
  const bearer = request.headers.authorization?.replace(/^Bearer\s+/i, '') ?? '';
  // Slack accepts the token of a JSON call only in the header.
  const token = bearer !== '' ? bearer : !json && typeof formToken === 'string' ? formToken : null;
  return { args, token };
}

function readJson(body: string): Json {
  const value = parse(body);
  return isObject(value) ? value : {};
}

function readForm(body: string): Json {
  const args: Json = Object.fromEntries(new URLSearchParams(body));
  for (const name of STRUCTURED) {
    const value = args[name];
    if (typeof value === 'string' && value !== '') args[name] = parse(value) ?? value;
  }
  return args;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
