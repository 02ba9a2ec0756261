import type { BackendLine, PolledBackend, RuntypeLine } from '../lib/protocol.ts';
import { useFollowEnd } from '../lib/use-follow-end.ts';

interface CallProps {
  backend: 'runtype' | PolledBackend;
  call: { method: string; path: string; body: unknown; status: number; effect: boolean };
  /** The caller, or how often the call was made. */
  note?: string | undefined;
  /** Its status is as expected, whatever it is. */
  expected?: boolean;
}

function Call({ backend, call, note, expected = false }: CallProps) {
  const isError = !expected && (call.status >= 400 || call.status === 0);
  return (
    <div
      className="line"
      data-testid={`${backend}-call`}
      data-path={call.path}
      data-effect={call.effect}
      data-status={call.status}
    >
      <p className="line-head">
        <code>
          {call.method} {call.path}
        </code>
        {note !== undefined && <small>{note}</small>}
        {call.effect && <span className="tag tag-effect">decided</span>}
        <span className={isError ? 'tag tag-error' : 'tag'}>{call.status === 0 ? 'no answer' : call.status}</span>
      </p>
      {call.body !== null && <pre>{JSON.stringify(call.body, null, 1)}</pre>}
    </div>
  );
}

export function RuntypePanel({ lines }: { lines: RuntypeLine[] }) {
  const end = useFollowEnd();
  return (
    <details open className="panel" data-testid="runtype-panel">
      <summary>What Runtype received</summary>
      <div className="panel-body" ref={end}>
        {lines.length === 0 && <p className="panel-empty">No calls yet.</p>}
        {lines.map((line) =>
          line.kind === 'run' ? (
            <p key={line.number} className="run-state">
              {line.executionId} is {line.state}
            </p>
          ) : (
            <Call
              key={line.number}
              backend="runtype"
              call={line}
              expected={line.healthCheck && line.status === 404}
              note={line.healthCheck ? healthCheckNote(line.times) : `from ${line.caller}`}
            />
          ),
        )}
      </div>
    </details>
  );
}

/** The bot asks for something that does not exist: 404 says that Runtype responds and knows the key. */
function healthCheckNote(times: number): string {
  return times > 1 ? `health check by the bot, ${times} times` : 'health check by the bot';
}

const names: Record<PolledBackend, string> = { sonzai: 'Sonzai', hookpulse: 'HookPulse' };

/** Opens automatically once it shows more than polls of an empty list. */
export function BackendPanel({ backend, lines }: { backend: PolledBackend; lines: BackendLine[] }) {
  const end = useFollowEnd();
  const eventful = lines.some((line) => line.kind === 'change' || line.method !== 'GET');
  return (
    <details open={eventful} className="panel" data-testid={`${backend}-panel`}>
      <summary>What {names[backend]} received</summary>
      <div className="panel-body" ref={end}>
        {lines.length === 0 && <p className="panel-empty">No calls yet.</p>}
        {lines.map((line) =>
          line.kind === 'change' ? (
            <p key={line.number} className="run-state">
              {line.text}
            </p>
          ) : (
            <Call
              key={line.number}
              backend={backend}
              call={line}
              note={line.times > 1 ? `${line.times} times` : undefined}
            />
          ),
        )}
      </div>
    </details>
  );
}
