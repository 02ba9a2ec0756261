import { randomBytes } from 'node:crypto';
import type { WebSocket } from 'ws';
import type { Json } from '../types.ts';

/** With more missed dispatches than this, a session can't be resumed. */
const KEPT = 1000;

/** How long a disconnected session can be resumed, in milliseconds. */
const RESUMABLE_MS = 3 * 60_000;

export interface Dispatch {
  op: 0;
  s: number;
  t: string;
  d: Json;
}

/** One WebSocket; `number` counts from 1 and names it in the journal. */
export interface Connection {
  number: number;
  socket: WebSocket;
  session: Session | null;
}

/** A gateway session: IDENTIFY starts it, it outlives its connection, and RESUME continues it. */
export class Session {
  readonly id = randomBytes(16).toString('hex');
  readonly intents: number;
  /** Null while disconnected; dispatches are then kept for the RESUME. */
  connection: Connection | null = null;
  /** Milliseconds since 1970; null while it is connected. */
  lostAt: number | null = null;
  #seq = 0;
  /** Not yet confirmed by a heartbeat, oldest first. */
  #kept: Dispatch[] = [];

  constructor(intents: number) {
    this.intents = intents;
  }

  get seq(): number {
    return this.#seq;
  }

  isResumable(): boolean {
    return this.lostAt !== null && Date.now() - this.lostAt < RESUMABLE_MS;
  }

  /** Numbers an event and keeps it for a replay; the caller sends it. */
  add(t: string, d: Json): Dispatch {
    this.#seq += 1;
    const dispatch: Dispatch = { op: 0, s: this.#seq, t, d };
    this.#kept.push(dispatch);
    if (this.#kept.length > KEPT) this.#kept.shift();
    return dispatch;
  }

  /** The client has received everything up to `seq`. */
  confirm(seq: number): void {
    this.#kept = this.#kept.filter((dispatch) => dispatch.s > seq);
  }

  /** The dispatches after `seq`; null if some of them are no longer kept. */
  missed(seq: number): Dispatch[] | null {
    const missed = this.#kept.filter((dispatch) => dispatch.s > seq);
    return missed.length === this.#seq - seq ? missed : null;
  }
}
