/** How many calls the inbox accepts. Tested in test/backends/inbox/http/limits.test.ts. */
import type { CallGuard, CallRate } from '../../../core/ports/http.ts';
import { clip } from '../../../core/text/clip.ts';
import { problem } from './problem.ts';

const surface = 'inbox';

/** Pending at once, of one asker: a script in a loop must not flood the rooms. */
export const PENDING_MAX = 200;

/** All calls of one token: a hundred scripts that poll once a second. Each call reads the store. */
export const tokenCalls: CallRate = { surface, limit: 'token', burst: 500, perSecond: 100 };

/** Questions of one token: as many at once as may be pending, and then at the pace at which a room takes cards. */
export const tokenQuestions: CallRate = { surface, limit: 'token questions', burst: PENDING_MAX, perSecond: 1 };

/** Questions of one agent among those that share a token: it leaves half of them to the others. */
export const agentQuestions: CallRate = { surface, limit: 'asker', burst: PENDING_MAX / 2, perSecond: 0.5 };

/** Calls about one item, which is a run of its own: `npm run ask` makes one a second at most. */
export const itemCalls: CallRate = { surface, limit: 'run', burst: 30, perSecond: 5 };

/** A person has to press before there is room. */
export const PENDING_RETRY_S = 60;
export const WAITING_RETRY_S = 5;
/** Of what is counted: an agent's name, an item's ID. */
const WHO_MAX = 120;

/** Each answer is a refusal; null: the call may be made. */
export interface Limits {
  /** @param who in the log, so never a token */
  take(rate: CallRate, who: string): Response | null;
  pending(asker: string): Response;
  waiting(asker: string): Response;
  /** Of a missing or an unknown token, once it may be answered. */
  refuse(authorization: string | undefined, remoteAddress: string): Promise<Response>;
}

export function createLimits(guard: CallGuard): Limits {
  return {
    take(rate, who) {
      const seconds = guard.take(rate, clip(who, WHO_MAX));
      if (seconds === null) return null;
      const { limit, burst, perSecond } = rate;
      return tooOften(`Too many calls (limit by ${limit}: ${burst} at once, then ${perSecond} a second).`, seconds);
    },
    pending(asker) {
      guard.refused(surface, 'pending', asker);
      return tooOften('Too many of your items are pending already.', PENDING_RETRY_S);
    },
    waiting(asker) {
      guard.refused(surface, 'waiting', asker);
      return tooOften('Too many of your requests are waiting. Ask without wait=.', WAITING_RETRY_S);
    },
    async refuse(authorization, remoteAddress) {
      const fault = authorization === undefined ? 'No token was sent.' : 'The token is unknown.';
      const seconds = await guard.wrongSecret(surface, remoteAddress, fault);
      if (seconds !== null) return tooOften('Too many wrong tokens.', seconds, { connection: 'close' });
      const headers = { 'www-authenticate': 'Bearer' };
      return problem(401, 'Send a token of ASK_TOKENS or ASKERS: Authorization: Bearer …', { headers });
    },
  };
}

function tooOften(detail: string, seconds: number, headers: Record<string, string> = {}): Response {
  return problem(429, detail, { headers: { 'retry-after': String(seconds), ...headers } });
}
