import { randomBytes } from 'node:crypto';
import { cloneJson } from '../shared/exact-json.ts';
import type { SonzaiAction, SonzaiChange, SonzaiItem } from './types.ts';

const statuses: Record<SonzaiAction, string> = { approve: 'approved', reject: 'rejected', take_over: 'taken_over' };

interface Entry {
  tenant: string;
  item: SonzaiItem;
}

export function isAction(word: unknown): word is SonzaiAction {
  return typeof word === 'string' && Object.hasOwn(statuses, word);
}

/** The approvals of all tenants, in the order they were made. */
export class Inbox {
  readonly #entries: Entry[] = [];
  /** What the list shows in place of an item's fields. */
  readonly #shownAs = new Map<string, Record<string, unknown>>();
  readonly #now: () => number;
  readonly #numericIds: boolean;
  readonly #onChange: (change: Omit<SonzaiChange, 'kind' | 'at'>) => void;

  constructor(
    now: () => number,
    onChange: (change: Omit<SonzaiChange, 'kind' | 'at'>) => void,
    { numericIds = false }: { numericIds?: boolean | undefined } = {},
  ) {
    this.#now = now;
    this.#numericIds = numericIds;
    this.#onChange = onChange;
  }

  get items(): SonzaiItem[] {
    return this.#entries.map((entry) => cloneJson(entry.item));
  }

  add(tenant: string, given: Partial<SonzaiItem>, by: 'seed' | 'api'): SonzaiItem {
    // A copy, so that callers can't change the inbox's items. The order of fields is the API's.
    const item: SonzaiItem = cloneJson({
      approval_id: this.#numericIds
        ? String(randomBytes(8).readBigUInt64BE() | (1n << 60n))
        : `apr_${randomBytes(8).toString('hex')}`,
      agent_id: 'agt_rana',
      agent_name: 'Rana',
      user_id: 'usr_77',
      contact_name: 'Bo Li',
      channel: 'WhatsApp',
      type: 'message',
      context: 'Wants to offer a 10% discount',
      payload: { text: 'We can do 10% off today.' },
      tags: null,
      confidence: 0.62,
      status: 'pending',
      created_at: isoSeconds(this.#now()),
      ...given,
    });
    this.#entries.push({ tenant, item });
    this.#onChange({ approvalId: item.approval_id, status: item.status, by });
    return cloneJson(item);
  }

  /** Newest first; of two with the same time stamp, the later one. */
  pending(tenant: string, type: string): SonzaiItem[] {
    return this.#entries
      .filter((entry) => entry.tenant === tenant && entry.item.status === 'pending')
      .map((entry) => cloneJson(entry.item))
      .filter((item) => type === 'all' || item.type === type)
      .reverse()
      .sort((a, b) => Date.parse(b.created_at) - Date.parse(a.created_at));
  }

  listAs(approvalId: string, fields: Record<string, unknown> | null): void {
    if (fields === null) this.#shownAs.delete(approvalId);
    else this.#shownAs.set(approvalId, fields);
  }

  /** An item as it is on the wire. */
  onWire(item: SonzaiItem): object {
    const ids = { approval_id: item.approval_id, agent_id: item.agent_id, user_id: item.user_id };
    const numbers = Object.entries(ids).filter(([, id]) => this.#numericIds && /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(id));
    const raw = Object.fromEntries(numbers.map(([name, id]) => [name, JSON.rawJSON(id)]));
    return { ...item, ...raw, ...this.#shownAs.get(item.approval_id) };
  }

  find(approvalId: string, tenant?: string): SonzaiItem | undefined {
    return this.#entries.find(
      (entry) => entry.item.approval_id === approvalId && (tenant === undefined || entry.tenant === tenant),
    )?.item;
  }

  /** The caller has checked that the item is pending. */
  change(item: SonzaiItem, changes: Partial<SonzaiItem>): void {
    Object.assign(item, cloneJson(changes));
    this.#onChange({ approvalId: item.approval_id, status: item.status, by: 'api' });
  }

  /** The caller has checked that the item is pending. */
  decide(item: SonzaiItem, action: SonzaiAction, user: string, by: 'api' | 'dashboard'): SonzaiItem {
    item.status = statuses[action];
    item.resolved_at = isoSeconds(this.#now());
    item.resolved_by = user;
    this.#onChange({ approvalId: item.approval_id, status: item.status, by });
    return cloneJson(item);
  }
}

function isoSeconds(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}
