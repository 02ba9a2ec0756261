import type { UploadedFile } from '../guild/messages.ts';
import type { Json } from '../types.ts';

export interface RestRequest {
  /** The named segments of the path. */
  params: Record<string, string>;
  query: URLSearchParams;
  body: Json;
  /** The body, when it is a list. */
  list: unknown[];
  files: readonly UploadedFile[];
}

export interface RestReply {
  status: number;
  body?: unknown;
}

export interface Route {
  method: string;
  /** For example `/channels/:channel/messages`: a segment with a colon matches any value and becomes a parameter. */
  pattern: string;
  /** Needs no bot token. */
  open?: boolean;
  /** @throws Refusal */
  handle(request: RestRequest): RestReply;
}

export const ok = (body: unknown): RestReply => ({ status: 200, body });

export const created = (body: unknown): RestReply => ({ status: 201, body });

export const nothing: RestReply = { status: 204 };

/** The named segments of a path that matches the pattern, otherwise null. */
export function matchPath(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [index, segment] of wanted.entries()) {
    const value = given[index] ?? '';
    if (segment.startsWith(':') && value) params[segment.slice(1)] = value;
    else if (segment !== value) return null;
  }
  return params;
}
