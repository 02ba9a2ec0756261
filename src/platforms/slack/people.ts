/** People on Slack: their names, their groups, and whether they belong to the bot's organisation. Tested in test/platforms/slack/index.test.ts. */
import type { UsersInfoResponse, WebClient } from '@slack/web-api';
import { coerceError } from '../../core/ports/errors.ts';
import type { Log, Platform } from '../../core/ports/ports.ts';
import { clip } from '../../core/text/clip.ts';
import { callSlack } from './api/client.ts';
import { slackErrorCode } from './api/errors.ts';
import { type HomeWorkspace, Organisation } from './inbound/organisation.ts';

/** Longest name that is kept, characters; Slack allows 80. */
const NAME_MAX = 200;

export interface People extends Required<Pick<Platform, 'members' | 'nameOf' | 'labelOf'>> {
  /** Once it is known, at the start. */
  ofWorkspace(home: HomeWorkspace): Organisation;
}

/** @param lifetime ends look-ups under way */
export function createPeople(client: WebClient, log: Log, lifetime: AbortSignal): People {
  let organisation: Organisation | null = null;

  /** In the background: a press never waits for it, and is refused until then. */
  async function learn(userId: string): Promise<void> {
    try {
      const { user } = await callSlack(lifetime, () => client.users.info({ user: userId }));
      organisation?.learn(userId, user);
    } catch (thrown) {
      const fields = { user: userId, err: coerceError(thrown) };
      log.warn(
        fields,
        'the organisation of a person could not be looked up; their presses are refused until it is known',
      );
    }
  }

  return {
    ofWorkspace(home) {
      organisation = new Organisation(home, learn);
      return organisation;
    },

    async members(group, signal): Promise<readonly string[]> {
      const answer = await callSlack(signal, () => client.usergroups.users.list({ usergroup: group }));
      return answer.users ?? [];
    },

    async labelOf({ kind, id }, signal): Promise<string | null> {
      if (kind !== 'group') return null;
      const { usergroups = [] } = await callSlack(signal, () => client.usergroups.list({}));
      const group = usergroups.find((one) => one.id === id);
      return firstName(group?.handle, group?.name);
    },

    async nameOf(userId, signal): Promise<string | null> {
      try {
        const { user } = await callSlack(signal, () => client.users.info({ user: userId }));
        organisation?.learn(userId, user);
        return displayedName(user);
      } catch (error) {
        if (/^user_not_(?:found|visible)$/.test(slackErrorCode(error) ?? '')) return null;
        throw error;
      }
    },
  };
}

/** As Slack’s clients choose it: many people have no display name. Null where the answer has no name. */
function displayedName(user: UsersInfoResponse['user']): string | null {
  const { display_name: display, real_name: real } = user?.profile ?? {};
  return firstName(display, real, user?.real_name);
}

/** The first that is not empty. */
function firstName(...names: (string | undefined)[]): string | null {
  const name = names.find((one) => one !== undefined && one.trim() !== '');
  return name === undefined ? null : clip(name, NAME_MAX);
}
