import { createHookPulseEmulator } from '../../../../src/sandbox/emulators/hookpulse/index.ts';
import type { HookPulseCall, HookPulseEmulator } from '../../../../src/sandbox/emulators/hookpulse/types.ts';

export const LIST = '/v1/api/get_all_pending_approvals_paginated/';
export const ACTION = '/v1/api/human_approval_action/';

export interface Row {
  execution_plan_uuid: string;
  step_identifier: string;
  workflow_index: number;
  [field: string]: unknown;
}

export interface Reply {
  status: number;
  headers: Headers;
  text: string;
  json: { success: boolean; error?: string; message?: string; data: Row[]; meta: Record<string, unknown> };
}

/** An emulator for one test, closed when the test is over. */
export async function withHookPulse<T>(
  options: Parameters<typeof createHookPulseEmulator>[0],
  use: (hookpulse: HookPulseEmulator) => Promise<T>,
): Promise<T> {
  const hookpulse = await createHookPulseEmulator(options);
  try {
    return await use(hookpulse);
  } finally {
    await hookpulse.close();
  }
}

export interface Sent {
  method?: string;
  body?: unknown;
  /** In place of the right key and brand. */
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

export async function call(hookpulse: HookPulseEmulator, path: string, sent: Sent = {}): Promise<Reply> {
  const { body, method = body === undefined ? 'GET' : 'POST', signal } = sent;
  const response = await fetch(`${hookpulse.url}${path}`, {
    method,
    headers: sent.headers ?? { 'x-hookpulse-api-key': hookpulse.apiKey, 'x-brand-uuid': hookpulse.brandUuid },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    ...(signal && { signal }),
  });
  const text = await response.text();
  const json = /json/.test(response.headers.get('content-type') ?? '') ? JSON.parse(text) : undefined;
  return { status: response.status, headers: response.headers, text, json };
}

export function act(hookpulse: HookPulseEmulator, uuid: string, action: unknown, sent: Sent = {}): Promise<Reply> {
  return call(hookpulse, ACTION, { body: { action, execution_plan_uuid: uuid }, ...sent });
}

export async function rows(hookpulse: HookPulseEmulator, page = 1): Promise<Row[]> {
  return (await call(hookpulse, `${LIST}?page=${page}`)).json.data;
}

export async function waitingSteps(hookpulse: HookPulseEmulator): Promise<string[]> {
  return (await rows(hookpulse)).map((row) => `${row.step_identifier}#${row.workflow_index}`);
}

export function callsOf(hookpulse: HookPulseEmulator): HookPulseCall[] {
  return hookpulse.journal.entries.flatMap((entry) => (entry.kind === 'call' ? [entry] : []));
}
