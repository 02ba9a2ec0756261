import { type ReactNode, useState } from 'react';

interface Channel {
  id: string;
  name: string;
  /** A direct message with the bot, visible only to its person. */
  direct?: boolean;
}

/** The selected channel; the main one if the selected one no longer exists. */
export function useChannel(main: string, channels: readonly Channel[]): [string, (id: string) => void] {
  const [chosen, choose] = useState(main);
  return [channels.some((channel) => channel.id === chosen) ? chosen : main, choose];
}

interface ChannelTabsProps {
  channels: readonly Channel[];
  current: string;
  connections: number;
  /** How many messages of a channel were not seen yet. */
  unread: (channel: string) => number;
  onChoose: (id: string) => void;
  /** Additional tabs after the channels. */
  children?: ReactNode;
}

/** The channels that have messages, and whether the bot is connected. */
export function ChannelTabs({ channels, current, connections, unread, onChoose, children }: ChannelTabsProps) {
  return (
    <div className="channels">
      {channels.map(({ id, name, direct = false }) => {
        const news = unread(id);
        return (
          <button
            key={id}
            type="button"
            className="channel"
            aria-pressed={id === current}
            data-channel={id}
            data-unread={news}
            onClick={() => onChoose(id)}
          >
            {direct ? '@ Countersign' : `# ${name}`}
            {news > 0 && (
              <span className="unread">
                {news}
                <span className="for-readers"> unread</span>
              </span>
            )}
          </button>
        );
      })}
      {children}
      <span className="presence" data-testid="presence" data-connections={connections}>
        <span className={connections > 0 ? 'dot dot-on' : 'dot dot-off'} />
        {connections > 0 ? 'bot connected' : 'bot not connected'}
      </span>
    </div>
  );
}
