/** The keys of pages, as addresses carry them. Tested in test/operator/content.test.ts. */
import { z } from 'zod';
import type { DeadLetterKey, SettledKey, WaitingKey } from '../../core/ports/ports.ts';

const whole = z.coerce.number().int();
/** A moment; `-`: there is no end. */
const end = z.union([z.literal('-').transform(() => Number.POSITIVE_INFINITY), z.coerce.number()]);
const ID_MAX = 200;

const waitingKey = z.tuple([end, z.coerce.number(), z.string().max(ID_MAX)]);
const pair = z.tuple([whole, whole]);

export function waitingText({ endAt, askedAt, id }: WaitingKey): string {
  return `${Number.isFinite(endAt) ? endAt : '-'}~${askedAt}~${id}`;
}

/** Null for what is not such a key: the first page. */
export function parseWaiting(text: string | undefined): WaitingKey | null {
  const { data } = waitingKey.safeParse(text?.split('~'));
  return data === undefined ? null : { endAt: data[0], askedAt: data[1], id: data[2] };
}

export function settledText({ settledAt, position }: SettledKey): string {
  return `${settledAt}~${position}`;
}

export function parseSettled(text: string | undefined): SettledKey | null {
  const { data } = pair.safeParse(text?.split('~'));
  return data === undefined ? null : { settledAt: data[0], position: data[1] };
}

export function deadLetterText({ deadAt, id }: DeadLetterKey): string {
  return `${deadAt}~${id}`;
}

export function parseDeadLetter(text: string | undefined): DeadLetterKey | null {
  const { data } = pair.safeParse(text?.split('~'));
  return data === undefined ? null : { deadAt: data[0], id: data[1] };
}
