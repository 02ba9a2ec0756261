import { type ReactNode, useState } from 'react';

interface ThreadProps {
  /** The id of the message, or of the forum post, that the thread belongs to. */
  of: string;
  /** The platform's prefix of class names: `s` or `d`. */
  platform: 's' | 'd';
  /** The thread's name, where the platform shows one. */
  title?: string;
  /** `3 replies`, as the platform words it. */
  count: string;
  children: ReactNode;
}

/**
 * A thread, folded to one line until a click opens it. As in both clients, a message that was posted only in a thread
 * is not in the channel and marks nothing as unread.
 */
export function Thread({ of, platform, title, count, children }: ThreadProps) {
  const [open, setOpen] = useState(false);
  return (
    <div className={`${platform}-thread`} data-testid="thread" data-of={of}>
      <button type="button" className={`${platform}-thread-toggle`} aria-expanded={open} onClick={() => setOpen(!open)}>
        {title !== undefined && <b>{title}</b>}
        <span className="thread-count">{count}</span>
        <span className="thread-hint">{open ? 'Hide thread' : 'View thread'}</span>
      </button>
      {open && children}
    </div>
  );
}

/** `1 reply`, `2 replies`. */
export function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
