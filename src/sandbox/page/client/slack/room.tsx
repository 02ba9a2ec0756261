import { useEffect, useMemo, useState } from 'react';
import { post } from '../lib/api.ts';
import { type Names, NamesContext, type State } from '../lib/page-state.ts';
import type { PageInfo, Persona, SlackMessage } from '../lib/protocol.ts';
import { useFollowEnd } from '../lib/use-follow-end.ts';
import { ChannelTabs, useChannel } from '../room/channel-tabs.tsx';
import { Prompt } from '../room/command-input.tsx';
import { EmptyRoom } from '../room/empty-room.tsx';
import { SlackHomeTab } from './home.tsx';
import { SlackMessageView } from './message.tsx';
import { SlackModal } from './modal/modal.tsx';

/** The Slack side: one channel at a time, its threads open beneath their messages. */
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
  // Slack tells the app each time that somebody looks; and whoever looks may have changed.
  useEffect(() => {
    if (atHome) void post('/slack/open-home', { userId: person.slackId });
  }, [atHome, person.slackId]);
  const end = useFollowEnd();
  const names = useMemo(
    (): Names => ({
      user: (id) => room?.users.find((user) => user.id === id)?.name ?? (id === page.slackBotUser ? 'Countersign' : id),
      channel: (id) => room?.channels.find((known) => known.id === id)?.name ?? id,
    }),
    [room, page.slackBotUser],
  );
  const here = messages.filter((message) => message.channel === channel);
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
      <section className="slack" data-testid="slack-room" aria-label="Slack">
        <div className="s-top">Slack</div>
        <ChannelTabs
          channels={channels}
          current={atHome ? '' : channel}
          onChoose={(id) => {
            setAtHome(false);
            setChannel(id);
          }}
          connections={room?.connections ?? 0}
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
          {here.filter(isTopLevel).map((message) => {
            const replies = here.filter((reply) => reply.threadTs === message.ts && reply.ts !== message.ts);
            return (
              <div key={message.ts} className="s-entry">
                {isReply(message) && <p className="s-thread-count">replied to a thread:</p>}
                {view(message)}
                {replies.length > 0 && (
                  <div className="s-thread" data-testid="thread" data-of={message.ts}>
                    <p className="s-thread-count">
                      {replies.length} {replies.length === 1 ? 'reply' : 'replies'}
                    </p>
                    {replies.map(view)}
                  </div>
                )}
              </div>
            );
          })}
        </div>
        {!atHome && (
          <Prompt
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

  function isReply(message: SlackMessage): boolean {
    return message.threadTs !== null && message.threadTs !== message.ts;
  }

  /** A reply whose message is gone, or not in sight, stands by itself; one that was broadcast stands here, too. */
  function isTopLevel(message: SlackMessage): boolean {
    return !isReply(message) || message.broadcast === true || !here.some((one) => one.ts === message.threadTs);
  }
}
