import type { Json } from './protocol.ts';

/** Readers for what the bot sent: whatever is not as expected reads as empty, so that nothing breaks the page. */

export function obj(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

export function list(value: unknown): Json[] {
  return Array.isArray(value) ? value.map(obj) : [];
}

export function str(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export function num(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

export interface Keyed {
  key: string;
  item: Json;
}

/** Items with keys for drawing; their order on the wire is all the identity they have. */
export function keyed(value: unknown): Keyed[] {
  return list(value).map((item, index) => ({ key: `${index}-${str(item['type'])}`, item }));
}
