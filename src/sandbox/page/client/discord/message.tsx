import { memo, useState } from 'react';
import { keyed } from '../lib/json.ts';
import { useNames } from '../lib/page-state.ts';
import type { DiscordMessage, Persona } from '../lib/protocol.ts';
import { usePress } from '../lib/use-press.ts';
import { Avatar } from '../room/avatar.tsx';
import { clockTime } from '../text/dates.ts';
import { Rich } from '../text/rich.tsx';
import { ComponentActionsContext, DiscordComponents } from './components.tsx';
import { DiscordEmbed } from './embed.tsx';
import { parseDiscord } from './markdown.ts';

/** Discord's epoch, in milliseconds since 1970. */
const DISCORD_EPOCH_MS = 1_420_070_400_000n;
const LOADING_FLAG = 1 << 7;

export interface DiscordMessageProps {
  message: DiscordMessage;
  person: Persona;
  botUser: string;
}

/** One message as the bot sent it; presses are sent as the selected person. */
export const DiscordMessageView = memo(function DiscordMessageView({ message, person, botUser }: DiscordMessageProps) {
  const names = useNames();
  const { pending, failed, send } = usePress();
  const [dismissed, setDismissed] = useState(false);
  if (dismissed) return null;
  const bot = message.authorId === botUser;
  const name = bot ? 'Countersign' : names.user(message.authorId);
  const secret = message.onlyFor !== null;
  const actions = {
    pending,
    press(customId: string) {
      const { channelId, id } = message;
      void send(customId, '/discord/press', { userId: person.discordId, channelId, messageId: id, customId });
    },
  };
  return (
    <article
      className={secret ? 'd-message d-message-private' : 'd-message'}
      data-testid="message"
      data-id={message.id}
      data-private={secret}
    >
      <Avatar name={name} bot={bot} />
      <div className="d-message-main">
        <p className="d-byline">
          <b>{name}</b>
          {bot && <span className="d-app">APP</span>}
          <time>{clockTime(sentAt(message.id))}</time>
        </p>
        <Content message={message} />
        <ComponentActionsContext value={actions}>
          <DiscordComponents components={message.components} />
        </ComponentActionsContext>
        {failed && (
          <p className="d-failed" role="alert" data-testid="press-failed">
            ⚠ This interaction failed
          </p>
        )}
        {secret && (
          <p className="d-private">
            👁 Only you can see this •{' '}
            <button type="button" onClick={() => setDismissed(true)}>
              Dismiss message
            </button>
          </p>
        )}
      </div>
    </article>
  );
});

function Content({ message }: { message: DiscordMessage }) {
  if ((message.flags & LOADING_FLAG) !== 0) return <p className="d-thinking">Countersign is thinking…</p>;
  return (
    <>
      {message.content !== '' && (
        <div className="d-text">
          <Rich nodes={parseDiscord(message.content)} />
          {message.edited && <span className="d-edited"> (edited)</span>}
        </div>
      )}
      {keyed(message.embeds).map(({ key, item }) => (
        <DiscordEmbed key={key} embed={item} />
      ))}
    </>
  );
}

export function sentAt(id: string): Date {
  return new Date(Number((BigInt(id) >> 22n) + DISCORD_EPOCH_MS));
}
