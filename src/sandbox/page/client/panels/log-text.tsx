import { memo } from 'react';
import { num, obj, str } from '../lib/json.ts';

const levels: Record<number, string> = { 10: 'trace', 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' };
const shownOtherwise = new Set(['level', 'time', 'msg', 'pid', 'hostname']);

/** A line of the bot's log: pino's JSON as text, anything else unchanged. */
export const LogText = memo(function LogText({ text }: { text: string }) {
  const entry = parse(text);
  const level = levels[num(entry['level']) ?? 0];
  if (level === undefined) return <p className="log-line">{text}</p>;
  const rest = Object.entries(entry).filter(([key]) => !shownOtherwise.has(key));
  return (
    <p className={`log-line log-${level}`}>
      <span className="log-level">{level}</span> {str(entry['msg'])}{' '}
      <span className="log-rest">
        {rest.map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`).join(' ')}
      </span>
    </p>
  );
});

function parse(text: string) {
  try {
    return obj(JSON.parse(text));
  } catch {
    return {};
  }
}
