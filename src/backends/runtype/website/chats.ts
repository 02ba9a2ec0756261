/** Website chats at the gateway. Tested in test/backends/runtype/website/chats.test.ts. */
import type { Approval } from '../../../core/approval/approval.ts';
import { VISITOR } from '../../../core/approval/names.ts';
import type { Actor } from '../../../core/approval/parts/decision.ts';
import type { Clock, Delivery, Log } from '../../../core/ports/ports.ts';
import { isSuccess } from '../../shared/response.ts';
import type { OpenerOf } from '../pause/opener.ts';
import { BACKEND, type Wire } from '../pause/pause.ts';
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
  /** Null in the same case. */
  hash: string | null;
  actor: Actor;
  website: true;
  /** The website, for people. Its open approvals count together. Null: not known. */
  site: string | null;
  /** False once Runtype has refused a visitor's answer to this pause. */
  mayClaim(key: string): boolean;
  /** Whether this approval is left to visitors, as far as is known: Runtype knows. */
  isVisitors(key: string): boolean;
  /** Takes what Runtype answers to this call, in one piece. Never rejects. */
  onAnswer(status: number, json: unknown): Promise<void>;
}

export interface WebsiteChats {
  readonly approvals: ChatApprovals;
  /** The visitor who makes this call; null: it is of no website that was named. */
  visitorOf(call: ChatCall): Visitor | null;
  /** After a start: a pause of an earlier process, and whose session opened its run. */
  remember(approval: Pick<Approval, 'pause'>, wire: Pick<Wire, 'website' | 'site' | 'opener'>): void;
}

/** @returns null where no website was named */
export function createWebsiteChats(
  { tokens, origins, visitorTools }: WebsiteOptions,
  {
    deliver,
    openerOf,
    clock,
    log,
  }: { deliver: (delivery: Delivery) => Promise<void>; openerOf: OpenerOf; clock: Clock; log: Log },
): WebsiteChats | null {
  if (tokens.length === 0 && origins.length === 0) return null;
  const namedTokens = new Set(tokens.map((token) => clock.hash(token)));
  const namedOrigins = new Set(origins);
  const sessions = new ChatSessions();
  const approvals = new VisitorApprovals(visitorTools, clock, log);
  let saidAt = Number.NEGATIVE_INFINITY;

  /** The website that a call names; null: none, or none of ours. */
  function siteNamed({ json, bearer, origin }: ChatCall): string | null {
    const token = tokenIn(json, bearer);
    if (token !== null && namedTokens.has(clock.hash(token))) return tokenName(token);
    const page = origin?.toLowerCase() ?? '';
    return namedOrigins.has(page) ? page : null;
  }

  function noteUnknown(): void {
    const now = clock.monotonic();
    if (now - saidAt < UNKNOWN_EVERY_MS) return;
    saidAt = now;
    log.warn({}, 'website chats of unknown sessions get no cards; name their origin in WEBSITE_CHATS, too');
  }

  /** What is to be delivered because of an answer. */
  function learn(call: ChatCall, status: number, answer: unknown): Delivery | null {
    const site = siteNamed(call);
    if (isSuccess(status) && site !== null) {
      const [begun, worksWith] = [sessionIn(answer), sessionIn(call.json)];
      if (begun !== null) sessions.begun(openerOf('session', begun), site);
      else if (worksWith !== null) sessions.named(openerOf('session', worksWith), site);
    }
    const note = { type: 'unfollowed', backend: BACKEND, name: null } as const;
    if (isChatRefused(status, answer)) return { ...note, runId: null, reason: 'chat_refused' };
    const asked = approvalIn(call.json);
    if (asked === null || !isLeftToBusiness(status, answer)) return null;
    const kept = approvals.leaveToBusiness(asked.approvalId);
    return kept === 'unknown' ? { ...note, runId: asked.executionId, reason: 'not_kept' } : kept;
  }

  return {
    approvals,
    remember({ pause }, { website = false, site = null, opener }) {
      if (!website) return;
      if (pause.kind === 'approval') approvals.remember(pause.key);
      if (opener !== null) sessions.begun(opener, site);
    },
    visitorOf(call) {
      const session = sessionIn(call.json);
      const hash = session === null ? null : openerOf('session', session);
      const known = hash === null ? null : sessions.find(hash);
      const named = siteNamed(call);
      if (named === null && known === null) {
        if (session !== null) noteUnknown();
        return null;
      }
      const id = clock.hash(hash ?? '').slice(0, NAME_CHARACTERS);
      return {
        key: hash === null ? null : `website:${hash}`,
        hash,
        actor: { platform: 'application', id, name: VISITOR },
        website: true,
        // A visitor chooses the origin of each call, and can't choose the token that began the session.
        site: known?.site ?? named,
        mayClaim: (key) => approvals.mayBeVisitors(key),
        isVisitors: (key) => approvals.isVisitors(key),
        async onAnswer(status, json) {
          const news = learn(call, status, json);
          if (news !== null) await deliver(news);
        },
      };
    },
  };
}

/** Enough to distinguish the tokens of an operator. */
const TOKEN_END_CHARACTERS = 4;

function tokenName(token: string): string {
  return `token …${token.slice(-TOKEN_END_CHARACTERS)}`;
}
