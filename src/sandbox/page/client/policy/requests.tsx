import { post } from '../lib/api.ts';
import type { State } from '../lib/page-state.ts';
import type { PageInfo } from '../lib/protocol.ts';
import { countText } from './takes.tsx';
import type { PolicyEditing } from './use-policy.ts';

/** One request for each rule of the first policy, and what the draft says of it. */
export function Requests({ state, page, editing }: { state: State; page: PageInfo; editing: PolicyEditing }) {
  const isRunning = state.one('bot')?.state === 'running';
  return (
    <div className="requests">
      {page.examples.map(({ name, byRule }) => {
        if (byRule === undefined) return null;
        const met = editing.preview?.requests.find((request) => request.name === name);
        return (
          <button
            key={name}
            type="button"
            className={`request request-${met?.decides.replace(' ', '-') ?? 'people'}`}
            data-run={name}
            disabled={!isRunning}
            title={met?.verdict}
            onClick={() => void post('/runs', { name })}
          >
            <b>{byRule}</b>
            <small>
              {met === undefined ? ' ' : [countText(met), met.rule].filter((one) => one !== null).join(': ')}
            </small>
          </button>
        );
      })}
    </div>
  );
}
