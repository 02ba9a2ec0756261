import type { SendResult } from '../../core/approval/inputs.ts';
import { errorMessageIn, explainStatus } from '../shared/api-errors.ts';
import { isRecord } from '../shared/json-client.ts';
import type { SonzaiClient } from './client.ts';
import { TITLE } from './wire.ts';

/** What an agent or a script asks for; every field is needed, and no other is taken. */
export interface SonzaiDraft {
  agent_id: string;
  agent_name: string;
  /** The contact, not who decides. */
  user_id: string;
  contact_name: string;
  channel: string;
  /** `message`, `goal` or `handoff`. */
  type: string;
  context: string;
  payload: unknown;
  tags: readonly string[] | null;
  /** From 0 to 1. */
  confidence: number;
}

/** `ambiguous`: it may be in the inbox, and a second try may put a second one there. */
export type CreateAnswer =
  | { type: 'created'; approvalId: string }
  | { type: Extract<SendResult['type'], 'refused' | 'unsent' | 'ambiguous'>; reason: string };

/** Puts an item into Sonzai's inbox. Never rejects, and never sends twice what may have arrived. */
export async function createItem(client: SonzaiClient, draft: SonzaiDraft, signal: AbortSignal): Promise<CreateAnswer> {
  const called = await client.call({ method: 'POST', path: '/api/v1/approvals', body: draft, signal });
  if (called.type === 'failed') return failed(called.result);
  const { status, body, text } = called.answer;
  if (status < 200 || status >= 300) return failed(explainStatus(status, errorMessageIn(body, text), client.naming));
  const id = isRecord(body) ? body['approval_id'] : null;
  if (typeof id === 'string' && id !== '') return { type: 'created', approvalId: id };
  const { urlSetting } = client.naming;
  return { type: 'ambiguous', reason: `The answer was not one of ${TITLE}’s. Check ${urlSetting}.` };
}

function failed({ type, reason }: Exclude<SendResult, { type: 'recorded' }>): CreateAnswer {
  return { type: type === 'unsent' || type === 'ambiguous' ? type : 'refused', reason };
}
