/**
 * Why this request is with these people: the sentences of `policy explain`, for those who read *Details*. Tested in
 * test/core/view/details/policy-section.test.ts.
 */

import { maskText } from '../../mask/text.ts';
import type { Explanation } from '../../policy/explain/explain.ts';
import { clip } from '../../text/clip.ts';
import { revealLine } from '../../text/visible/reveal.ts';
import type { Line } from '../card.ts';
import type { Section } from './sections.ts';

/** Of one sentence, characters: a condition can be long. */
const SENTENCE_MAX = 600;
/** Of the rules that come before the one that applies. */
const PASSED_MAX = 10;

/** @param explanation with the state of the approval, where it is stored */
export function policySection(explanation: Explanation & { state?: readonly string[] }): Section {
  const { verdict, why, actions, members, where, steps, notes, passed, state = [] } = explanation;
  const more = passed.length - PASSED_MAX;
  const lines = [
    verdict,
    ...state,
    why,
    ...actions.map(({ word, text }) => `${word}: ${text}`),
    ...members.map(({ name, text }) => `${name}: ${text}`),
    where,
    ...steps.map(({ when, what }) => `While it waits, ${when}: ${what}`),
    ...notes,
    ...passed.slice(0, PASSED_MAX).map((text) => `Rule before it: ${text}`),
    ...(more > 0 ? [`${more} more rules before it do not apply.`] : []),
  ];
  return { kind: 'lines', label: 'Policy', lines: lines.map(lineOf) };
}

/** What of it others wrote is in quotation marks already; here it also stays on its line, and its secrets are masked. */
function lineOf(text: string): Line {
  return [clip(revealLine(maskText(text).value), SENTENCE_MAX)];
}
