import type { MouseEvent } from 'react';

const places = [
  { name: 'Slack', selector: '.slack' },
  { name: 'Discord', selector: '.discord' },
  { name: 'Backends', selector: '.panels' },
];

/** Moves to a part of the page, and the focus with it. The address stays, because it holds the selected person. */
export function jumpTo(selector: string, event: MouseEvent): void {
  event.preventDefault();
  const part = document.querySelector<HTMLElement>(selector);
  part?.scrollIntoView({ block: 'start' });
  part?.focus({ preventScroll: true });
}

/** On a narrow screen, where the parts are below each other; on a wide one, for the keyboard only. */
export function JumpLinks() {
  return (
    <nav className="jump" aria-label="Parts of the page">
      {places.map(({ name, selector }) => (
        <a key={name} href={location.hash || '#'} onClick={(event) => jumpTo(selector, event)}>
          {name}
        </a>
      ))}
    </nav>
  );
}
