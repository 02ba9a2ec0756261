import type { Json } from '../types.ts';

/** Slack's `ok: false`: `error` is Slack's code, `detail` holds the other fields of the response. */
export class Refusal extends Error {
  readonly error: string;
  readonly detail: Json;

  constructor(error: string, detail: Json = {}) {
    super(error);
    this.error = error;
    this.detail = detail;
  }
}

/** A refusal with the checker's errors in `response_metadata.messages`. */
export function refuseWith(error: string, messages: string[]): Refusal {
  return new Refusal(error, {
    errors: messages.map((message) => message.replace('[ERROR] ', '')),
    response_metadata: { messages },
  });
}
