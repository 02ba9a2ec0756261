/**
 * What Runtype's website chats look like on the wire: calls below `/v1/client/`, made by a visitor's browser without an API
 * key. All that is assumed about them is in this file. Seen in the widget's source and in Runtype's skills, but for what is
 * marked *inferred*; docs/runtype.md names those. Tested in test/backends/runtype/website/wire.test.ts.
 */
import { isRecord } from '../../../core/text/json.ts';

const CHATS = '/v1/client/';

/** Longer ones are not Runtype's. */
const CREDENTIAL_MAX = 4_096;

/** @param path normalised */
export function isChatPath(path: string): boolean {
  return path.startsWith(CHATS);
}

/** The visitor's session: in the body of each call but the first, in the answer to the first, and in the query of a GET. */
export function sessionIn(json: unknown): string | null {
  return credentialIn(json, 'sessionId');
}

/**
 * The client token that a call names: `init` and `feedback` do, in the body.
 * @param bearer inferred: a chat of one's own may send it as a key
 */
export function tokenIn(json: unknown, bearer: string | null): string | null {
  return credentialIn(json, 'token') ?? (bearer !== null && isClientToken(bearer) ? bearer : null);
}

export function isClientToken(text: string): boolean {
  return /^ct_(?:live|test)_[\x21-\x7e]+$/.test(text);
}

/** Of the approval that a call decides. */
export function approvalIn(json: unknown): { executionId: string; approvalId: string } | null {
  const executionId = credentialIn(json, 'executionId');
  const approvalId = credentialIn(json, 'approvalId');
  return executionId === null || approvalId === null ? null : { executionId, approvalId };
}

/** The visitor may not give this approval: its approver is the account's owner, which is the default. */
export function isLeftToBusiness(status: number, answer: unknown): boolean {
  return status === 403 && says(answer, 'APPROVAL_APPROVER_NOT_END_USER');
}

/** The newest servers start no chat of an agent that has approvals of the owner. */
export function isChatRefused(status: number, answer: unknown): boolean {
  return status === 501 && says(answer, 'APPROVAL_MODE_UNSUPPORTED');
}

/**
 * Inferred: an announcement names no approver today. One that says so like the agent's settings
 * (`tools.approval.approver`) leaves no doubt.
 */
export function isApprovedByVisitor(approver: string | null): boolean {
  return approver === 'end-user';
}

/**
 * Of the fetch standard: with these headers, the page can read an answer of ours as it reads Runtype's. Such an answer has
 * nothing in it that is not for everyone.
 */
export function readableFrom(origin: string | null): string[] {
  return origin === null ? [] : ['Access-Control-Allow-Origin', origin, 'Vary', 'Origin'];
}

/** The widget finds the code in either place. */
function says(answer: unknown, code: string): boolean {
  return isRecord(answer) && (answer['code'] === code || answer['error'] === code);
}

function credentialIn(json: unknown, key: string): string | null {
  const value = isRecord(json) ? json[key] : null;
  return typeof value === 'string' && value !== '' && value.length <= CREDENTIAL_MAX ? value : null;
}
