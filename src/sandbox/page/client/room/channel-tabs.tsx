import { type ReactNode, useState } from 'react';

interface Channel {
  id: string;
  name: string;
  /** Of direct messages with the bot: only their person has this tab. */
  direct?: boolean;
}

/** The channel that is looked at; the bot's own room when the chosen one is gone. */
export function useChannel(main: string, channels: readonly Channel[]): [string, (id: string) => void] {
  const [chosen, choose] = useState(main);
  return [channels.some((channel) => channel.id === chosen) ? chosen : main, choose];
}

interface ChannelTabsProps {
  channels: readonly Channel[];
  current: string;
  connections: number;
  onChoose: (id: string) => void;
  /** Behind the rooms. */
  children?: ReactNode;
}

/** The rooms in which something was said, and whether the bot is there. */
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
