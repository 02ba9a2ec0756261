import { mintId } from '../runs/ids.ts';
import type { Run } from '../runs/run.ts';
import type { WebsiteOptions } from '../types.ts';

export const CLIENT_TOKEN = 'ct_test_countersign_sandbox';
/** How long a session lasts, ms. */
const SESSION_MS = 30 * 60_000;

export interface ChatSession {
  sessionId: string;
  expiresAt: number;
  /** The agent or flow that answers. */
  subject: string;
  /** Of the page's tools that were sent in full. */
  toolsFingerprint: string | null;
}

/** A website with a client token: its visitors' sessions, and the runs of their chats. */
export class Website {
  readonly options: Required<WebsiteOptions>;
  readonly #sessions = new Map<string, ChatSession>();
  readonly #runs = new Set<Run>();

  constructor({ origins = ['*'], subject = 'refund-agent', ownerGates = 'announced' }: WebsiteOptions) {
    this.options = { origins, subject, ownerGates };
  }

  /** A browser names the page's origin with each call. */
  allows(origin: string | null): boolean {
    const { origins } = this.options;
    return origins.includes('*') || (origin !== null && origins.includes(origin));
  }

  begin(subject: string): ChatSession {
    const sessionId = mintId('cs');
    const session = { sessionId, expiresAt: Date.now() + SESSION_MS, subject, toolsFingerprint: null };
    this.#sessions.set(sessionId, session);
    return session;
  }

  /** @returns undefined where it has expired, or never was */
  find(sessionId: string): ChatSession | undefined {
    const session = this.#sessions.get(sessionId);
    return session !== undefined && session.expiresAt > Date.now() ? session : undefined;
  }

  own(run: Run): void {
    this.#runs.add(run);
  }

  owns(run: Run | undefined): run is Run {
    return run !== undefined && this.#runs.has(run);
  }
}
