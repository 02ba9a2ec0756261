/**
 * Whether two requests are the same but for what a rule lets vary. Pure. Tested in
 * test/core/policy/grants/likeness.test.ts.
 */
import type { Approval } from '../../approval/approval.ts';
import { precedentKey } from '../../approval/precedent.ts';
import { boundFields, type Subject } from '../../approval/subject.ts';
import { MASK } from '../../mask/mask.ts';
import { canonical } from '../../text/canonical.ts';
import { isBranch, isNumber, isRecord } from '../../text/json.ts';

/** Texts to compare, or to keep a hash of: they hold what the request holds. */
export interface Likeness {
  /** The same for requests of one tool and asker. */
  key: string;
  /** The same for requests that differ in nothing but what may vary. */
  same: string;
  /** The names and types of all arguments, those that may vary too. */
  shape: string;
}

/** Of which tool and asker a request is, and the shape of its arguments; null: they can't be shown, or it asks in words. */
export function argumentsOf(pause: Subject, via: Approval['via']): Omit<Likeness, 'same'> | null {
  const { parameters, unshowable, missing, asker, askerId = null } = pause;
  // All that a backend without names for its askers sends would be of one asker.
  const isOfAsker = asker !== null || askerId !== null;
  const key = isOfAsker && unshowable === undefined && missing === undefined ? precedentKey(pause, via) : null;
  return key === null ? null : { key, shape: canonical(shapeOf(parameters)) };
}

/** What each request has of its own; the agent words its reason anew each time. */
const ownFields: ReadonlySet<string> = new Set(['parameters', 'key', 'runId', 'reason']);

/**
 * @param pause as it is stored
 * @param vary paths as rules write them: `params.note`
 * @returns null: something of it is masked, ambiguous, not sent or can't be shown, so that it can't be compared
 */
export function likenessOf(pause: Subject, via: Approval['via'], vary: readonly string[]): Likeness | null {
  const { parameters, hidden, repeated = [] } = pause;
  const known = argumentsOf(pause, via);
  // A value that people are not shown is compared; one that the backend did not send could be any.
  const isWhole = repeated.length === 0 && hidden.every((name) => Object.hasOwn(parameters, name));
  if (known === null || !isWhole) return null;
  const kept = fixedPart(parameters, vary);
  const bound = Object.fromEntries(boundFields.filter((one) => !ownFields.has(one)).map((one) => [one, pause[one]]));
  const same = canonical({
    ...bound,
    actions: [...pause.actions].sort(),
    hidden: [...hidden].sort(),
    parameters: kept,
  });
  return same.includes(MASK) ? null : { ...known, same };
}

/** The arguments without those that may vary. */
export function fixedPart(parameters: Record<string, unknown>, vary: readonly string[]): Record<string, unknown> {
  return vary.reduce((rest, path) => without(rest, path.split('.').slice(1)), parameters);
}

function without(value: Record<string, unknown>, [name, ...inner]: readonly string[]): Record<string, unknown> {
  if (name === undefined || !Object.hasOwn(value, name)) return value;
  const entries = Object.entries(value);
  if (inner.length === 0) return Object.fromEntries(entries.filter(([key]) => key !== name));
  return Object.fromEntries(
    entries.map(([key, part]) => [key, key === name && isRecord(part) ? without(part, inner) : part]),
  );
}

/** A list has the shapes of what it holds, each once: its length is not a part of it. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) {
    const shapes = new Map(value.map((item) => [canonical(shapeOf(item)), shapeOf(item)]));
    return [...shapes.keys()].sort().map((text) => shapes.get(text));
  }
  if (isBranch(value)) return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, shapeOf(part)]));
  if (isNumber(value)) return 'number';
  return value === null ? 'null' : typeof value;
}
