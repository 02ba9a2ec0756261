import { randomBytes } from 'node:crypto';
import { LIMITS } from '../web-api/limits.ts';
import { Refusal } from '../web-api/refusal.ts';
import type { Clock } from './clock.ts';

/** What a `response_url` answers: a press on a message, or a command. */
export interface ResponseTarget {
  channel: string;
  userId: string;
  /** The message that was pressed. */
  ts: string | null;
}

/** `response_url`s: each is valid for five uses within 30 minutes. */
export class ResponseUrls {
  readonly #clock: Clock;
  readonly #issued = new Map<string, ResponseTarget & { at: number; uses: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @returns the path after the emulator's origin. */
  issue(target: ResponseTarget): string {
    const id = randomBytes(12).toString('hex');
    this.#issued.set(id, { ...target, at: this.#clock.now(), uses: 0 });
    return `/response/${id}`;
  }

  /** Counts one use. @throws Refusal if it is used up, expired or unknown */
  use(path: string): ResponseTarget {
    const issued = this.#issued.get(path.replace('/response/', ''));
    if (!issued) throw new Refusal('no_such_url');
    if (this.#clock.now() - issued.at > LIMITS.responseUrlMs) throw new Refusal('expired_url');
    if (issued.uses >= LIMITS.responseUrlUses) throw new Refusal('used_url');
    issued.uses += 1;
    return issued;
  }
}
