import type { Names } from './page-state.ts';
import type { Singles } from './protocol.ts';

/** @param room undefined: not received yet @param bot the bot's user, which is not among the people */
export function slackNames(room: Singles['slack-room'] | undefined, bot: string): Names {
  return namesOf(
    room?.users.map(({ id, displayName }) => ({ id, name: displayName })),
    room?.channels,
    bot,
  );
}

/** As `slackNames`. */
export function discordNames(room: Singles['discord-room'] | undefined, bot: string): Names {
  return namesOf(
    room?.users.map(({ id, globalName }) => ({ id, name: globalName })),
    room?.channels,
    bot,
  );
}

type Named = readonly { id: string; name: string }[];

function namesOf(users: Named = [], channels: Named = [], bot: string): Names {
  return {
    user: (id) => users.find((user) => user.id === id)?.name ?? (id === bot ? 'Countersign' : id),
    channel: (id) => channels.find((known) => known.id === id)?.name ?? id,
  };
}
