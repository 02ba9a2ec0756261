/** Website chats at the gateway. Tested in test/backends/runtype/website/chats.test.ts. */
import type { Actor } from '../../../core/approval/approval.ts';
import { VISITOR } from '../../../core/approval/names.ts';
import type { Clock, Delivery, Log } from '../../../core/ports/ports.ts';
import { BACKEND } from '../pause/pause.ts';
import type { ChatApprovals } from '../stream/pause-tracker.ts';
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
}

export interface WebsiteChats {
  readonly approvals: ChatApprovals;
  /** The visitor who makes this call; null: it is of no website that was named. */
  visitorOf(call: ChatCall): Visitor | null;
  /** Whether the visitor's answer to this pause can count. */
  mayAnswer(key: string): boolean;
  /**
   * Takes what Runtype answered to a visitor's call, in one piece.
   * @param hasCard whether the call decides an approval that has a card
   * @returns what is to be delivered
   */
  answered(call: ChatCall, status: number, answer: unknown, hasCard: boolean): Delivery[];
}

/** @returns null where no website was named */
export function createWebsiteChats(
  { tokens, origins, visitorTools }: WebsiteOptions,
  { clock, log }: { clock: Clock; log: Log },
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
    const message = 'website chats of unknown sessions get no cards; name their origin in WEBSITE_CHATS, too';
    log.warn({}, message);
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
      const actor = { platform: 'application', id: hash.slice(0, NAME_CHARACTERS), name: VISITOR };
      return { key: session === null ? null : `website:${hash}`, hash, actor };
    },
    mayAnswer: (key) => approvals.mayBeVisitors(key),
    answered(call, status, answer, hasCard) {
      // A session that Runtype has begun, or works with, for a named website.
      const session = sessionIn(answer) ?? sessionIn(call.json);
      if (status >= 200 && status < 300 && session !== null && isNamed(call)) sessions.add(hashOf(session));
      if (isChatRefused(status, answer)) {
        return [{ type: 'unfollowed', backend: BACKEND, runId: null, reason: 'chat_refused', name: null }];
      }
      const asked = approvalIn(call.json);
      if (asked === null || !isLeftToBusiness(status, answer)) return [];
      const kept = approvals.leaveToBusiness(asked.approvalId);
      if (kept !== 'unknown') return kept === null ? [] : [kept];
      if (hasCard) return [];
      const { executionId: runId } = asked;
      return [{ type: 'unfollowed', backend: BACKEND, runId, reason: 'not_kept', name: null }];
    },
  };
}
