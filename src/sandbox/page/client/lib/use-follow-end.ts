import { type RefObject, useLayoutEffect, useRef } from 'react';

/** Distance from its end within which a list follows new items, in pixels. */
const NEAR_END = 80;

/** Keeps a list scrolled to its end, unless the reader has scrolled up. */
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
    // A list that becomes lower, because something above it was opened, still shows its end.
    const size = new ResizeObserver(() => {
      if (atEnd.current) list.scrollTop = list.scrollHeight;
    });
    size.observe(list);
    return () => {
      list.removeEventListener('scroll', look);
      size.disconnect();
    };
  }, []);
  useLayoutEffect(() => {
    const list = ref.current;
    if (list && atEnd.current) list.scrollTop = list.scrollHeight;
  });
  return ref;
}
