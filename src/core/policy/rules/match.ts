/**
 * What the patterns of `match` and the expressions of `when` see of a pause. Names that agents give themselves are among it:
 * an agent can call itself anything, its ID and its backend it can't choose. Tested in test/core/policy/rules/route.test.ts.
 */
import type { Pause } from '../../approval/pause/pause.ts';
import type { Subject } from '../../approval/subject.ts';
import { matchesAny } from '../../text/glob.ts';
import { ASKER_MARK, labelsOf } from '../tags.ts';
import { type Facts, type MatchKey, matchKeys, type Rule } from './document.ts';

/** What picks the rule. */
export type Routed = Subject & Pick<Pause, 'room'>;

/** IDs of flows begin so, at the backend that has both flows and agents. */
const FLOW_ID = /^flow[_-]/;

/** The words that each pattern is compared with. */
function wordsOf(key: MatchKey, pause: Routed): readonly string[] {
  const { backend, kind, tool, asker, askerId = null, room } = pause;
  switch (key) {
    case 'backend':
      return [backend];
    case 'kind':
      return [kind];
    case 'tool':
      return [tool];
    case 'asker':
      return askersOf(pause);
    case 'agent':
      return isFlow(pause) ? [] : askersOf(pause);
    case 'flow': {
      const { workflow } = pause.parameters;
      const named = kind === 'item' && typeof workflow === 'string' ? [workflow] : [];
      const isKnownAgent = askerId !== null && !isFlow(pause) && named.length === 0;
      return [...named, ...(isKnownAgent || asker === null ? [] : askersOf(pause))];
    }
    case 'tag':
      return labelsOf(pause);
    case 'room':
      return room === undefined ? [] : [room];
  }
}

/** The whole name, each agent of a chain (`A › B`), and the ID. */
function askersOf({ asker, askerId = null }: Subject): string[] {
  const names = asker === null ? [] : [asker, ...asker.split(ASKER_MARK)];
  return [...names, ...(askerId === null ? [] : [askerId])].map((name) => name.trim());
}

function isFlow({ askerId = null, kind, parameters }: Subject): boolean {
  return (askerId !== null && FLOW_ID.test(askerId)) || (kind === 'item' && typeof parameters['workflow'] === 'string');
}

/** Whether each of a rule's patterns fits. */
export function matches(rule: Pick<Rule, 'match'>, pause: Routed): boolean {
  return misfitOf(rule, pause) === null;
}

/** The first of a rule's keys of which no pattern fits, and what the request has there; null: all fit. */
export function misfitOf(
  { match }: Pick<Rule, 'match'>,
  pause: Routed,
): { key: MatchKey; has: readonly string[] } | null {
  for (const key of matchKeys) {
    const patterns = match[key];
    const has = wordsOf(key, pause);
    if (patterns !== undefined && !has.some((word) => matchesAny(patterns, word))) return { key, has };
  }
  return null;
}

/** What an expression sees: the whole request, also what no card shows. */
export function factsOf(
  pause: Routed,
  { now, novelty }: { now: number; novelty: Readonly<Record<string, unknown>> },
): Facts {
  const { backend, kind, tool, key, runId, parameters, asker, askerId = null } = pause;
  const { requester, contact, description, room } = pause;
  return {
    params: parameters,
    pause: {
      backend,
      kind,
      tool,
      key,
      run: runId,
      tags: labelsOf(pause),
      ...(asker !== null && { asker }),
      ...(askerId !== null && { [isFlow(pause) ? 'flow' : 'agent']: askerId }),
      ...(contact !== undefined && { contact: contact.id }),
      ...(description !== null && { description }),
      ...(room !== undefined && { room }),
    },
    ...(asker !== null && { asker }),
    ...(requester !== undefined && { requester }),
    now,
    novel: { ...novelty },
  };
}
