import type { Json } from './protocol.ts';

/** Readers for what the bot sent: an unexpected value reads as empty, so that it can't break the page. */

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

/** Items with React keys; an item's only identity is its position. */
export function keyed(value: unknown): Keyed[] {
  return list(value).map((item, index) => ({ key: `${index}-${str(item['type'])}`, item }));
}
