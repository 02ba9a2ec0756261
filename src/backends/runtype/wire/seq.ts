/** The `seq` that numbers the events of a stream. Tested in test/backends/hostile.test.ts and test/backends/runtype/gateway/continuation-writer.test.ts. */
import { toJson } from '../../../core/text/json.ts';
import { type Frame, fieldsOf, toLatin1 } from './frames.ts';
import { isRecord } from './json-body.ts';

/** The frame with another `seq`, as latin1; every other byte of it stays. */
export function withSeq(frame: Frame, seq: number): string {
  const json = frame.json();
  if (!isRecord(json) || json['seq'] === seq) return frame.raw;
  const { event, id, data } = fieldsOf(frame.raw);
  const own = data === null || data.includes('\n') ? null : ownSeq(data);
  if (data !== null && own !== null) {
    const from = frame.raw.indexOf(data) + own.index;
    return `${frame.raw.slice(0, from)}"seq":${seq}${frame.raw.slice(from + own.length)}`;
  }
  const head = `${id === null ? '' : `id: ${id}\n`}${event === null ? '' : `event: ${event}\n`}`;
  return `${head}data: ${toLatin1(toJson({ ...json, seq }))}\n\n`;
}

const seqValue = /\s*:\s*-?\d+(?![\d.eE])/y;

/** Where the event's own `seq` is: a call's parameters or its result may contain thousands of others. */
function ownSeq(data: string): { index: number; length: number } | null {
  let depth = 0;
  let own: { index: number; length: number } | null = null;
  for (let at = 0; at < data.length; at += 1) {
    const character = data[at];
    if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') depth -= 1;
    else if (character === '"') {
      const end = stringEnd(data, at);
      seqValue.lastIndex = end;
      // Of two, the last one counts, as for every parser.
      if (depth === 1 && end - at === 5 && data.startsWith('"seq"', at) && seqValue.test(data)) {
        own = { index: at, length: seqValue.lastIndex - at };
      }
      at = end - 1;
    }
  }
  return own;
}

/** The index after the quote that closes the JSON string which begins here. */
function stringEnd(data: string, start: number): number {
  for (let at = start + 1; at < data.length; at += 1) {
    if (data[at] === '\\') at += 1;
    else if (data[at] === '"') return at + 1;
  }
  return data.length;
}

/** The `seq` of an event's JSON; null where it has none. */
export function seqIn(data: string): number | null {
  try {
    const json: unknown = JSON.parse(data);
    return isRecord(json) && typeof json['seq'] === 'number' ? json['seq'] : null;
  } catch {
    return null;
  }
}
