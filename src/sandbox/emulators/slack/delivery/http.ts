import { createHmac, randomUUID } from 'node:crypto';
import type { Journal } from '../../shared/journal.ts';
import { isObject } from '../checks/block-kit/rules.ts';
import type { Json, SlackEntry, SlackPressResult } from '../types.ts';
import { LIMITS } from '../web-api/limits.ts';

/** The app's request URL and the secret that signs its requests. */
export interface HttpTarget {
  url: string;
  signingSecret: string;
  /** Slack's wall clock, ms. */
  now: () => number;
  ackLimitMs?: number;
  journal: Journal<SlackEntry>;
}

/** Delivery over HTTP: each payload is one signed request, and its response is the acknowledgement. */
export class HttpDelivery {
  readonly #target: HttpTarget;

  constructor(target: HttpTarget) {
    this.#target = target;
  }

  /** Sends the same request `deliveries` times, as a replay would. */
  async deliver(type: string, payload: Json, deliveries = 1): Promise<SlackPressResult> {
    const { journal } = this.#target;
    const envelopeId = randomUUID();
    const request = signedRequest(this.#target, type, payload);
    const sentAt = performance.now();
    const copies = Array.from({ length: deliveries }, async () => {
      journal.record({ kind: 'envelope', at: Date.now(), envelopeId, connection: 0, payload });
      const answer = await this.#send(request);
      const afterMs = performance.now() - sentAt;
      if (answer !== null) {
        journal.record({ kind: 'ack', at: Date.now(), envelopeId, afterMs, payload: answer.response });
      }
      return { answer, afterMs };
    });
    const [first] = await Promise.all(copies);
    if (first === undefined || first.answer === null)
      return { envelopeId, acked: false, afterMs: null, response: null };
    return { envelopeId, acked: true, afterMs: first.afterMs, response: first.answer.response };
  }

  /** @returns null if the person sees an error */
  async #send({ headers, body }: SignedRequest): Promise<{ response: Json | null } | null> {
    const { url, ackLimitMs = LIMITS.ackMs, journal } = this.#target;
    try {
      const answer = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(ackLimitMs) });
      const text = await answer.text();
      if (!answer.ok) {
        journal.record({
          kind: 'refused',
          at: Date.now(),
          what: 'request',
          reason: `the app answered ${answer.status}`,
        });
        return null;
      }
      return { response: readAnswer(text) };
    } catch (thrown) {
      journal.record({ kind: 'refused', at: Date.now(), what: 'request', reason: String(thrown) });
      return null;
    }
  }
}

interface SignedRequest {
  headers: Record<string, string>;
  body: string;
}

/** Encodes a payload as Slack does: commands as a form, presses as JSON in a form's `payload`, events as JSON. */
export function signedRequest(
  { signingSecret, now }: Pick<HttpTarget, 'signingSecret' | 'now'>,
  type: string,
  payload: Json,
): SignedRequest {
  const stamp = String(Math.floor(now() / 1000));
  const isEvent = type === 'events_api';
  const body = isEvent ? JSON.stringify(payload) : formOf(type, payload).toString();
  const signature = createHmac('sha256', signingSecret).update(`v0:${stamp}:${body}`).digest('hex');
  return {
    headers: {
      'content-type': isEvent ? 'application/json' : 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': stamp,
      'x-slack-signature': `v0=${signature}`,
      'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
    },
    body,
  };
}

function formOf(type: string, payload: Json): URLSearchParams {
  if (type === 'interactive') return new URLSearchParams({ payload: JSON.stringify(payload) });
  return new URLSearchParams(Object.entries(payload).map(([key, value]): [string, string] => [key, String(value)]));
}

/** A text response to a command is a message for the person who typed it. */
function readAnswer(text: string): Json | null {
  if (text === '') return null;
  try {
    const json: unknown = JSON.parse(text);
    return isObject(json) ? json : { text };
  } catch {
    return { text };
  }
}
