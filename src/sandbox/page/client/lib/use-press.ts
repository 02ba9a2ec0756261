import { useState } from 'react';
import { type Answer, post } from './api.ts';

/** Both platforms' deadline for the acknowledgement of a press. */
const ACK_WITHIN_MS = 3_000;
/** The emulator enforces the 3 s; this covers a server that does not answer. */
const GRACE_MS = 500;

export interface Press {
  /** The button or form that waits for its acknowledgement. */
  pending: string | null;
  failed: boolean;
  send(key: string, path: string, body: unknown): Promise<boolean>;
  clear(): void;
}

/** Sends one press at a time; a press that is not acknowledged within 3 s has failed. */
export function usePress(): Press {
  const [pending, setPending] = useState<string | null>(null);
  const [failed, setFailed] = useState(false);
  return {
    pending,
    failed,
    async send(key, path, body) {
      setFailed(false);
      setPending(key);
      const late = new Promise<null>((resolve) => setTimeout(resolve, ACK_WITHIN_MS + GRACE_MS, null));
      const inTime = wasAcked(await Promise.race([post(path, body), late]));
      setPending(null);
      setFailed(!inTime);
      return inTime;
    },
    clear: () => setFailed(false),
  };
}

function wasAcked(answer: Answer | null): boolean {
  if (!answer?.ok) return false;
  const { acked, afterMs } = answer.data as { acked?: unknown; afterMs?: unknown };
  return acked === true && !(typeof afterMs === 'number' && afterMs > ACK_WITHIN_MS);
}
