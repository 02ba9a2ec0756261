import { type RefObject, useLayoutEffect, useRef } from 'react';

/** How close to its end a list must be to follow what is added there, in pixels. */
const NEAR_END = 80;

/** Keeps a list at its end while somebody reads there, and leaves it alone when they have scrolled up. */
export function useFollowEnd(): RefObject<HTMLDivElement | null> {
  const ref = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  useLayoutEffect(() => {
    const list = ref.current;
    if (!list) return;
    const look = () => {
      atEnd.current = list.scrollHeight - list.scrollTop - list.clientHeight < NEAR_END;
    };
    list.addEventListener('scroll', look, { passive: true });
    return () => list.removeEventListener('scroll', look);
  }, []);
  useLayoutEffect(() => {
    const list = ref.current;
    if (list && atEnd.current) list.scrollTop = list.scrollHeight;
  });
  return ref;
}
