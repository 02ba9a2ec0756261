/** Tested in test/backends/sonzai/index.test.ts and test/fuzz/edges/inboxes.test.ts. */
import { z } from 'zod';
import type { Approval } from '../../core/approval/approval.ts';
import { type Action, actions, type Pause } from '../../core/approval/pause/pause.ts';
import { sized } from '../../core/text/clip.ts';
import { numeric, spelled } from '../../core/text/exact/fields.ts';
import { isRecord } from '../../core/text/json.ts';
import { parseTime } from '../../core/text/time.ts';
import { contactOf, furtherParameters } from '../shared/item-fields.ts';
import type { OutlineOptions } from '../shared/json-outline.ts';
import { type Deviations, deviationsOf, isAddressable } from '../shared/large-json.ts';

export const BACKEND = 'sonzai';
export const TITLE = 'Sonzai';

const text = z.string().catch('');

/** Only the id must be valid; any other field that is missing or invalid is shown as empty. */
const itemSchema = z.object({
  approval_id: z.string().refine(sized(1)),
  agent_id: text,
  agent_name: text,
  contact_name: text,
  user_id: text,
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

const countSchema = numeric(z.number().int().nonnegative());

export interface ItemList {
  /** The pending items, oldest first. */
  pending: Item[];
  /** Listed with another status than pending, although the list is documented to contain pending items only. */
  others: Item[];
  /** How many pending items the list does not contain, by its own count. */
  hidden: number;
  /** `pending` contains everything that is pending. */
  complete: boolean;
}

/** Null for what is not Sonzai's list. */
export function readList(body: unknown): ItemList | null {
  if (!isRecord(body)) return null;
  const count = countSchema.safeParse(body['pending_count']).data ?? null;
  // With a count, null means an empty list.
  const raw = body['items'] ?? (count === null ? null : []);
  if (!Array.isArray(raw)) return null;
  const items = raw.flatMap(readItem);
  const isPending = ({ status }: Item) => status.toLowerCase() === 'pending';
  const pending = items
    .filter(isPending)
    .sort((a, b) => timeOf(a) - timeOf(b) || (a.approval_id < b.approval_id ? -1 : 1));
  const hidden = Math.max(0, (count ?? 0) - raw.length);
  // An item with a status unknown to us may be pending as well.
  const complete = count !== null && hidden === 0 && pending.length === raw.length;
  return { pending, others: items.filter((item) => !isPending(item)), hidden, complete };
}

function readItem(raw: unknown): Item[] {
  const { data } = itemSchema.safeParse(raw);
  return data === undefined ? [] : [{ ...data, deviations: deviationsOf(raw) }];
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
