import { useEffect, useMemo, useState } from 'react';
import { post } from '../lib/api.ts';
import { slackNames } from '../lib/names.ts';
import { NamesContext, type State } from '../lib/page-state.ts';
import type { PageInfo, Persona, SlackMessage } from '../lib/protocol.ts';
import { useFollowEnd } from '../lib/use-follow-end.ts';
import { ChannelTabs, useChannel } from '../room/channel-tabs.tsx';
import { CommandInput } from '../room/command-input.tsx';
import { EmptyRoom } from '../room/empty-room.tsx';
import { counted, Thread } from '../room/thread.tsx';
import { useUnread } from '../room/use-unread.ts';
import { SlackHomeTab } from './home.tsx';
import { SlackMessageView } from './message.tsx';
import { SlackModal } from './modal/modal.tsx';

/** The Slack side: one channel at a time, its threads folded under their messages. */
export function SlackRoom({ state, page, person }: { state: State; page: PageInfo; person: Persona }) {
  const room = state.one('slack-room');
  const messages = state
    .all('slack-message')
    .filter((message) => message.onlyFor === null || message.onlyFor === person.slackId)
    .sort((a, b) => Number(a.ts) - Number(b.ts));
  const inUse = new Set([page.slackChannel, ...messages.map((message) => message.channel)]);
  const channels = (room?.channels ?? [])
    .filter(({ id, directWith }) => inUse.has(id) && (directWith === null || directWith === person.slackId))
    .map((channel) => ({ ...channel, direct: channel.directWith !== null }));
  const [channel, setChannel] = useChannel(page.slackChannel, channels);
  const [atHome, setAtHome] = useState(false);
  // Slack notifies the app each time a person opens the tab; the selected person may have changed.
  useEffect(() => {
    if (atHome) void post('/slack/open-home', { userId: person.slackId });
  }, [atHome, person.slackId]);
  const end = useFollowEnd();
  const names = useMemo(() => slackNames(room, page.slackBotUser), [room, page.slackBotUser]);
  const here = messages.filter((message) => message.channel === channel);
  const unread = useUnread(
    messages
      .filter((message) => message.user === page.slackBotUser && (!isReply(message) || message.broadcast === true))
      .map((message) => ({ channel: message.channel, at: timeOf(message) })),
    atHome ? '' : channel,
  );
  const modal = state.all('slack-view').findLast((view) => view.userId === person.slackId);
  const view = (message: SlackMessage) => (
    <SlackMessageView
      key={`${person.key}-${message.ts}`}
      message={message}
      person={person}
      botUser={page.slackBotUser}
    />
  );

  return (
    <NamesContext value={names}>
      <section className="slack" data-testid="slack-room" aria-label="Slack" tabIndex={-1}>
        <div className="s-top">Slack</div>
        <ChannelTabs
          channels={channels}
          current={atHome ? '' : channel}
          onChoose={(id) => {
            setAtHome(false);
            setChannel(id);
          }}
          connections={room?.connections ?? 0}
          unread={unread}
        >
          <button type="button" className="channel" aria-pressed={atHome} onClick={() => setAtHome(true)}>
            App Home
          </button>
        </ChannelTabs>
        {atHome && (
          <SlackHomeTab
            key={person.key}
            home={state.all('slack-home').find(({ userId }) => userId === person.slackId)}
            person={person}
          />
        )}
        <div className={atHome ? 'room-messages room-away' : 'room-messages'} ref={end}>
          {here.length === 0 && <EmptyRoom />}
          {channelEntries(here).map(({ ts, message }) => {
            const replies = here.filter((reply) => isReply(reply) && reply.threadTs === ts);
            // Slack counts what everyone in the channel can see.
            const times = replies.filter(({ onlyFor }) => onlyFor === null).map(timeOf);
            const count = times.length;
            return (
              <div key={ts} className="s-entry">
                {message && isReply(message) && (
                  <p className="s-broadcast">replied to a thread, also sent to the channel:</p>
                )}
                {message ? view(message) : <p className="s-deleted">This message was deleted.</p>}
                {replies.length > 0 && (
                  <Thread
                    of={ts}
                    platform="s"
                    count={count === 0 ? 'Thread' : counted(count, 'reply', 'replies')}
                    times={times}
                  >
                    {replies.map((reply) => (
                      <div key={reply.ts}>
                        {reply.broadcast === true && <p className="s-broadcast">Also sent to the channel</p>}
                        {view(reply)}
                      </div>
                    ))}
                  </Thread>
                )}
              </div>
            );
          })}
        </div>
        {!atHome && (
          <CommandInput
            path="/slack/command"
            userId={person.slackId}
            channel={channel}
            failure="/countersign failed because the app did not respond."
          />
        )}
        {modal && <SlackModal key={modal.id} open={modal} person={person} />}
      </section>
    </NamesContext>
  );
}

function timeOf({ ts }: SlackMessage): number {
  return Number(ts) * 1_000;
}

function isReply(message: SlackMessage): boolean {
  return message.threadTs !== null && message.threadTs !== message.ts;
}

/**
 * What the channel itself shows, oldest first: messages that are not replies, replies that were broadcast to the
 * channel, and a placeholder (no `message`) for the deleted root of a thread that still has replies.
 */
function channelEntries(messages: readonly SlackMessage[]): { ts: string; message?: SlackMessage }[] {
  const known = new Set(messages.map(({ ts }) => ts));
  const deleted = messages.flatMap(({ threadTs }) => (threadTs === null || known.has(threadTs) ? [] : [threadTs]));
  const shown = messages.filter((message) => !isReply(message) || message.broadcast === true);
  return [
    ...shown.map((message) => ({ ts: message.ts, message })),
    ...[...new Set(deleted)].map((ts) => ({ ts })),
  ].sort((a, b) => Number(a.ts) - Number(b.ts));
}
