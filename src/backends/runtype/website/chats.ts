/** Website chats at the gateway. Tested in test/backends/runtype/website/chats.test.ts. */
import type { Actor } from '../../../core/approval/approval.ts';
import { VISITOR } from '../../../core/approval/names.ts';
import type { Clock, Delivery, Log } from '../../../core/ports/ports.ts';
import { isSuccess } from '../../shared/response.ts';
import { BACKEND } from '../pause/pause.ts';
import type { ChatApprovals } from '../stream/reader/pause-tracker.ts';
import { ChatSessions } from './chat-sessions.ts';
import { VisitorApprovals } from './visitor-approvals.ts';
import { approvalIn, isChatRefused, isLeftToBusiness, sessionIn, tokenIn } from './wire.ts';

/** Of the hash that names a visitor, characters. */
const NAME_CHARACTERS = 8;
/** How often the log says that chats of unknown sessions pass, ms. */
const UNKNOWN_EVERY_MS = 600_000;

/** Which website chats get cards. */
export interface WebsiteOptions {
  /** Client tokens, `ct_live_…`. */
  tokens: readonly string[];
  /** Of the pages that show the chat: `https://shop.example`. */
  origins: readonly string[];
  /** Patterns of the tools whose approvals visitors give. */
  visitorTools: readonly string[];
}

/** What a call below `/v1/client/` says about its caller. */
export interface ChatCall {
  bearer: string | null;
  origin: string | null;
  /** Its body. */
  json: unknown;
}

/** The visitor who makes a call. */
export interface Visitor {
  /** Tells visitors apart. Null: no session has begun. */
  key: string | null;
  hash: string;
  actor: Actor;
  website: true;
  /** False once Runtype has refused a visitor's answer to this pause. */
  mayClaim(key: string): boolean;
  /** Takes what Runtype answers to this call, in one piece. Never rejects. */
  onAnswer(status: number, json: unknown): Promise<void>;
}

export interface WebsiteChats {
  readonly approvals: ChatApprovals;
  /** The visitor who makes this call; null: it is of no website that was named. */
  visitorOf(call: ChatCall): Visitor | null;
}

/** @returns null where no website was named */
export function createWebsiteChats(
  { tokens, origins, visitorTools }: WebsiteOptions,
  { deliver, clock, log }: { deliver: (delivery: Delivery) => Promise<void>; clock: Clock; log: Log },
): WebsiteChats | null {
  if (tokens.length === 0 && origins.length === 0) return null;
  const namedTokens = new Set(tokens.map((token) => clock.hash(token)));
  const namedOrigins = new Set(origins);
  const sessions = new ChatSessions();
  const approvals = new VisitorApprovals(visitorTools, clock, log);
  let saidAt = Number.NEGATIVE_INFINITY;

  const hashOf = (session: string) => clock.hash(`website session\n${session}`);

  function isNamed({ json, bearer, origin }: ChatCall): boolean {
    const token = tokenIn(json, bearer);
    if (token !== null && namedTokens.has(clock.hash(token))) return true;
    return origin !== null && namedOrigins.has(origin.toLowerCase());
  }

  function noteUnknown(): void {
    const now = clock.monotonic();
    if (now - saidAt < UNKNOWN_EVERY_MS) return;
    saidAt = now;
    log.warn({}, 'website chats of unknown sessions get no cards; name their origin in WEBSITE_CHATS, too');
  }

  /** What is to be delivered because of an answer. */
  function learn(call: ChatCall, status: number, answer: unknown): Delivery | null {
    // A session that Runtype has begun, or works with, for a named website.
    const session = sessionIn(answer) ?? sessionIn(call.json);
    if (isSuccess(status) && session !== null && isNamed(call)) sessions.add(hashOf(session));
    const note = { type: 'unfollowed', backend: BACKEND, name: null } as const;
    if (isChatRefused(status, answer)) return { ...note, runId: null, reason: 'chat_refused' };
    const asked = approvalIn(call.json);
    if (asked === null || !isLeftToBusiness(status, answer)) return null;
    const kept = approvals.leaveToBusiness(asked.approvalId);
    return kept === 'unknown' ? { ...note, runId: asked.executionId, reason: 'not_kept' } : kept;
  }

  return {
    approvals,
    visitorOf(call) {
      const session = sessionIn(call.json);
      const hash = hashOf(session ?? '');
      if (!isNamed(call) && !(session !== null && sessions.has(hash))) {
        if (session !== null) noteUnknown();
        return null;
      }
      return {
        key: session === null ? null : `website:${hash}`,
        hash,
        actor: { platform: 'application', id: hash.slice(0, NAME_CHARACTERS), name: VISITOR },
        website: true,
        mayClaim: (key) => approvals.mayBeVisitors(key),
        async onAnswer(status, json) {
          const news = learn(call, status, json);
          if (news !== null) await deliver(news);
        },
      };
    },
  };
}
