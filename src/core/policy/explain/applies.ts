/** Why a rule applies to a request, and why those before it do not. Tested in test/core/policy/explain/explain.test.ts. */
import type { Rule } from '../rules/document.ts';
import { factsOf, misfitOf, type Routed } from '../rules/match.ts';
import type { Circumstances } from '../rules/route.ts';
import { foreign, listed } from './words.ts';

/** Why this rule fits the request, as clauses; empty: it takes everything. @param failed its condition has an error */
export function fitOf({ match, when }: Pick<Rule, 'match' | 'when'>, failed: boolean): string[] {
  const keys = Object.entries(match).map(([key, patterns]) => `the ${key} matches ${listed([...patterns], 'or')}`);
  if (when === null) return keys;
  return [...keys, failed ? 'its condition has an error' : `its condition is true: ${when.text}`];
}

/** Why a rule before the one that applies did not decide, as a sentence. */
export function passedText(rule: Rule, pause: Routed, { now, novelty = {} }: Circumstances): string {
  const name = `“${rule.name}”`;
  const misfit = misfitOf(rule, pause);
  if (misfit !== null) {
    const { key, has } = misfit;
    const wanted = listed([...(rule.match[key] ?? [])], 'or');
    const found = has.length === 0 ? `this request has no ${key}` : `here it is ${listed(has.map(foreign))}`;
    return `${name} is for the ${key} ${wanted}; ${found}.`;
  }
  const verdict = rule.when?.evaluate(factsOf(pause, { now, novelty })) ?? { type: 'fits' };
  const { text = '' } = rule.when ?? {};
  switch (verdict.type) {
    case 'fits_not':
      return `${name} does not fit, because its condition is false here: ${text}`;
    case 'missing':
      return `${name} does not fit, because its condition needs ${verdict.field === undefined ? 'something' : foreign(verdict.field)}, which this request does not have: ${text}`;
    case 'failed':
      return `${name} only watches, and its condition could not be evaluated (${verdict.message}): ${text}`;
    case 'fits':
      return `${name} fits, but is on trial (mode: watch) and decides nothing. It would have ${watchedText(rule)}.`;
  }
}

function watchedText({ standing }: Rule): string {
  if (standing !== null)
    return standing === 'approve' ? 'approved this without a person' : 'rejected this without a person';
  return 'applied';
}
