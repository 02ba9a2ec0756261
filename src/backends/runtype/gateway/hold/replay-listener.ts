/** Tested in test/backends/runtype/gateway/hold/replay-buffer.test.ts. */
import type { BufferLease } from '../../../../core/ports/buffer-budget.ts';
import type { HttpReply } from '../../../../core/ports/ports.ts';
import { bytesOf } from '../../wire/frames/frame.ts';

/** Of a replay that its application does not read; the replay ends then. */
const UNREAD_MAX_CHARACTERS = 4 * 1024 * 1024;

/** Receives the rest of a response. */
export interface Listener {
  frame(text: string): void;
  end(how: 'ended' | 'cut'): void;
}

/**
 * Writes to a reply in order, within a limit of what the caller has not read.
 * @param lease takes what is not read
 * @param done called once the reply has ended, or can't be written
 * @param onEnd called when the listener must receive nothing more
 */
export function createListener(reply: HttpReply, lease: BufferLease, done: () => void, onEnd: () => void): Listener {
  let unread = 0;
  let writes: Promise<unknown> = Promise.resolve();
  const listener: Listener = {
    frame(text) {
      unread += text.length;
      if (unread > UNREAD_MAX_CHARACTERS || !lease.take(text.length)) {
        listener.end('ended');
        return;
      }
      writes = writes
        .then(() => reply.write(bytesOf(text)))
        .then(() => {
          unread -= text.length;
          lease.give(text.length);
        });
      writes.catch(done);
    },
    end(how) {
      onEnd();
      const close = () => (how === 'ended' ? reply.end() : reply.destroy());
      writes
        .then(close)
        .then(done, done)
        .finally(() => lease.close());
    },
  };
  return listener;
}
