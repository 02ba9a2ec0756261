import type { Persona, WaitingRequest } from '../lib/protocol.ts';
import { countText, isSameTakes, TakesView } from './takes.tsx';
import type { PolicyEditing } from './use-policy.ts';

/** What waits, who may decide it now, and what the draft would change. */
export function Waiting({ editing, personas }: { editing: PolicyEditing; personas: readonly Persona[] }) {
  const { preview, isChanged } = editing;
  const waiting = preview?.waiting ?? [];
  const changing = waiting.filter(isChanging);
  return (
    <section className="policy-waiting" aria-label="What waits" data-testid="policy-waiting">
      <h2>
        What waits{' '}
        <small className="policy-aside">
          {summaryText(waiting.length, isChanged ? changing.length : null, preview?.version === null)}
        </small>
      </h2>
      <div className="waiting-list">
        {waiting.length === 0 && (
          <p className="waiting-empty">
            Nothing waits for a person. Press one of the requests above: its card appears in the room, and here you see
            which rule it meets and who may decide it.
          </p>
        )}
        {[...waiting].reverse().map((request) => (
          <Request key={request.id} request={request} isChanged={isChanged} personas={personas} />
        ))}
      </div>
    </section>
  );
}

function summaryText(count: number, changing: number | null, isWrong: boolean): string {
  if (count === 0) return '';
  const all = count === 1 ? '1 request' : `${count} requests`;
  if (isWrong) return `${all}; correct the file to see what it would change`;
  if (changing === null) return all;
  return changing === 0 ? `${all}, none would change` : `${all}, ${changing} would change`;
}

function isChanging({ now, after }: WaitingRequest): boolean {
  return after !== null && !isSameTakes(now, after);
}

interface RequestProps {
  request: WaitingRequest;
  isChanged: boolean;
  personas: readonly Persona[];
}

function Request({ request, isChanged, personas }: RequestProps) {
  const { tool, facts, asker, requester, now, after, anew, explanation } = request;
  const changes = isChanged && isChanging(request);
  const by = [asker, requester === null ? null : `asked for by ${requester}`].filter((one) => one !== null);
  return (
    <article
      className={changes ? 'waiting waiting-changes' : 'waiting'}
      data-testid="waiting"
      data-tool={tool}
      data-changes={changes}
    >
      <h3>
        <code>{tool}</code> <small className="waiting-by">{by.join(', ')}</small>
      </h3>
      {facts !== '' && <p className="waiting-facts">{facts}</p>}
      <TakesView label="Now" takes={now} personas={personas} />
      {changes && after !== null && <TakesView label="Once saved" takes={after} before={now} personas={personas} />}
      {isChanged && after !== null && !changes && <p className="waiting-same">Once saved: stays as it is.</p>}
      {anew !== null && (
        <p className="waiting-anew" data-testid="anew" data-people={anew.people}>
          What a request takes is kept from when it was asked. Asked again{isChanged ? ' once this is saved' : ''}:{' '}
          <b>{countText(anew)}</b>
          {anew.rule !== null && <> by “{anew.rule}”</>}.
        </p>
      )}
      <details className="waiting-why">
        <summary>Why</summary>
        <pre>{explanation}</pre>
      </details>
    </article>
  );
}
