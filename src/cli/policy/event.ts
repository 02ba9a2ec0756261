/**
 * The requests in a JSON value: an event of a backend as it sends it, a question as it is asked over HTTP, or a request in our
 * own words. Tested in test/cli/policy/explain.test.ts.
 */
import { z } from 'zod';
import { BACKEND as HOOKPULSE, pauseOf as hookpulsePause, readPage } from '../../backends/hookpulse/wire.ts';
import { draftSchema, inboxPause } from '../../backends/inbox/item.ts';
import { approvalPause, awaitPause } from '../../backends/runtype/pause/from-event.ts';
import { emptyFacts } from '../../backends/runtype/pause/run-facts.ts';
import { normalise } from '../../backends/runtype/wire/events.ts';
import { readList, pauseOf as sonzaiPause } from '../../backends/sonzai/wire.ts';
import { actions, type Pause, pauseSchema } from '../../core/approval/pause/pause.ts';
import { SetupError } from '../../core/ports/errors.ts';
import { isRecord } from '../../core/text/json.ts';

/** A request in our own words: of the whole pause only `tool` is required. */
export const requestSchema = z.strictObject({
  tool: z.string().min(1),
  backend: z.string().default('runtype'),
  kind: z.enum(['approval', 'await', 'item']).default('approval'),
  params: z.record(z.string(), z.unknown()).default({}),
  /** Which agent or flow asks. */
  asker: z.string().nullable().default(null),
  asker_id: z.string().nullable().default(null),
  /** Who asked for it, as the file names people. */
  requester: z.string().optional(),
  tags: z.array(z.string()).optional(),
  /** Where its run was started from chat: `slack:C0123`. */
  room: z.string().optional(),
  description: z.string().nullable().default(null),
  actions: z.array(z.enum(actions)).optional(),
});
export type WrittenRequest = z.infer<typeof requestSchema>;

export function pauseOfRequest(written: WrittenRequest): Pause {
  const { tool, backend, kind, params, asker, asker_id: askerId, requester, room, tags, description } = written;
  return {
    ...{ backend, key: 'event', kind, groupId: 'event', runId: 'event', tool, description, asker, askerId },
    ...(requester !== undefined && { requester }),
    ...(room !== undefined && { room }),
    reason: null,
    ...(tags !== undefined && { labels: tags }),
    parameters: params,
    hidden: [],
    actions: written.actions ?? (kind === 'await' ? ['take_over', 'reject'] : [...actions]),
    deadline: null,
    wire: {},
  };
}

const FORMS =
  'Countersign understands an event of Runtype, an item of Sonzai or HookPulse, a question as npm run ask sends it, ' +
  'and { "tool": "refund_order", "params": { "amount": 900 } }.';

/** @param now ms since 1970. @throws SetupError where it is none of these, or asks for nothing */
export function pauseOfEvent(json: unknown, now: number): Pause {
  if (!isRecord(json)) throw new SetupError(`The event is not a JSON object. ${FORMS}`);
  const found = storedPause(json) ?? runtypePause(json, now) ?? itemPause(json) ?? questionPause(json);
  if (found !== null) return found;
  const { data, error } = requestSchema.safeParse(json);
  if (data !== undefined) return pauseOfRequest(data);
  const [issue] = error.issues;
  throw new SetupError(`The event can’t be read: ${issue?.path.join('.') || 'it'}: ${issue?.message}. ${FORMS}`);
}

/** As the database and the API of audits have it. */
function storedPause(json: Record<string, unknown>): Pause | null {
  return pauseSchema.safeParse(json['pause'] ?? json).data ?? null;
}

function runtypePause(json: Record<string, unknown>, now: number): Pause | null {
  if (typeof json['type'] !== 'string') return null;
  const event = normalise(json);
  const { executionId } = event;
  const context = { runId: executionId ?? 'event', executionId, facts: emptyFacts(), now };
  if (event.type === 'approval') return approvalPause(event, context);
  return event.type === 'await' ? awaitPause(event, context, context.runId) : null;
}

function itemPause(json: Record<string, unknown>): Pause | null {
  if ('execution_plan_uuid' in json || 'execution_plan_id' in json) {
    const [step] = readPage({ success: true, data: [{ status: 'waiting_approval', ...json }] })?.steps ?? [];
    const brand = { uuid: 'event', apiKey: '', name: HOOKPULSE, isShown: false };
    return step === undefined ? null : hookpulsePause(step, brand, { type: 'unread' });
  }
  if (!('approval_id' in json)) return null;
  const { pending = [], others = [] } = readList({ items: [json] }) ?? {};
  const item = pending[0] ?? others[0];
  return item === undefined ? null : sonzaiPause(item);
}

function questionPause(json: Record<string, unknown>): Pause | null {
  const { data: draft } = draftSchema.safeParse(json);
  if (draft === undefined) return null;
  return inboxPause({
    ...{ approvalId: 'event', asker: 'event', askerName: null, requestSha256: null, callbackUrl: null },
    draft,
  });
}
