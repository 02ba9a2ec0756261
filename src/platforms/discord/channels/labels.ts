/** The names of roles and people on Discord. Tested in test/platforms/discord/channels/labels.test.ts. */
import { Routes } from 'discord.js';
import { z } from 'zod';
import type { Platform } from '../../../core/ports/platform.ts';
import { clip } from '../../../core/text/clip.ts';
import { DiscordRefusal } from '../api/errors.ts';
import type { SendRequest } from '../api/rest.ts';

const NOT_FOUND = 404;
/** Longest name that is kept, characters; Discord allows 100. */
const NAME_MAX = 200;

const name = z.string().nullish().catch(null);
const memberSchema = z.object({
  nick: name,
  user: z.object({ global_name: name, username: name }).nullish().catch(null),
});

/**
 * Roles come from what the gateway keeps current, or without it from the server’s description; a person is one call, which needs no privileged intent.
 * @param guild the server of the cards; null: not known yet
 */
export function createLabelOf(options: {
  send: SendRequest;
  guild: () => string | null;
  roleName: (guild: string, role: string) => string | null | Promise<string | null>;
}): NonNullable<Platform['labelOf']> {
  const { send, guild: find, roleName } = options;

  return async ({ kind, id }, signal) => {
    const guild = find();
    if (guild === null || kind === 'group') return null;
    if (kind === 'role') return shortened(await roleName(guild, id));
    try {
      const member = memberSchema.parse(await send({ method: 'GET', route: Routes.guildMember(guild, id), signal }));
      const { nick, user } = member;
      return shortened([nick, user?.global_name, user?.username].find((one) => one != null && one.trim() !== ''));
    } catch (error) {
      if (error instanceof DiscordRefusal && error.status === NOT_FOUND) return null;
      throw error;
    }
  };
}

function shortened(text: string | null | undefined): string | null {
  return text == null ? null : clip(text, NAME_MAX);
}
