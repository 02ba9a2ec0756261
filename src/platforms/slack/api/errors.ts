/** Converts what Slack’s libraries throw into the kinds of `PlatformError`, with the next step in the message. */
import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebAPIRequestError } from '@slack/web-api';
import {
  coerceError,
  FILTER_STATUSES,
  PlatformError,
  type PlatformErrorKind,
  type PlatformErrorScope,
  SetupError,
} from '../../../core/ports/errors.ts';

/** Codes of a connection that was never established: nothing was sent. */
const NEVER_CONNECTED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  // No file handle was available, so there was no socket.
  'EMFILE',
  'ENFILE',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'ERR_SSL_WRONG_VERSION_NUMBER',
]);

const BOT_TOKEN_ADVICE =
  'Copy the Bot User OAuth Token (xoxb-…) from "OAuth & Permissions" of the Slack app into SLACK_BOT_TOKEN.';
const APP_TOKEN_ADVICE =
  'Create an app-level token (xapp-…) with the scope connections:write under "Basic Information" of the Slack app, ' +
  'set SLACK_APP_TOKEN to it, and check that Socket Mode is on.';
const SCOPE_ADVICE = 'Apply manifest.yml to the Slack app again and reinstall it.';
const INVITE_ADVICE = 'Invite the bot to the channel: /invite @Countersign';
const DIRECT_ADVICE = 'List people of this workspace in DIRECT_MESSAGES, by their member IDs (U…).';

interface Meaning {
  kind: PlatformErrorKind;
  /** Of `content`, in a few words for a card. */
  reason?: string;
  advice?: string;
  scope?: PlatformErrorScope;
  deleted?: boolean;
}

/** The content of one message, not its room. From the error tables of chat.postMessage and chat.update. */
const LAYOUT: Meaning = { kind: 'content', reason: 'invalid layout' };
const TOO_LONG: Meaning = { kind: 'content', reason: 'too long' };

const RESTRICTED: Meaning = {
  kind: 'refused',
  scope: 'room',
  advice: 'Ask a workspace admin to allow apps to post in the channel, also in threads.',
};

/**
 * Slack’s error codes by what they mean for a call. Every other code counts as a refusal of the content: whether it is one,
 * one smaller message shows.
 */
const codes: Record<string, Meaning> = {
  ratelimited: { kind: 'unsent' },
  rate_limited: { kind: 'unsent' },
  // The request body arrived incomplete.
  request_timeout: { kind: 'unsent' },
  // "It's possible some aspect of the operation succeeded before the error was raised."
  internal_error: { kind: 'ambiguous' },
  fatal_error: { kind: 'ambiguous' },
  service_unavailable: { kind: 'ambiguous' },
  invalid_blocks: LAYOUT,
  invalid_blocks_format: LAYOUT,
  block_mismatch: LAYOUT,
  invalid_attachments: LAYOUT,
  markdown_text_conflict: LAYOUT,
  // "More likely when using complex arguments like blocks or attachments."
  invalid_arguments: LAYOUT,
  invalid_array_arg: LAYOUT,
  no_text: { kind: 'content', reason: 'no text' },
  msg_too_long: TOO_LONG,
  msg_blocks_too_long: TOO_LONG,
  alt_txt_too_large: TOO_LONG,
  too_many_attachments: TOO_LONG,
  attachment_payload_limit_exceeded: TOO_LONG,
  message_not_found: { kind: 'gone', deleted: true },
  thread_not_found: { kind: 'gone' },
  cant_update_message: { kind: 'gone' },
  edit_window_closed: { kind: 'gone', advice: 'The workspace limits for how long messages can be edited.' },
  channel_not_found: { kind: 'gone', scope: 'room', advice: `Check the ID (C…, or U… for a person). ${INVITE_ADVICE}` },
  not_in_channel: { kind: 'gone', scope: 'room', advice: INVITE_ADVICE },
  is_archived: { kind: 'gone', scope: 'room', advice: 'Unarchive the channel, or send cards to another one.' },
  is_inactive: { kind: 'gone', scope: 'room', advice: 'Unarchive the channel, or send cards to another one.' },
  no_such_subteam: { kind: 'gone', advice: 'The user group does not exist. Use its ID (S…).' },
  invalid_auth: { kind: 'refused', scope: 'platform', advice: BOT_TOKEN_ADVICE },
  not_authed: { kind: 'refused', scope: 'platform', advice: BOT_TOKEN_ADVICE },
  not_allowed_token_type: { kind: 'refused', scope: 'platform', advice: BOT_TOKEN_ADVICE },
  token_expired: { kind: 'refused', scope: 'platform', advice: BOT_TOKEN_ADVICE },
  token_revoked: { kind: 'refused', scope: 'platform', advice: `Reinstall the Slack app. ${BOT_TOKEN_ADVICE}` },
  account_inactive: { kind: 'refused', scope: 'platform', advice: `Reinstall the Slack app. ${BOT_TOKEN_ADVICE}` },
  missing_scope: { kind: 'refused', scope: 'platform', advice: SCOPE_ADVICE },
  no_permission: { kind: 'refused', scope: 'platform', advice: SCOPE_ADVICE },
  messages_tab_disabled: {
    kind: 'refused',
    scope: 'room',
    advice: 'Turn on the Messages tab under “App Home” of the Slack app, or apply manifest.yml again.',
  },
  user_not_found: { kind: 'gone', scope: 'room', advice: DIRECT_ADVICE },
  user_disabled: { kind: 'gone', scope: 'room', advice: DIRECT_ADVICE },
  cannot_dm_bot: { kind: 'refused', scope: 'room', advice: DIRECT_ADVICE },
  restricted_action: RESTRICTED,
  restricted_action_read_only_channel: RESTRICTED,
  restricted_action_thread_only_channel: RESTRICTED,
  restricted_action_non_threadable_channel: RESTRICTED,
  ekm_access_denied: { kind: 'refused', scope: 'platform', advice: 'An admin has suspended posting in the workspace.' },
};

