/** Which runs can be started from chat, and by whom. */
import { entriesOf, parseEach } from '../text/settings/entries.ts';
import { type PlatformIds, parseReviewer, type Reviewer } from './reviewers.ts';

/** A flow or an agent under the name that people type. */
export interface RunTarget {
  name: string;
  kind: 'agent' | 'flow';
  /** At the backend. */
  id: string;
}

/** Fits what people type on a phone, and what Discord offers as a choice. */
const namePattern = /^[a-z0-9][a-z0-9-]{0,31}$/;
export const EVERY_RUN = '*';

/**
 * Reads `refunds=flow:flow_123, desk=agent:agent_456`.
 * @throws Error that names the entry and says what it should look like
 */
export function parseRuns(text: string): readonly RunTarget[] {
  const runs = new Map<string, RunTarget>();
  parseEach(namedIn(text), ({ entry, name, value }) => {
    const [, kind, id] = /^(agent|flow):(\S+)$/.exec(value) ?? [];
    if (!namePattern.test(name) || kind === undefined || id === undefined) {
      throw new Error(
        `"${entry}" is not a valid run. Write NAME=flow:<flow id> or NAME=agent:<agent id>; a name has up to 32 of a-z, 0-9 and -.`,
      );
    }
    if (runs.has(name)) throw new Error(`"${entry}" repeats the name of an earlier entry.`);
    runs.set(name, { name, kind: kind as RunTarget['kind'], id });
  });
  return [...runs.values()];
}

/**
 * Reads `refunds=slack:U0123|discord:role:1011, *=discord:789`: people as among the reviewers, separated by `|`; `*`
 * means every run. Empty: no starters.
 * @throws Error that names the entry and says what it should look like
 */
export function parseStarters(text: string, ids: readonly PlatformIds[]): ReadonlyMap<string, readonly Reviewer[]> {
  const starters = new Map<string, readonly Reviewer[]>();
  parseEach(namedIn(text), ({ entry, name, value }) => {
    const people = value.split('|').map((one) => one.trim());
    if ((name !== EVERY_RUN && !namePattern.test(name)) || people.includes('')) {
      throw new Error(`"${entry}" is not valid. Write NAME=<reviewer>|<reviewer>, or *=… for every run.`);
    }
    starters.set(name, [...(starters.get(name) ?? []), ...parseEach(people, (one) => parseReviewer(one, ids))]);
  });
  return starters;
}

function namedIn(text: string): { entry: string; name: string; value: string }[] {
  return entriesOf(text).map((entry) => {
    const at = entry.indexOf('=');
    return { entry, name: entry.slice(0, Math.max(0, at)).trim(), value: at < 0 ? '' : entry.slice(at + 1).trim() };
  });
}

/** What `RUN_STARTERS` names and `RUNS` does not. */
export function unknownStarters(
  runs: readonly RunTarget[],
  starters: ReadonlyMap<string, readonly Reviewer[]>,
): string[] {
  return [...starters.keys()].filter((name) => name !== EVERY_RUN && !runs.some((run) => run.name === name));
}
