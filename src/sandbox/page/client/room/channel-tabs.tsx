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
  onChoose: (id: string) => void;
  /** Additional tabs after the channels. */
  children?: ReactNode;
}

/** The channels that have messages, and whether the bot is connected. */
export function ChannelTabs({ channels, current, connections, onChoose, children }: ChannelTabsProps) {
  return (
    <div className="channels">
      {channels.map(({ id, name, direct = false }) => (
        <button
          key={id}
          type="button"
          className="channel"
          aria-pressed={id === current}
          data-channel={id}
          onClick={() => onChoose(id)}
        >
          {direct ? '@ Countersign' : `# ${name}`}
        </button>
      ))}
      {children}
      <span className="presence" data-testid="presence" data-connections={connections}>
        <span className={connections > 0 ? 'dot dot-on' : 'dot dot-off'} />
        {connections > 0 ? 'bot connected' : 'bot not connected'}
      </span>
    </div>
  );
}
