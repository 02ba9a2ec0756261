/** A line of a digest in place of a card: what it says of one question, by its marker. */
import { nameOf } from '../script/people.ts';
import type { Says } from '../world/rooms.ts';

/** As cards do, it names who decided only once the decision is confirmed. Of a line, or of the whole where all are decided alike: ` · approved by Dana Reyes`. */
const states: readonly [RegExp, Says][] = [
  [/ (?:pressed \w+|chose to take over|wrote an answer|sent an? \w+), sending$/, 'pending'],
  [/ (?:pressed \w+|chose to take over|wrote an answer|sent an? \w+), unconfirmed$/, 'unconfirmed'],
  [/ (?:pressed \w+|chose to take over|wrote an answer|sent an? \w+), not delivered$/, 'failed'],
  [/approved by ([A-Z]\w+ [A-Z]\w+|[a-z]+)$/, 'approved'],
  [/rejected by ([A-Z]\w+ [A-Z]\w+|[a-z]+)$/, 'rejected'],
  [/answered by ([A-Z]\w+ [A-Z]\w+|[a-z]+)$/, 'answered'],
  [/ · claimed by ([A-Z]\w+ [A-Z]\w+|[a-z]+)$/, 'held'],
  [/taken over by ([A-Z]\w+ [A-Z]\w+|[a-z]+)$/, 'taken_over'],
  [/decided elsewhere$/, 'elsewhere'],
  [/expired$/, 'expired'],
];

export interface LineSeen {
  says: Says;
  by: string | null;
}

export function isDigest(text: string): boolean {
  return /^\S+ \d+ × |^\d+ × /m.test(text);
}

/** Null: it has no line there, or has been shown apart from it. */
export function lineIn(text: string, marker: string): LineSeen | null {
  const lines = text.split('\n');
  const line = lines.find((one) => /^\S+ \d+\. /.test(one) && one.includes(marker));
  if (line === undefined) {
    // All alike, and over: one line says how, and another what they were about.
    const all = /^(?:\*\*)?\d+ (.+ by .+|decided elsewhere|expired|cancelled)\.(?:\*\*)?$/m.exec(text)?.[1];
    return all !== undefined && text.includes(marker) ? stateOf(all) : null;
  }
  if (line.endsWith(' · moved to its own message')) return null;
  return stateOf(line);
}

function stateOf(words: string): LineSeen {
  for (const [pattern, says] of states) {
    const found = pattern.exec(words);
    if (found !== null) return { says, by: nameOf(found[1] ?? null) };
  }
  return { says: /^⏳/u.test(words) ? 'open' : 'other', by: null };
}

/** Whether a digest, as it was sent, calls this decided. */
export function callsDecided(json: string, marker: string): boolean {
  const line = json.split('\\n').find((one) => one.includes(marker));
  return line !== undefined && / · (?:approved|rejected|answered) by (?:[A-Z]\w+ [A-Z]\w+|[a-z]+)(?!, |\w)/.test(line);
}
