import { Webhook } from 'standardwebhooks';
import type { Approval } from '../../core/approval/approval.ts';
import type { SendResult } from '../../core/approval/inputs.ts';
import { coerceError, SetupError } from '../../core/ports/errors.ts';
import type { Backend, Clock, DecideAnswer, Log } from '../../core/ports/ports.ts';
import { errorMessageIn, explainFailure, explainStatus, type Naming, requestedWaitMs } from '../shared/api-errors.ts';
import { TransportError } from '../shared/transport.ts';
import { type CallbackAnswer, type CallbackTimeouts, createPostCallback, ForbiddenTarget } from './callback.ts';
import { type Resolve, systemResolve } from './callback-address.ts';
import { createTargetCheck } from './callback-hosts.ts';
import { createRoutes, type RoutesOptions } from './http/routes.ts';
import { decidedItem, INBOX, inboxWire } from './item.ts';

export interface InboxOptions extends Pick<RoutesOptions, 'askTokens' | 'resolvers' | 'intake' | 'store' | 'onPress'> {
  /** The only hosts that callbacks go to, a port with them where it is not 443; empty for none. */
  callbackHosts: readonly string[];
  /** `whsec_…`, or the new one and the old one with a space between; null where there are no hosts. */
  callbackSecret: string | null;
  clock: Clock;
  log: Log;
  resolve?: Resolve;
  /** For tests: http and loopback addresses, too. */
  allowLoopback?: boolean;
  callbackTimeouts?: Partial<CallbackTimeouts>;
}

/** All of it together fits the lease of the job many times over. */
const TIMEOUTS: CallbackTimeouts = { resolveMs: 5_000, connectMs: 10_000, headersMs: 15_000, bodyMs: 5_000 };

/**
 * The backend without a backend: scripts ask over HTTP, and the outcome is kept here for them to read back, or posted
 * to their callback by Standard Webhooks (https://www.standardwebhooks.com).
 * @throws SetupError that names the bad setting
 */
export function createInbox(options: InboxOptions): Backend {
  const { callbackHosts, callbackSecret, clock, allowLoopback = false, resolve = systemResolve } = options;
  const log = options.log.child({ backend: INBOX });
  if (callbackHosts.length > 0 && callbackSecret === null) {
    throw new SetupError('CALLBACK_HOSTS is set, and callbacks are signed: set CALLBACK_SECRET (whsec_…), too.');
  }
  const signers =
    callbackSecret === null
      ? []
      : callbackSecret
          .split(/[\s,]+/)
          .filter(Boolean)
          .map(signerOf);
  const checkCallback = createTargetCheck({ hosts: callbackHosts, allowHttp: allowLoopback });
  const post = createPostCallback({ resolve, allowLoopback, timeouts: { ...TIMEOUTS, ...options.callbackTimeouts } });
  const stopping = new AbortController();

  async function decide(group: readonly Approval[], signal: AbortSignal): Promise<DecideAnswer> {
    const [approval, ...others] = group;
    const wire = approval === undefined ? null : inboxWire(approval.pause);
    const item = approval === undefined ? null : decidedItem(approval);
    if (approval?.decision == null || wire === null || item === null || others.length > 0) {
      return refused('Countersign could not read this item of its own inbox.');
    }
    // Whoever asked reads it back: with the commit of this answer it is told.
    if (wire.callbackUrl === null) return { result: { type: 'recorded', following: false } };
    // The list may have become shorter since the question was asked.
    const problem = checkCallback(wire.callbackUrl);
    if (problem !== null) return refused(`The callback was not sent. ${problem}`);

    const { action, actor, at } = approval.decision;
    const body = JSON.stringify({ type: 'approval.resolved', timestamp: new Date(at).toISOString(), data: item });
    // The same at every try, so that a receiver tells a repeated message from a new one.
    const id = `msg_${clock.hash([approval.id, action, actor.platform, actor.id, at].join('\n'))}`;
    const now = new Date(Math.floor(clock.now() / 1000) * 1000);
    const headers = {
      'Content-Type': 'application/json',
      'Content-Length': String(Buffer.byteLength(body)),
      Accept: 'application/json',
      'Accept-Encoding': 'identity',
      'User-Agent': 'countersign',
      'webhook-id': id,
      'webhook-timestamp': String(now.getTime() / 1000),
      'webhook-signature': signers.map((signer) => signer.sign(id, now, body)).join(' '),
    };
    const url = new URL(wire.callbackUrl);
    const { host } = url;
    try {
      const either = AbortSignal.any([signal, stopping.signal]);
      return answered(await post(url, headers, Buffer.from(body), either), host);
    } catch (thrown) {
      if (thrown instanceof ForbiddenTarget) return refused(`The callback was not sent. ${thrown.message}`);
      if (thrown instanceof TransportError) return { result: explainFailure(thrown, `The callback to ${host}`) };
      log.error({ err: coerceError(thrown) }, 'a callback could not be sent');
      return refused('The callback could not be sent.');
    }
  }

  function answered({ status, headers, text }: CallbackAnswer, host: string): DecideAnswer {
    const result = interpret(status, text, host);
    const wait = status === 429 || status === 503 ? requestedWaitMs(headers, clock.now()) : null;
    return { result, ...(wait !== null && { retryAfterMs: wait }) };
  }

  return {
    name: INBOX,
    title: 'Countersign',
    // A receiver tells a repeated message by its id.
    resendable: () => true,
    callsBack: ({ pause }) => (inboxWire(pause)?.callbackUrl ?? null) !== null,
    async decide(group, signal) {
      const answer = await decide(group, signal);
      log.info({ approvals: group.map(({ id }) => id), outcome: answer.result.type }, 'outcome told');
      return answer;
    },
    http: [createRoutes({ ...options, checkCallback, log })],
    async stop() {
      stopping.abort();
    },
  };
}

function interpret(status: number, text: string | null, host: string): SendResult {
  if (status >= 200 && status < 300) return { type: 'recorded', following: false };
  const naming: Naming = {
    title: `The callback (${host})`,
    urlSetting: 'callback_url',
    keySettings: 'CALLBACK_SECRET',
  };
  return explainStatus(status, errorMessageIn(parse(text), text), naming);
}

function parse(text: string | null): unknown {
  try {
    return text === null ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}

function refused(reason: string): DecideAnswer {
  return { result: { type: 'refused', reason } };
}

function signerOf(secret: string): Webhook {
  try {
    return new Webhook(secret);
  } catch {
    throw new SetupError('CALLBACK_SECRET is no Standard Webhooks secret. It looks like whsec_… with base64 after it.');
  }
}
