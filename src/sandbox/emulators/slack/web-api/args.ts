import { isObject } from '../checks/block-kit/rules.ts';
import type { Json } from '../types.ts';
import { Refusal } from './refusal.ts';

/** The argument as text; numbers become text, everything else is ''. */
export function textArg(args: Json, name: string): string {
  const value = args[name];
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

export function flagArg(args: Json, name: string): boolean {
  return ['true', '1'].includes(String(args[name] ?? ''));
}

/** A moment in seconds, or undefined when the argument is absent. */
export function tsArg(args: Json, name: string): number | undefined {
  const text = textArg(args, name);
  if (text === '') return undefined;
  const seconds = Number(text);
  if (Number.isNaN(seconds)) throw new Refusal(`invalid_ts_${name}`);
  return seconds;
}

/** A list of objects such as `blocks`; undefined when absent. */
export function listArg(args: Json, name: string, refusal: string): Json[] | undefined {
  const value = args[name];
  if (value === undefined || value === null || value === '') return undefined;
  if (!Array.isArray(value)) throw new Refusal(refusal);
  return value;
}

/** An object such as `metadata` or `view`; undefined when absent. */
export function objectArg(args: Json, name: string, refusal: string): Json | undefined {
  const value = args[name];
  if (value === undefined || value === null || value === '') return undefined;
  if (!isObject(value)) throw new Refusal(refusal);
  return value;
}
