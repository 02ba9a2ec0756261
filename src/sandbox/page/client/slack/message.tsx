import { memo } from 'react';
import { keyed, list, str } from '../lib/json.ts';
import { useNames } from '../lib/page-state.ts';
import type { Json, Persona, SlackMessage } from '../lib/protocol.ts';
import { usePress } from '../lib/use-press.ts';
import { Avatar } from '../room/avatar.tsx';
import { clockTime } from '../text/dates.ts';
import { Rich } from '../text/rich.tsx';
import { SlackBlocks } from './blocks.tsx';
import { ElementActionsContext } from './elements.tsx';
import { parseMrkdwn } from './mrkdwn.ts';

export interface SlackMessageProps {
  message: SlackMessage;
  person: Persona;
  botUser: string;
}

/** One message as the bot sent it; presses are sent as the selected person. */
export const SlackMessageView = memo(function SlackMessageView({ message, person, botUser }: SlackMessageProps) {
  const names = useNames();
  const { pending, failed, send } = usePress();
  const bot = message.user === botUser;
  const name = bot ? 'Countersign' : names.user(message.user);
  const actions = {
    pending,
    press(actionId: string, blockId: string | undefined) {
      const { channel, ts } = message;
      void send(`${blockId ?? ''}/${actionId}`, '/slack/press', {
        userId: person.slackId,
        channel,
        ts,
        actionId,
        blockId,
      });
    },
  };
  return (
    <article className="s-message" data-testid="message" data-id={message.ts} data-private={message.onlyFor !== null}>
      {message.onlyFor !== null && <p className="s-private">👁 Only visible to you</p>}
      <div className="s-message-row">
        <Avatar name={name} bot={bot} />
        <div className="s-message-main">
          <p className="s-byline">
            <b>{name}</b>
            {bot && <span className="s-app">APP</span>}
            <time>{clockTime(new Date(Number(message.ts) * 1000))}</time>
          </p>
          <ElementActionsContext value={actions}>
            <MessageBody message={message} />
          </ElementActionsContext>
          {failed && (
            <p className="s-failed" role="alert" data-testid="press-failed">
              ⚠ This interaction failed. Apps need to respond within 3 seconds.
            </p>
          )}
        </div>
      </div>
    </article>
  );
});

/** With blocks, `text` is only for notifications, as in Slack. */
function MessageBody({ message }: { message: SlackMessage }) {
  return (
    <div className="s-body">
      {message.blocks.length > 0 ? (
        <SlackBlocks blocks={message.blocks} />
      ) : (
        <div className="s-section">
          <div className="s-section-main">
            <Rich nodes={parseMrkdwn(message.text)} />
          </div>
        </div>
      )}
      {message.edited && message.blocks.length === 0 && <span className="s-edited">(edited)</span>}
      {keyed(message.attachments).map(({ key, item }) => (
        <Attachment key={key} attachment={item} />
      ))}
    </div>
  );
}

/** A legacy attachment: blocks with a coloured bar. */
function Attachment({ attachment }: { attachment: Json }) {
  const colour = str(attachment['color']).replace(/^(?=[0-9a-f]{3,8}$)/i, '#');
  const safe = /^#[0-9a-f]{3,8}$/i.test(colour) ? colour : '#dddddd';
  const blocks = list(attachment['blocks']);
  return (
    <div className="s-attachment" style={{ borderLeftColor: safe }}>
      {blocks.length > 0 ? (
        <SlackBlocks blocks={blocks} />
      ) : (
        <Rich nodes={parseMrkdwn(str(attachment['text']) || str(attachment['fallback']))} />
      )}
    </div>
  );
}
