import { useMemo } from 'react';
import { str } from '../lib/json.ts';
import { discordNames } from '../lib/names.ts';
import { NamesContext, type State } from '../lib/page-state.ts';
import type { DiscordMessage, DiscordState, PageInfo, Persona } from '../lib/protocol.ts';
import { useFollowEnd } from '../lib/use-follow-end.ts';
import { ChannelTabs, useChannel } from '../room/channel-tabs.tsx';
import { CommandInput } from '../room/command-input.tsx';
import { EmptyRoom } from '../room/empty-room.tsx';
import { counted, Thread } from '../room/thread.tsx';
import { useUnread } from '../room/use-unread.ts';
import { DiscordMessageView, sentAt } from './message.tsx';
import { DiscordModalView } from './modal.tsx';

const FORUM = 15;

/** The Discord side: one channel at a time, its threads folded under the messages they were started from. */
export function DiscordRoom({ state, page, person }: { state: State; page: PageInfo; person: Persona }) {
  const room = state.one('discord-room');
  const messages = state
    .all('discord-message')
    .filter((message) => message.onlyFor === null || message.onlyFor === person.discordId)
    .sort((a, b) => Number(BigInt(a.id) - BigInt(b.id)));
  const posts = postsOf(room?.channels ?? []);
  const threads = new Set([...messages.flatMap((message) => message.threadId ?? []), ...posts.map(({ id }) => id)]);
  const inUse = new Set([page.discordChannel, ...messages.map((message) => message.channelId)]);
  const channels = (room?.channels ?? [])
    .filter(({ id }) => inUse.has(id) && !threads.has(id))
    .filter(({ recipientId }) => recipientId === null || recipientId === person.discordId)
    .map((channel) => ({ ...channel, direct: channel.recipientId !== null }));
  const [channel, setChannel] = useChannel(page.discordChannel, channels);
  const end = useFollowEnd();
  const names = useMemo(() => discordNames(room, page.discordBotUser), [room, page.discordBotUser]);
  const here = messages.filter((message) => message.channelId === channel);
  const unread = useUnread(
    messages
      .filter(({ authorId, channelId }) => authorId === page.discordBotUser && !threads.has(channelId))
      .map(({ channelId, id }) => ({ channel: channelId, at: sentAt(id).getTime() })),
    channel,
  );
  const modal = state.all('discord-modal').findLast((open) => open.userId === person.discordId);
  const view = (message: DiscordMessage) => (
    <DiscordMessageView
      key={`${person.key}-${message.id}`}
      message={message}
      person={person}
      botUser={page.discordBotUser}
    />
  );
  const thread = (of: string, threadId: string) => {
    const inside = messages.filter((message) => message.channelId === threadId);
    const times = inside.filter(({ onlyFor }) => onlyFor === null).map(({ id }) => sentAt(id).getTime());
    return (
      <Thread
        of={of}
        platform="d"
        title={names.channel(threadId)}
        count={counted(times.length, 'Message', 'Messages')}
        times={times}
      >
        {inside.map(view)}
      </Thread>
    );
  };

  return (
    <NamesContext value={names}>
      <section className="discord" data-testid="discord-room" aria-label="Discord" tabIndex={-1}>
        <div className="d-top">Discord · {room?.guild.name}</div>
        <ChannelTabs
          channels={channels}
          current={channel}
          onChoose={setChannel}
          connections={room?.connections ?? 0}
          unread={unread}
        />
        <div className="room-messages" ref={end}>
          {here.length === 0 && !posts.some(({ parentId }) => parentId === channel) && <EmptyRoom />}
          {posts
            .filter(({ parentId }) => parentId === channel)
            .map(({ id }) => (
              <div key={id} className="d-entry" data-testid="post" data-of={id}>
                {thread(id, id)}
              </div>
            ))}
          {here.map((message) => {
            const answered = here.find((one) => one.id === message.replyTo);
            return (
              <div key={message.id} className="d-entry">
                {answered && <p className="d-reply-to">↱ {str(answered.embeds[0]?.['title'])}</p>}
                {view(message)}
                {message.threadId !== null && thread(message.id, message.threadId)}
              </div>
            );
          })}
        </div>
        <CommandInput
          path="/discord/command"
          userId={person.discordId}
          channel={channel}
          failure="The application did not respond"
        />
        {modal && <DiscordModalView key={modal.id} open={modal} person={person} />}
      </section>
    </NamesContext>
  );
}

type Channel = DiscordState['channels'][number];

/** Forum posts: threads that were not started from a message. */
function postsOf(channels: readonly Channel[]): Channel[] {
  const forums = new Set(channels.filter(({ type }) => type === FORUM).map(({ id }) => id));
  return channels.filter(({ parentId }) => parentId !== null && forums.has(parentId));
}
