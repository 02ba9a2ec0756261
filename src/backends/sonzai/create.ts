import type { SendResult } from '../../core/approval/inputs.ts';
import { idText } from '../../core/text/exact/fields.ts';
import { isRecord, type RawNumber } from '../../core/text/json.ts';
import { explainStatus } from '../shared/api-errors.ts';
import { isSuccess } from '../shared/response.ts';
import type { SonzaiClient } from './client.ts';
import { TITLE } from './wire.ts';

/** An item to create. Every field is required; Sonzai accepts no other. */
export interface SonzaiDraft {
  agent_id: string;
  agent_name: string;
  /** The contact, not the reviewer. */
  user_id: string;
  contact_name: string;
  channel: string;
  /** `message`, `goal` or `handoff`. */
  type: string;
  context: string;
  payload: unknown;
  tags: readonly string[] | null;
  /** From 0 to 1. */
  confidence: number | RawNumber;
}

/** `ambiguous`: the item may exist, and a second attempt may create a second one. */
export type CreateAnswer =
  | { type: 'created'; approvalId: string }
  | { type: Extract<SendResult['type'], 'refused' | 'unsent' | 'ambiguous'>; reason: string };

/** Creates an item in Sonzai's inbox. Never rejects, and never repeats a call that may have arrived. */
export async function createItem(client: SonzaiClient, draft: SonzaiDraft, signal: AbortSignal): Promise<CreateAnswer> {
  const called = await client.call({ method: 'POST', path: '/api/v1/approvals', body: draft, signal });
  if (called.type === 'failed') return failed(called.result);
  const { status, body } = called.answer;
  if (!isSuccess(status)) return failed(explainStatus(called.answer, client.naming));
  const id = idText.safeParse(isRecord(body) ? body['approval_id'] : null).data;
  if (id !== undefined) return { type: 'created', approvalId: id };
  const { urlSetting } = client.naming;
  return { type: 'ambiguous', reason: `The answer is not from ${TITLE}. Check ${urlSetting}.` };
}

function failed({ type, reason }: Exclude<SendResult, { type: 'recorded' }>): CreateAnswer {
  return { type: type === 'unsent' || type === 'ambiguous' ? type : 'refused', reason };
}
