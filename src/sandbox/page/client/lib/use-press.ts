import { useState } from 'react';
import { type Answer, post } from './api.ts';

/** What both platforms give an app to acknowledge a press. */
const ACK_WITHIN_MS = 3_000;
/** The emulator counts the 3 s itself; this is for one that does not answer at all. */
const GRACE_MS = 500;

export interface Press {
  /** The button, or form, whose answer is awaited. */
  pending: string | null;
  failed: boolean;
  send(key: string, path: string, body: unknown): Promise<boolean>;
  clear(): void;
}

/** One press at a time, and how it ended as the person sees it: not acknowledged within 3 s is a failure. */
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
