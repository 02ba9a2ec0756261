import { type ReactNode, useEffect, useState } from 'react';
import { clockTime } from '../text/dates.ts';
import { OPENED_AT } from './use-unread.ts';

interface ThreadProps {
  /** The id of the message, or of the forum post, that the thread belongs to. */
  of: string;
  /** The platform's prefix of class names: `s` or `d`. */
  platform: 's' | 'd';
  /** The thread's name, where the platform shows one. */
  title?: string;
  /** `3 replies`, as the platform words it. */
  count: string;
  /** When each message that everyone sees was posted, oldest first; milliseconds since 1970. */
  times: readonly number[];
  children: ReactNode;
}

/**
 * A thread, folded to one line until a click opens it. As in both clients, a message that was posted only in a thread
 * is not in the channel and does not mark the channel as unread; the line of the thread says how many are new.
 */
export function Thread({ of, platform, title, count, times, children }: ThreadProps) {
  const [open, setOpen] = useState(false);
  const [readTo, setReadTo] = useState(OPENED_AT);
  const last = times.at(-1) ?? 0;
  useEffect(() => {
    if (open) setReadTo((before) => Math.max(before, last));
  }, [open, last]);
  const unread = open ? 0 : times.filter((time) => time > readTo).length;
  return (
    <div className={`${platform}-thread`} data-testid="thread" data-of={of} data-unread={unread}>
      <button type="button" className={`${platform}-thread-toggle`} aria-expanded={open} onClick={() => setOpen(!open)}>
        {title !== undefined && <b>{title}</b>}
        <span className="thread-count">{count}</span>
        {unread > 0 && <span className="thread-new">{unread} new</span>}
        <span className="thread-hint">
          {open || last === 0 ? '' : `Last ${clockTime(new Date(last))} · `}
          {open ? 'Hide thread' : 'View thread'}
        </span>
      </button>
      {open && children}
    </div>
  );
}

/** `1 reply`, `2 replies`. */
export function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
