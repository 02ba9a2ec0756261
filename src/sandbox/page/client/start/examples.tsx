import { useState } from 'react';
import { post } from '../lib/api.ts';
import type { State } from '../lib/page-state.ts';
import type { Example, PageInfo } from '../lib/protocol.ts';
import { LegacyToggle } from './legacy-toggle.tsx';
import { remember, remembered } from './remembered.ts';

interface ExamplesProps {
  state: State;
  page: PageInfo;
  /** The example that the guide points at. */
  next: string | null;
}

/** What can be started: three numbered examples, and all others behind *More*. */
export function Examples({ state, page, next }: ExamplesProps) {
  const [isOpen, setOpen] = useState(() => remembered<boolean>('more-open') ?? false);
  // Runs go through the bot's gateway and need it; a backend's own list fills up without it.
  const isRunning = state.one('bot')?.state === 'running';
  const isDisabled = (example: Example) => example.backend === 'runtype' && !isRunning;
  const first = page.examples
    .filter((example) => example.first !== undefined)
    .sort((a, b) => (a.first ?? 0) - (b.first ?? 0));
  const others = page.examples.filter((example) => example.first === undefined);
  const toggle = () => {
    setOpen(!isOpen);
    remember('more-open', !isOpen);
  };
  return (
    <div className="start">
      <div className="start-first">
        {first.map((example) => (
          <button
            key={example.name}
            type="button"
            className={example.name === next ? 'first-example is-next' : 'first-example'}
            data-run={example.name}
            disabled={isDisabled(example)}
            onClick={() => void post('/runs', { name: example.name })}
          >
            <span className="first-number">{example.first}</span>
            <span>
              <b>{example.label}</b> <small>{example.about}</small>
            </span>
          </button>
        ))}
      </div>
      <div className={isOpen ? 'more more-open' : 'more'}>
        <button
          type="button"
          className="more-toggle"
          aria-expanded={isOpen}
          aria-controls="more-examples"
          onClick={toggle}
        >
          {isOpen ? 'Less' : 'More'}
        </button>
        {/* Closed, it is one line that scrolls: everything in it can still be reached. */}
        <div className="more-examples" id="more-examples">
          {others.map((example) => (
            <button
              key={example.name}
              type="button"
              className="run"
              data-run={example.name}
              title={example.about}
              disabled={isDisabled(example)}
              onClick={() => void post('/runs', { name: example.name })}
            >
              {example.label}
              {isOpen && example.about !== example.label && <small>{example.about}</small>}
            </button>
          ))}
          <LegacyToggle legacy={state.one('vocabulary') === 'legacy'} />
        </div>
      </div>
    </div>
  );
}
