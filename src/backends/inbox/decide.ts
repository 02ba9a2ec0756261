/** Delivers an outcome: kept for its asker to read, or posted to its callback by Standard Webhooks. */
import type { Approval } from '../../core/approval/approval.ts';
import type { SendResult } from '../../core/approval/inputs.ts';
import { coerceError } from '../../core/ports/errors.ts';
import type { Backend, Clock, DecideAnswer, Log } from '../../core/ports/ports.ts';
import { explainFailure, explainStatus, type Naming, requestedWaitMs } from '../shared/api-errors.ts';
import { ForbiddenTarget } from '../shared/http/addresses.ts';
import { TransportError } from '../shared/http/failures.ts';
import { isSuccess } from '../shared/response.ts';
import type { Asker } from './askers.ts';
import type { CallbackAnswer, PostCallback } from './callback/post.ts';
import { decidedItem, inboxWire } from './item.ts';

export function createDecide(options: {
  askers: readonly Asker[];
  post: PostCallback;
  /** Aborts calls under way. */
  stopping: AbortSignal;
  clock: Clock;
  log: Log;
}): Backend['decide'] {
  const { askers, post, stopping, clock, log } = options;

  return async (group, signal) => {
    const answer = await decide(group, signal);
    log.info({ approvals: group.map(({ id }) => id), outcome: answer.result.type }, 'outcome delivered');
    return answer;
  };

  async function decide(group: readonly Approval[], signal: AbortSignal): Promise<DecideAnswer> {
    const [approval, ...others] = group;
    const wire = approval === undefined ? null : inboxWire(approval.pause);
    const item = approval === undefined ? null : decidedItem(approval);
    if (approval?.decision == null || wire === null || item === null || others.length > 0) {
      return refused('Countersign could not read this item of its own inbox.');
    }
    // The asker reads it: the commit of this result makes it visible.
    if (wire.callbackUrl === null) return { result: { type: 'recorded', following: false } };
    // The asker or the host may have been removed since the question was asked.
    const asker = askers.find(({ owns }) => owns(wire.asker));
    if (asker === undefined) {
      return refused('The callback was not sent. Who asked is not one of ASKERS or ASK_TOKENS any more.');
    }
    const problem = asker.checkCallback(wire.callbackUrl);
    if (problem !== null) return refused(`The callback was not sent. ${problem}`);

    const { action, actor, at } = approval.decision;
    const data = { ...item, asker: wire.askerName ?? asker.name };
    const body = JSON.stringify({ type: 'approval.resolved', timestamp: new Date(at).toISOString(), data });
    // The same at every try, so that a receiver can recognise a repeated message.
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
      'webhook-signature': asker.signers.map((signer) => signer.sign(id, now, body)).join(' '),
    };
    const url = new URL(wire.callbackUrl);
    const { host } = url;
    try {
      const either = AbortSignal.any([signal, stopping]);
      return answered(await post(url, headers, Buffer.from(body), either), host, asker);
    } catch (thrown) {
      if (thrown instanceof ForbiddenTarget) return refused(`The callback was not sent. ${thrown.message}`);
      if (thrown instanceof TransportError) return { result: explainFailure(thrown, `The callback to ${host}`) };
      log.error({ err: coerceError(thrown) }, 'a callback could not be sent');
      return refused('The callback could not be sent.');
    }
  }

  function answered({ status, headers, text }: CallbackAnswer, host: string, asker: Asker): DecideAnswer {
    const result = interpret(status, text, host, asker.secretSetting);
    const wait = status === 429 || status === 503 ? requestedWaitMs(headers, clock.now()) : null;
    return { result, ...(wait !== null && { retryAfterMs: wait }) };
  }
}

function interpret(status: number, text: string | null, host: string, keySettings: string): SendResult {
  if (isSuccess(status)) return { type: 'recorded', following: false };
  const naming: Naming = {
    title: `The callback (${host})`,
    urlSetting: 'callback_url',
    keySettings,
  };
  return explainStatus({ status, body: parse(text), text }, naming);
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
