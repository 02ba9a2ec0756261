import { type RefObject, useEffect, useRef } from 'react';

/** Focuses a dialog's first field when it opens, and closes the dialog on Escape. */
export function useDialog(close: () => void): RefObject<HTMLFormElement | null> {
  const ref = useRef<HTMLFormElement>(null);
  const onClose = useRef(close);
  onClose.current = close;
  useEffect(() => {
    const dialog = ref.current;
    if (!dialog) return;
    const field =
      dialog.querySelector<HTMLElement>('input, textarea, select') ??
      dialog.querySelector<HTMLElement>('footer button');
    field?.focus();
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape') onClose.current();
    };
    dialog.addEventListener('keydown', onKey);
    return () => dialog.removeEventListener('keydown', onKey);
  }, []);
  return ref;
}
