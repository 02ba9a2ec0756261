/**
 * Who can read a channel on Slack. A public one: every member of the workspace, and guests who are in it. A private one: who is
 * in it. Needs `channels:read`, `groups:read` and `users:read`. Tested in test/platforms/slack/readers.test.ts.
 */
import type { UsersInfoResponse, WebClient } from '@slack/web-api';
import { PlatformError } from '../../core/ports/errors.ts';
import type { Clock, Platform } from '../../core/ports/ports.ts';
import { callSlack } from './api/client.ts';
import { slackRoom } from './api/room.ts';

/** Of a channel and its members, ms: who was removed sees nothing new after that. */
const ROOM_FRESH_MS = 60_000;
/** Of whether a person is a full member, ms. */
const PERSON_FRESH_MS = 5 * 60_000;
const ENTRIES_MAX = 1_000;
/** Members on a page, Slack's limit, and pages: a channel with more members is not checked. */
const PAGE = 1_000;
const PAGES_MAX = 10;
/** Slack allows about 100 of these calls a minute, and bursts. */
const PACE = { everyMs: 600, burst: 30 };

/** What was looked up, for a while. A failed look-up is forgotten. */
class Recent<T> {
  readonly #known = new Map<string, { at: number; found: Promise<T> }>();
  readonly #options: { clock: Clock; freshMs: number; load: (key: string) => Promise<T> };

  constructor(options: { clock: Clock; freshMs: number; load: (key: string) => Promise<T> }) {
    this.#options = options;
  }

  get(key: string): Promise<T> {
    const { clock, freshMs, load } = this.#options;
    const known = this.#known.get(key);
    if (known !== undefined && clock.monotonic() - known.at <= freshMs) return known.found;
    const found = load(key);
    this.#known.delete(key);
    this.#known.set(key, { at: clock.monotonic(), found });
    const [oldest] = this.#known.keys();
    if (this.#known.size > ENTRIES_MAX && oldest !== undefined) this.#known.delete(oldest);
    found.catch(() => {
      if (this.#known.get(key)?.found === found) this.#known.delete(key);
    });
    return found;
  }
}

/**
 * @param lifetime ends calls under way: a call serves everybody who asks meanwhile
 * @param teamId the workspace; null: not known yet
 */
export function createCanRead(options: {
  client: WebClient;
  teamId: () => string | null;
  clock: Clock;
  lifetime: AbortSignal;
}): Platform['canRead'] {
  const { client, teamId, clock, lifetime } = options;
  let fullAt = 0;

  async function call<T>(request: () => Promise<T>): Promise<T> {
    const now = clock.monotonic();
    const wait = Math.max(fullAt, now) - now - (PACE.burst - 1) * PACE.everyMs;
    if (wait > 0) throw new PlatformError('unsent', 'Too many look-ups at once.', { retryAfterMs: wait });
    fullAt = Math.max(fullAt, now) + PACE.everyMs;
    return await callSlack(lifetime, request);
  }

  const isPublic = new Recent({
    clock,
    freshMs: ROOM_FRESH_MS,
    async load(channel) {
      const { channel: found } = await call(() => client.conversations.info({ channel }));
      return found?.is_private === false && found.is_im !== true && found.is_mpim !== true;
    },
  });

  const members = new Recent({
    clock,
    freshMs: ROOM_FRESH_MS,
    async load(channel) {
      const found = new Set<string>();
      let cursor = '';
      for (let page = 0; page < PAGES_MAX; page += 1) {
        const more = cursor === '' ? {} : { cursor };
        const answer = await call(() => client.conversations.members({ channel, limit: PAGE, ...more }));
        for (const id of answer.members ?? []) found.add(id);
        cursor = answer.response_metadata?.next_cursor ?? '';
        if (cursor === '') return found;
      }
      throw new PlatformError('refused', `The channel has more than ${PAGE * PAGES_MAX} members.`);
    },
  });

  const isFullMember = new Recent({
    clock,
    freshMs: PERSON_FRESH_MS,
    load: async (user) => isFullMemberOf((await call(() => client.users.info({ user }))).user, teamId()),
  });

  return async ({ actor: { id } }, place) => {
    const { channel: room } = slackRoom(place);
    if (!/^[CG]/.test(room)) return false;
    const member = (await isPublic.get(room)) ? isFullMember.get(id) : Promise.resolve(false);
    // Who has joined can read it, whatever is known of them.
    if (await member.catch(() => false)) return true;
    return (await members.get(room)).has(id) || (await member);
  };
}

/** Of our workspace, and no guest. */
export function isFullMemberOf(user: UsersInfoResponse['user'], teamId: string | null): boolean {
  if (user === undefined || teamId === null) return false;
  const { team_id: team, enterprise_user: grid, is_restricted: guest, is_ultra_restricted: guestOfOne } = user;
  const isOurs = team === teamId || grid?.teams?.includes(teamId) === true;
  return isOurs && user.deleted !== true && guest !== true && guestOfOne !== true && user.is_stranger !== true;
}
