import { PlatformError } from '../../../core/ports/errors.ts';
import { codes, DiscordRefusal } from '../api/errors.ts';

/** Discord's JSON error codes of its limits on commands: 100 in one server, and 200 new ones a day. */
const TOO_MANY_COMMANDS = 30_032;
const TOO_MANY_A_DAY = 30_034;

const NEXT_START = 'They are registered at the next start; until then they stay as they were registered last.';
const SCOPE =
  'Invite the bot again with the scope applications.commands (see the README); until then there are no commands on Discord.';

/**
 * What to do when the commands could not be listed or registered: by Discord's code and status.
 * @returns empty where the error's own message says it
 */
export function registrationAdvice(error: Error): string {
  if (error instanceof DiscordRefusal) return refusalAdvice(error);
  if (!(error instanceof PlatformError)) return `Restart to try again. ${NEXT_START}`;
  if (error.retryAfterMs !== null) return `Discord limits how often commands are read and registered. ${NEXT_START}`;
  return `Discord did not answer, or failed itself. ${NEXT_START}`;
}

function refusalAdvice({ code, status }: DiscordRefusal): string {
  switch (code) {
    case codes.unknownChannel:
      return 'Check DISCORD_CHANNEL: commands are registered in the server of this channel.';
    case codes.unknownGuild:
      return 'The bot is no longer in the server of DISCORD_CHANNEL. Invite it again (see the README).';
    case TOO_MANY_COMMANDS:
      return 'The application has 100 commands in this server, which is Discord’s limit. Delete some of the others.';
    case TOO_MANY_A_DAY:
      return `The application has registered 200 commands in this server today, which is Discord’s limit. ${NEXT_START}`;
  }
  switch (status) {
    case 401:
      return '';
    case 403:
      return SCOPE;
    case 404:
      return 'Discord does not know the application or the address. Check DISCORD_TOKEN and DISCORD_API_URL.';
    case 429:
      return `Discord limits how often commands are read and registered. ${NEXT_START}`;
    default:
      return status >= 500
        ? `Discord failed itself. ${NEXT_START}`
        : 'Discord does not accept the definition of a command. Update Countersign, or report this.';
  }
}