const TOKEN_ERRORS = new Set([
  'invalid_auth',
  'not_authed',
  'not_allowed_token_type',
  'token_expired',
  'token_revoked',
  'account_inactive',
  'missing_scope',
  'no_permission',
  'user_removed_from_team',
  'team_disabled',
]);

export function toPlatformError(thrown: unknown): PlatformError {
  if (thrown instanceof PlatformError) return thrown;
  if (thrown instanceof WebAPIRateLimitedError) {
    const retryAfterMs = thrown.retryAfter * 1000;
    return new PlatformError('unsent', 'Slack’s rate limit (429).', { cause: thrown, retryAfterMs });
  }
  if (thrown instanceof WebAPIPlatformError) return fromAnswer(thrown);
  if (thrown instanceof WebAPIHTTPError) return fromStatus(thrown);
  const original = thrown instanceof WebAPIRequestError ? thrown.original : coerceError(thrown);
  const code = networkCode(original);
  const kind = code !== null && NEVER_CONNECTED.has(code) ? 'unsent' : 'ambiguous';
  return new PlatformError(kind, `Slack did not answer: ${describe(original, code)}.`, { cause: thrown });
}

function fromAnswer(thrown: WebAPIPlatformError): PlatformError {
  const { error, response_metadata: metadata } = thrown.data;
  // If the answer is not JSON, the library gives its whole text as the error: for example a proxy’s page.
  if (!/^[a-z0-9_]{1,80}$/i.test(error)) {
    return new PlatformError('ambiguous', 'The answer is not JSON, so it is not from Slack: check for a proxy.', {
      cause: thrown,
    });
  }
  const {
    kind,
    reason = '',
    advice,
    scope = 'message',
    deleted = false,
  }: Meaning = codes[error] ?? { kind: 'content', reason: `error ${error}` };
  const details = (metadata?.messages ?? []).slice(0, 3).join(' ');
  return new PlatformError(kind, [`Slack answered ${error}.`, details, advice].filter(Boolean).join(' '), {
    cause: thrown,
    scope,
    deleted,
    reason,
    ...(metadata?.retryAfter === undefined ? {} : { retryAfterMs: metadata.retryAfter * 1000 }),
  });
}

function fromStatus(thrown: WebAPIHTTPError): PlatformError {
  const { statusCode } = thrown;
  // Slack itself answers 200 or 429. Other statuses come from a proxy or from another server.
  const refused = statusCode >= 400 && statusCode < 500 && statusCode !== 408;
  const kind = FILTER_STATUSES.has(statusCode) ? 'content' : refused ? 'refused' : 'ambiguous';
  return new PlatformError(
    kind,
    `Slack answered with HTTP status ${statusCode}.${refused ? ' Check SLACK_API_URL, and the proxy if there is one.' : ''}`,
    { cause: thrown, scope: 'platform', reason: `refused by a proxy, HTTP ${statusCode}` },
  );
}

/** The error code that Slack answered with, if it answered. */
export function slackErrorCode(error: unknown): string | null {
  const cause = error instanceof PlatformError ? error.cause : error;
  return cause instanceof WebAPIPlatformError ? cause.data.error : null;
}

/** Names the setting to fix. @param setting whose token the failed call carried */
export function toSetupError(thrown: unknown, setting: 'SLACK_BOT_TOKEN' | 'SLACK_APP_TOKEN', apiUrl: string): Error {
  if (thrown instanceof SetupError) return thrown;
  const advice = setting === 'SLACK_BOT_TOKEN' ? BOT_TOKEN_ADVICE : APP_TOKEN_ADVICE;
  if (thrown instanceof WebAPIPlatformError && TOKEN_ERRORS.has(thrown.data.error)) {
    return new SetupError(`Slack rejected ${setting} (${thrown.data.error}). ${advice}`, { cause: thrown });
  }
  if (thrown instanceof WebAPIRequestError) {
    const reason = describe(thrown.original, networkCode(thrown.original));
    return new SetupError(
      `Slack is unreachable at ${apiUrl} (${reason}). Check SLACK_API_URL and the network, then start again.`,
      { cause: thrown },
    );
  }
  const error = toPlatformError(thrown);
  return new SetupError(`Slack rejected the start with ${setting}. ${error.message}`, { cause: thrown });
}

/** `fetch` puts the reason in `cause`, and in `cause.errors` if it tried several addresses. */
function networkCode(error: Error): string | null {
  for (const candidate of [error, error.cause, ...(error.cause instanceof AggregateError ? error.cause.errors : [])]) {
    if (candidate instanceof Error && 'code' in candidate && typeof candidate.code === 'string') return candidate.code;
  }
  return null;
}

function describe(error: Error, code: string | null): string {
  if (error.name === 'TimeoutError') return 'timed out';
  return code ?? error.message;
}
