/** Tested in test/backends/sonzai/index.test.ts and test/fuzz/edges/inboxes.test.ts. */
import { z } from 'zod';
import type { Approval } from '../../core/approval/approval.ts';
import { type Action, actions, type Pause } from '../../core/approval/pause/pause.ts';
import { idText, numeric, spelled } from '../../core/text/exact/fields.ts';
import { isRecord } from '../../core/text/json.ts';
import { parseTime } from '../../core/text/time/parse.ts';
import { contactOf, furtherParameters } from '../shared/item-fields.ts';
import type { OutlineOptions } from '../shared/json-outline.ts';
import { type Deviations, deviationsOf, isAddressable } from '../shared/large-json.ts';

export const BACKEND = 'sonzai';
export const TITLE = 'Sonzai';

const text = z.string().catch('');
const id = idText.catch('');

/** Only the id must be valid; any other field that is missing or invalid is shown as empty. */
const itemSchema = z.object({
  approval_id: idText,
  agent_id: id,
  agent_name: text,
  contact_name: text,
  user_id: id,
  channel: text,
  type: text,
  context: text,
  payload: z.unknown().optional(),
  tags: z.array(z.string()).nullable().catch(null),
  /** Documented as 0 to 1, but not enforced. */
  confidence: spelled(z.number()).nullable().catch(null),
  /** The list is documented to contain pending items only, so a missing status means pending. */
  status: z.string().catch('pending'),
  created_at: text,
});
export type Item = z.infer<typeof itemSchema> & { deviations: Deviations };

/** What is read of an item that is too large to be parsed; what it is recognised by later does not change with time. */
export const outline: OutlineOptions = {
  names: new Set(Object.keys(itemSchema.shape)),
  hashed: new Set(Object.keys(itemSchema.shape).filter((name) => name !== 'status' && name !== 'created_at')),
};

const unreadableSchema = itemSchema.pick({ type: true, contact_name: true, agent_name: true });
const countSchema = numeric(z.number().int().nonnegative());

export interface ItemList {
  /** The pending items, oldest first. */
  pending: Item[];
  /** Listed with another status than pending, although the list is documented to contain pending items only. */
  others: Item[];
  /** Items without a valid ID, as they came. */
  unreadable: unknown[];
  /** How many items the answer has, of any kind. */
  size: number;
  /** How many are pending, by the answer; null where it does not say. */
  count: number | null;
}

/** Null for what is not Sonzai's list. */
export function readList(body: unknown): ItemList | null {
  if (!isRecord(body)) return null;
  const count = countSchema.safeParse(body['pending_count']).data ?? null;
  // With a count, null means an empty list.
  const raw = body['items'] ?? (count === null ? null : []);
  if (!Array.isArray(raw)) return null;
  const read = raw.map((one) => ({ raw: one, item: readItem(one) }));
  const items = read.flatMap(({ item }) => item ?? []);
  return {
    pending: items.filter(isPending).sort(byAge),
    others: items.filter((item) => !isPending(item)),
    unreadable: read.flatMap(({ raw, item }) => (item === null ? [raw] : [])),
    size: raw.length,
    count,
  };
}

function isPending({ status }: Item): boolean {
  return status.toLowerCase() === 'pending';
}

/** The oldest first. */
export function byAge(a: Item, b: Item): number {
  return timeOf(a) - timeOf(b) || (a.approval_id < b.approval_id ? -1 : 1);
}

function readItem(raw: unknown): Item | null {
  const { data } = itemSchema.safeParse(raw);
  return data === undefined ? null : { ...data, deviations: deviationsOf(raw) };
}

/** What people may know an unreadable item by; null where it names nothing. */
export function nameOfUnreadable(raw: unknown): string | null {
  const { type = '', contact_name = '', agent_name = '' } = unreadableSchema.safeParse(raw).data ?? {};
  const names = [type, contact_name || agent_name].map((name) => name.trim()).filter((name) => name !== '');
  return names.length === 0 ? null : names.join(' · ');
}

/** An invalid time counts as the newest. */
function timeOf({ created_at }: Item): number {
  return parseTime(created_at) ?? Number.MAX_SAFE_INTEGER;
}

const wireSchema = z.looseObject({ approvalId: z.string() });

/** @throws when the pause is not one of ours */
export function approvalIdOf({ pause }: Approval): string {
  return wireSchema.parse(pause.wire).approvalId;
}

export function pauseOf(item: Item): Pause {
  const key = item.approval_id;
  const contact = contactOf(item);
  return {
    backend: BACKEND,
    key,
    kind: 'item',
    groupId: key,
    // An item is its own run: nothing on the wire connects two items.
    runId: key,
    tool: titleOf(item, contact?.name ?? null),
    description: item.context.trim() || null,
    asker: item.agent_name || item.agent_id || null,
    askerId: item.agent_id || null,
    ...(contact !== null && { contact }),
    reason: null,
    parameters: parametersOf(item),
    hidden: [],
    actions: isAddressable(item.deviations.unshowable, [key]) ? [...actions] : [],
    ...item.deviations,
    askedAt: parseTime(item.created_at),
    deadline: null,
    wire: { approvalId: key },
  };
}

/** A map, not an object: a type may be named `constructor`. */
const knownTypes = new Map<string, readonly [bare: string, withContact: string]>([
  ['message', ['Message', 'Message to']],
  ['goal', ['Goal', 'Goal for']],
  ['handoff', ['Handoff', 'Handoff of']],
]);

/** What is to be done, and for which contact. */
function titleOf({ type, channel }: Item, contact: string | null): string {
  const name = type.trim() || 'Item';
  const [bare, withContact] = knownTypes.get(name.toLowerCase()) ?? [name, `${name} for`];
  if (contact !== null) return `${withContact} ${contact}`;
  return channel.trim() === '' ? bare : `${bare} (${channel.trim()})`;
}

function parametersOf(item: Item): Record<string, unknown> {
  const { type, channel, contact_name } = item;
  return {
    type,
    channel,
    contact: contact_name || item.user_id,
    ...furtherParameters(item),
  };
}

const statuses: readonly [RegExp, Action][] = [
  [/\bapproved\b/, 'approve'],
  [/\b(?:rejected|denied)\b/, 'reject'],
  [/\btaken[ _-]over\b/, 'take_over'],
];

/** The decision that a text names; null unless it names exactly one. */
export function verdictIn(said: string | null): Action | null {
  const text = (said ?? '').toLowerCase();
  const named = statuses.filter(([pattern]) => pattern.test(text));
  return named.length === 1 ? (named[0]?.[1] ?? null) : null;
}
