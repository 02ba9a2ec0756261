import { type RefObject, useEffect, useRef } from 'react';

/** The open dialogs, the newest last. */
const open: HTMLElement[] = [];
/** What had the focus last, outside of every dialog; a pressed button loses it while its press is pending. */
let outside: HTMLElement | null = null;
/** The room that it is in: a claimed card draws its buttons anew, and then the pressed one is in none. */
let outsideRoom: HTMLElement | null = null;

if (typeof document !== 'undefined') {
  document.addEventListener('focusin', ({ target }) => {
    if (target instanceof HTMLElement && !open.some((dialog) => dialog.contains(target))) {
      outside = target;
      outsideRoom = target.closest<HTMLElement>('section');
    }
  });
}

/** The dialog that keys belong to: the one with the focus, or the newest one if none has it. */
function current(): HTMLElement | undefined {
  return open.findLast((dialog) => dialog.contains(document.activeElement)) ?? open.at(-1);
}

const FIELDS = 'input, textarea, select';
const CONTROLS = 'a[href], button:enabled, input:enabled, textarea:enabled, select:enabled, summary';

/**
 * The keyboard of a dialog: focuses its first field when it opens, keeps Tab inside, closes it on Escape wherever the
 * focus is (a disabled button loses it), and returns the focus when it closes.
 */
export function useDialog<E extends HTMLElement = HTMLFormElement>(close: () => void): RefObject<E | null> {
  const ref = useRef<E>(null);
  const onClose = useRef(close);
  onClose.current = close;
  useEffect(() => {
    const dialog = ref.current;
    if (!dialog) return;
    const [opener, room] = [outside, outsideRoom];
    open.push(dialog);
    const field = dialog.querySelector<HTMLElement>(FIELDS) ?? dialog.querySelector<HTMLElement>('footer button');
    field?.focus();
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || current() !== dialog) return;
      if (event.key === 'Escape') {
        event.preventDefault();
        onClose.current();
      } else if (event.key === 'Tab') keepInside(dialog, event);
    };
    document.addEventListener('keydown', onKey);
    return () => {
      document.removeEventListener('keydown', onKey);
      open.splice(open.indexOf(dialog), 1);
      // A decided card has no buttons any more: then its room has the focus, so that reading continues there.
      requestAnimationFrame(() => {
        if (document.activeElement !== document.body) return;
        if (opener?.isConnected === true) opener.focus();
        else room?.focus();
      });
    };
  }, []);
  return ref;
}

function keepInside(dialog: HTMLElement, event: KeyboardEvent): void {
  const controls = [...dialog.querySelectorAll<HTMLElement>(CONTROLS)];
  const [first, last] = [controls[0], controls.at(-1)];
  const focused = document.activeElement;
  const leaves = !dialog.contains(focused) || focused === (event.shiftKey ? first : last);
  if (!leaves) return;
  event.preventDefault();
  (event.shiftKey ? last : first)?.focus();
}

/** Focuses the first wrong field each time that errors arrive. @param errors another object for each arrival */
export function useFocusOnError(dialog: RefObject<HTMLElement | null>, errors: object): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the arrival itself is what counts.
  useEffect(() => {
    dialog.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [dialog, errors]);
}
