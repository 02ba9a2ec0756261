import { useEffect, useState } from 'react';

/** What was there when the page was opened counts as read. Milliseconds since 1970. */
export const OPENED_AT = Date.now();

/**
 * How many messages of each channel came while another channel was shown.
 * @param current the channel that is shown; its messages are read
 */
export function useUnread(
  messages: readonly { channel: string; at: number }[],
  current: string,
): (channel: string) => number {
  const [readTo, setReadTo] = useState<Readonly<Record<string, number>>>({});
  const newest = messages.reduce((last, { channel, at }) => (channel === current ? Math.max(last, at) : last), 0);
  useEffect(() => {
    setReadTo((before) => ({ ...before, [current]: Math.max(before[current] ?? OPENED_AT, newest) }));
  }, [current, newest]);
  return (channel) =>
    channel === current
      ? 0
      : messages.filter((message) => message.channel === channel && message.at > (readTo[channel] ?? OPENED_AT)).length;
}
