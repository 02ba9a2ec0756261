import type { Json } from '../types.ts';

/** Slack's `ok: false`: `error` is Slack's own word, `detail` joins it in the answer. */
export class Refusal extends Error {
  readonly error: string;
  readonly detail: Json;

  constructor(error: string, detail: Json = {}) {
    super(error);
    this.error = error;
    this.detail = detail;
  }
}

/** A refusal that says where: the checker's complaints go into `response_metadata.messages`. */
export function refuseWith(error: string, messages: string[]): Refusal {
  return new Refusal(error, {
    errors: messages.map((message) => message.replace('[ERROR] ', '')),
    response_metadata: { messages },
  });
}
