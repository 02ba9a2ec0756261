import { randomBytes } from 'node:crypto';
import { LIMITS } from '../web-api/limits.ts';
import { Refusal } from '../web-api/refusal.ts';
import type { Clock } from './clock.ts';
import { TEAM } from './identity.ts';

export interface Trigger {
  userId: string;
  /** The modal whose submission gave this trigger; only then `views.push` may follow. */
  viewId: string | null;
}

/** `trigger_id`s: each is valid for one use within three seconds. */
export class Triggers {
  readonly #clock: Clock;
  readonly #issued = new Map<string, Trigger & { at: number; used: boolean }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  issue(userId: string, viewId: string | null = null): string {
    const at = this.#clock.now();
    const id = `${at}.${TEAM.id.slice(1)}.${randomBytes(16).toString('hex')}`;
    this.#issued.set(id, { userId, viewId, at, used: false });
    return id;
  }

  /** @throws Refusal for an id that is unknown, used or expired */
  redeem(id: string): Trigger {
    const trigger = this.#issued.get(id);
    if (!trigger) throw new Refusal('invalid_trigger_id');
    if (trigger.used) throw new Refusal('exchanged_trigger_id');
    if (this.#clock.now() - trigger.at > LIMITS.triggerMs) throw new Refusal('expired_trigger_id');
    trigger.used = true;
    return trigger;
  }
}
