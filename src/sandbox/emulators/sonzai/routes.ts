import { type Inbox, isAction } from './inbox.ts';
import { type RawBody, readBody, type Shape } from './request-body.ts';
import { type Answer, found, invalid, problem } from './responses.ts';
import type { Session } from './tokens.ts';
import type { SonzaiItem } from './types.ts';

export const PREFIX = '/api/v1';
const LIST = `${PREFIX}/approvals`;
export const RESOLVE = `${LIST}/:id/resolve`;

const LIMIT_DEFAULT = 50;
const LIMIT_MAX = 200;

const newItem: Shape = {
  agent_id: 'string',
  agent_name: 'string',
  user_id: 'string',
  contact_name: 'string',
  channel: 'string',
  type: 'string',
  context: 'string',
  payload: 'any',
  tags: 'strings or null',
  confidence: 'number',
};

export interface Call {
  session: Session;
  query: URLSearchParams;
  body: RawBody;
}

export interface Matched {
  /** As `fail` names it. */
  route: string;
  /** The allowed method of this path; any other is a 405. */
  method: 'GET' | 'POST';
  answer(call: Call): Answer;
}

export interface RouteContext {
  inbox: Inbox;
  emptyAsNull: boolean;
  countOf: 'type' | 'tenant';
}

/** The operations of a path; an empty list is a 404 of the router. */
export function routesAt(path: string, context: RouteContext): Matched[] {
  const { inbox } = context;
  if (path === LIST) {
    return [
      { route: LIST, method: 'GET', answer: (call) => list(context, call) },
      { route: LIST, method: 'POST', answer: (call) => create(inbox, call) },
    ];
  }
  const id = /^\/api\/v1\/approvals\/([^/]+)\/resolve$/.exec(path)?.[1];
  if (id === undefined) return [];
  return [{ route: RESOLVE, method: 'POST', answer: (call) => resolve(inbox, decode(id), call) }];
}

function list({ inbox, emptyAsNull, countOf }: RouteContext, { session, query }: Call): Answer {
  // An empty value counts as not given.
  const limit = query.get('limit') || String(LIMIT_DEFAULT);
  if (!/^[+-]?\d+$/.test(limit)) {
    return invalid(422, [{ message: 'invalid integer', location: 'query.limit', value: limit }]);
  }
  const asked = Number(limit);
  const shown = asked < 1 ? LIMIT_DEFAULT : Math.min(asked, LIMIT_MAX);
  const pending = inbox.pending(session.tenant, query.get('type') || 'all');
  const items = pending.slice(0, shown).map((item) => inbox.onWire(item));
  const counted = countOf === 'tenant' ? inbox.pending(session.tenant, 'all') : pending;
  return found('ListApprovalsResponse', {
    items: items.length === 0 && emptyAsNull ? null : items,
    pending_count: counted.length,
  });
}

function create(inbox: Inbox, { session, body }: Call): Answer {
  const read = readBody(body, newItem);
  if ('refusal' in read) return read.refusal;
  return found('ApprovalItemBody', inbox.onWire(inbox.add(session.tenant, read.value as Partial<SonzaiItem>, 'api')));
}

/** The framework's checks come first, then the user's permission, the action, and the item's state. */
function resolve(inbox: Inbox, id: string, { session, body }: Call): Answer {
  const read = readBody(body, { action: 'string' });
  if ('refusal' in read) return read.refusal;
  const { action } = read.value;
  if (!session.mayResolve) return problem(403, 'not allowed to resolve approvals');
  if (!isAction(action)) return problem(400, `unknown action ${String(action)}`);
  const item = inbox.find(id, session.tenant);
  if (!item) return problem(404, `approval ${id} not found`);
  if (item.status !== 'pending') return problem(409, `approval ${id} is already ${item.status}`);
  return found('ApprovalItemBody', inbox.onWire(inbox.decide(item, action, session.user, 'api')), true);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
