/**
 * What the doctor asks Slack in one run: each thing once, however many looks need it.
 * Tested in test/platforms/slack/checkups/all.test.ts.
 */
import type {
  AuthTestResponse,
  FetchFunction,
  UsergroupsListResponse,
  UsersInfoResponse,
  WebClient,
} from '@slack/web-api';
import { PlatformError } from '../../../core/ports/errors.ts';
import type { Clock } from '../../../core/ports/ports.ts';
import { callSlack } from '../api/client.ts';
import { slackErrorCode } from '../api/errors.ts';
import type { SlackChannel } from '../api/inspect-channel.ts';

/** Members on a page, Slack's limit, and pages. */
const PAGE = 1_000;
const PAGES_MAX = 10;

export type User = NonNullable<UsersInfoResponse['user']>;
export type Group = NonNullable<UsergroupsListResponse['usergroups']>[number];

/** Who the bot is. `refused`: with what Slack's library threw. */
export type Self = { type: 'known'; self: AuthTestResponse; scopes: ReadonlySet<string> | null } | Refused;

interface Refused {
  type: 'refused';
  error: unknown;
}

/** When a call was made and answered, by our clock, and when Slack says that it answered. */
export interface Dated {
  askedAt: number;
  answeredAt: number;
  date: string | null;
}

/** @param note gets each answer's date */
export function datedFetch(
  fetch: FetchFunction,
  clock: Pick<Clock, 'now'>,
  note: (dated: Dated) => void,
): FetchFunction {
  return async (url, init) => {
    const askedAt = clock.now();
    const answer = await fetch(url, init);
    note({ askedAt, answeredAt: clock.now(), date: answer.headers.get('date') });
    return answer;
  };
}

export class LookUps {
  readonly #client: WebClient;
  readonly #lifetime: AbortSignal;
  #self: Promise<Self> | null = null;
  #groups: Promise<readonly Group[]> | null = null;
  readonly #channels = new Map<string, Promise<SlackChannel | null>>();
  readonly #members = new Map<string, Promise<ReadonlySet<string>>>();
  readonly #users = new Map<string, Promise<User | string>>();

  /** @param lifetime ends the calls: an answer serves several looks */
  constructor(client: WebClient, lifetime: AbortSignal) {
    this.#client = client;
    this.#lifetime = lifetime;
  }

  /** Never rejects. */
  self(): Promise<Self> {
    this.#self ??= this.#client.auth.test().then(
      (self) => {
        const scopes = self.response_metadata?.scopes;
        return { type: 'known', self, scopes: scopes === undefined ? null : new Set(scopes) };
      },
      (error: unknown) => ({ type: 'refused', error }),
    );
    return this.#self;
  }

  /** Whether the token works, and has this scope where Slack says which it has: what lacks is a finding of another look. */
  async may(scope: string): Promise<boolean> {
    const self = await this.self();
    return self.type === 'known' && (self.scopes?.has(scope) ?? true);
  }

  /** Null: there is none, or the bot can't see it. @throws PlatformError */
  channel(id: string): Promise<SlackChannel | null> {
    return once(this.#channels, id, async () => {
      const { channel = null } = await callSlack(this.#lifetime, () =>
        this.#client.conversations.info({ channel: id }),
      );
      return channel;
    });
  }

  /** Who has joined a channel. @throws PlatformError */
  members(channel: string): Promise<ReadonlySet<string>> {
    return once(this.#members, channel, async () => {
      const found = new Set<string>();
      let cursor = '';
      for (let page = 0; page < PAGES_MAX; page += 1) {
        const more = cursor === '' ? {} : { cursor };
        const request = { channel, limit: PAGE, ...more };
        const answer = await callSlack(this.#lifetime, () => this.#client.conversations.members(request));
        for (const id of answer.members ?? []) found.add(id);
        cursor = answer.response_metadata?.next_cursor ?? '';
        if (cursor === '') return found;
      }
      throw new PlatformError('unsent', `The channel ${channel} has more than ${PAGE * PAGES_MAX} members.`);
    });
  }

  /** Slack's error code where there is no such person, or none that the bot can see. @throws PlatformError */
  user(id: string): Promise<User | string> {
    return once(this.#users, id, async () => {
      try {
        const { user } = await callSlack(this.#lifetime, () => this.#client.users.info({ user: id }));
        return user ?? 'user_not_found';
      } catch (error) {
        const code = slackErrorCode(error) ?? '';
        if (/^user_not_(?:found|visible)$/.test(code)) return code;
        throw error;
      }
    });
  }

  /** All, also the disabled ones. @throws PlatformError */
  groups(): Promise<readonly Group[]> {
    this.#groups ??= callSlack(this.#lifetime, () =>
      this.#client.usergroups.list({ include_disabled: true, include_count: true }),
    ).then(({ usergroups = [] }) => usergroups);
    return this.#groups;
  }
}

function once<T>(known: Map<string, Promise<T>>, key: string, load: () => Promise<T>): Promise<T> {
  const found = known.get(key) ?? load();
  known.set(key, found);
  return found;
}
