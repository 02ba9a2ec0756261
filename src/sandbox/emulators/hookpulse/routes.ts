import { isoInZone } from './iso-time.ts';
import type { Plan } from './plan.ts';
import type { DoubleAction, HookPulseAction } from './types.ts';

export const LIST = '/v1/api/get_all_pending_approvals_paginated';
export const ACTION = '/v1/api/human_approval_action';

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

const messages: Record<HookPulseAction, string> = {
  approve: 'Workflow approved and resumed',
  reject: 'Workflow rejected and skipped',
};

export interface Answer {
  status: number;
  body: Record<string, unknown>;
  /** Whether a step was decided. */
  effect: boolean;
  /** The page of the list, if there is a next one. */
  page?: readonly Plan[];
}

export interface Account {
  readonly plans: readonly Plan[];
  readonly pageSize: number;
  readonly timezone: string;
  readonly doubleAction: DoubleAction;
  readonly keyField: 'execution_plan_uuid' | 'execution_plan_id';
  readonly numericIds: boolean;
  readonly zoneless: boolean;
}

/** An ID as it is on the wire. */
export function idOnWire(id: string, { numericIds }: Pick<Account, 'numericIds'>): unknown {
  return numericIds ? JSON.rawJSON(id) : id;
}

/** The text of an ID in a body; null where it has another type than the account's IDs. */
export function idInBody(value: unknown, { numericIds }: Pick<Account, 'numericIds'>): string | null {
  if (!numericIds) return typeof value === 'string' && UUID.test(value) ? value : null;
  if (typeof value === 'number') return String(value);
  return JSON.isRawJSON(value) ? value.rawJSON : null;
}

export function timeOnWire(ms: number, { timezone, zoneless }: Pick<Account, 'timezone' | 'zoneless'>): string {
  return zoneless ? new Date(ms).toISOString().slice(0, 19) : isoInZone(ms, timezone);
}

export function failed(status: number, error: string): Answer {
  return { status, body: { success: false, error }, effect: false };
}

/** Plans that wait for approval, newest first; of two with the same time, the later one first. */
export function listPending(account: Account, query: URLSearchParams): Answer {
  const asked = query.get('page') || '1';
  if (!/^[1-9]\d*$/.test(asked)) return failed(400, 'Invalid field value: page');
  const page = Number(asked);
  const { pageSize, timezone, keyField } = account;
  const waiting = account.plans
    .flatMap((plan) => {
      const at = plan.waitingAt ?? (plan.shownAs === null ? null : { step: plan.steps[0], index: 0 });
      return at?.step === undefined ? [] : [{ plan, step: at.step, index: at.index }];
    })
    .reverse()
    .sort((a, b) => b.plan.insertedAt - a.plan.insertedAt);
  const shown = waiting.slice((page - 1) * pageSize, page * pageSize);
  const totalPages = Math.ceil(waiting.length / pageSize);
  const hasNext = page < totalPages;
  const data = shown.map(({ plan, step, index }) => ({
    [keyField]: idOnWire(plan.uuid, account),
    workflow_uuid: idOnWire(plan.workflowUuid, account),
    workflow_name: plan.workflowName,
    step_identifier: step.step_identifier,
    workflow_index: index,
    status: 'waiting_approval',
    human_approval_required: true,
    delay_to_next_step: step.delay_to_next_step ?? 0,
    inserted_at: timeOnWire(plan.insertedAt, account),
    ...plan.shownAs,
  }));
  const meta = {
    page,
    per_page: pageSize,
    total_count: waiting.length,
    total_pages: totalPages,
    has_next: hasNext,
    has_prev: page > 1,
  };
  const answer = { status: 200, body: { success: true, timezone, data, meta }, effect: false };
  return hasNext ? { ...answer, page: shown.map(({ plan }) => plan) } : answer;
}

/** The key names the plan, not the step: it decides the step that waits now. */
export function decide(account: Account, body: unknown, mayAct: boolean): Answer {
  if (body === null || typeof body !== 'object' || Array.isArray(body)) return failed(400, 'Invalid JSON body');
  const { action, execution_plan_uuid: uuid } = body as Record<string, unknown>;
  for (const [name, value] of Object.entries({ action, execution_plan_uuid: uuid })) {
    if (value === undefined || value === null || value === '') return failed(400, `Missing required field: ${name}`);
  }
  if (action !== 'approve' && action !== 'reject') return failed(400, 'Invalid field value: action');
  const id = idInBody(uuid, account);
  if (id === null) return failed(400, 'Invalid field value: execution_plan_uuid');
  if (!mayAct) return failed(403, 'Not allowed to act on approvals');
  const plan = account.plans.find((one) => one.uuid === id);
  if (!plan) return failed(404, 'Execution plan not found');
  if (!plan.waitingAt) return notWaiting(account.doubleAction);
  plan.decide(action, 'api');
  return { status: 200, body: { success: true, message: messages[action] }, effect: true };
}

function notWaiting(mode: DoubleAction): Answer {
  switch (mode) {
    case 'soft':
      return failed(200, 'Execution plan is not waiting for approval');
    case 'not_found':
      return failed(404, 'No pending approval found');
    case 'bad_request':
      return failed(400, 'Execution plan is not waiting for approval');
    case 'conflict':
      return failed(409, 'Approval has already been acted on');
  }
}
