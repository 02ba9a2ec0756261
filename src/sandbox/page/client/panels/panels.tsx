import type { State } from '../lib/page-state.ts';
import type { ApplicationRun, LogLine } from '../lib/protocol.ts';
import { useFollowEnd } from '../lib/use-follow-end.ts';
import { BackendPanel, RuntypePanel } from './call-panels.tsx';
import { Dashboards } from './dashboards.tsx';
import { LogText } from './log-text.tsx';

/** The panels beside the rooms: the backends, the application and the bot's log. */
export function Panels({ state }: { state: State }) {
  const newestFirst = state.all('run').sort((a, b) => b.id - a.id);
  const lines = state.all('runtype').sort((a, b) => a.number - b.number);
  const backend = state.all('backend').sort((a, b) => a.number - b.number);
  const log = state.all('log').sort((a, b) => a.number - b.number);
  return (
    <aside className="panels" aria-label="Backends, application and log" tabIndex={-1}>
      <Dashboards items={state.all('dashboard')} />
      <details open className="panel" data-testid="application-panel">
        <summary>What the application saw</summary>
        <div className="panel-body">
          {newestFirst.length === 0 && <p className="panel-empty">No runs yet.</p>}
          {newestFirst.map((run) => (
            <Run key={run.id} run={run} />
          ))}
        </div>
      </details>
      <RuntypePanel lines={lines} />
      {(['sonzai', 'hookpulse'] as const).map((name) => (
        <BackendPanel key={name} backend={name} lines={backend.filter((line) => line.backend === name)} />
      ))}
      <details className="panel" data-testid="bot-log">
        <summary>Bot log</summary>
        <Log lines={log} />
      </details>
    </aside>
  );
}

const endWords: Record<NonNullable<ApplicationRun['end']>['how'], string> = {
  complete: 'complete',
  error: 'error',
  paused: 'ended at a pause',
  unfinished: 'no final event',
  cut: 'cut',
  refused: 'refused',
};

function Run({ run }: { run: ApplicationRun }) {
  const end = run.end;
  return (
    <div className="line" data-testid="application-run" data-end={end?.how ?? 'open'}>
      <p className="line-head">
        <b>{run.label}</b>
        {run.vocabulary === 'legacy' && <small>legacy</small>}
        <span className={`tag tag-${end?.how ?? 'open'}`}>{end ? endWords[end.how] : 'stream is open'}</span>
      </p>
      {run.text !== '' && <p className="said">{run.text}</p>}
      {end && end.detail !== '' && <p className="detail">{end.detail}</p>}
      <p className="events">
        {run.events.map(({ type, count }) => (count > 1 ? `${type} ×${count}` : type)).join(' · ')}
      </p>
    </div>
  );
}

function Log({ lines }: { lines: LogLine[] }) {
  const end = useFollowEnd();
  return (
    <div className="panel-body log" ref={end}>
      {lines.length === 0 && <p className="panel-empty">No log lines yet.</p>}
      {lines.map((line) => (
        <LogText key={line.number} text={line.text} />
      ))}
    </div>
  );
}
