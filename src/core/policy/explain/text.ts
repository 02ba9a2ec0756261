/** An explanation as text for a terminal. Tested in test/core/policy/explain/explain.test.ts. */
import type { Subject } from '../../approval/subject.ts';
import { parametersText } from '../../text/parameters.ts';
import { reveal, revealLine } from '../../text/visible/reveal.ts';
import type { Explanation } from './explain.ts';
import { requesterText } from './takes.ts';
import { foreign } from './words.ts';

/** What is asked: only what the request itself says. */
export function requestText({ tool, backend, asker, requester, parameters }: Subject): string {
  const by = asker === null ? '' : `, from ${foreign(asker)}`;
  const from = requester === undefined ? '' : `; ${requesterText(requester)} asked for it`;
  const head = `Request: ${revealLine(tool)} at ${backend}${by}${from}.`;
  return [head, ...indented(parametersText(parameters))].join('\n');
}

function indented(text: string): string[] {
  return text === ''
    ? []
    : reveal(text)
        .split('\n')
        .map((line) => `    ${line}`);
}

export function explanationText(explanation: Explanation, { state = [] }: { state?: readonly string[] } = {}): string {
  const { verdict, why, actions, members, where, steps, notes, passed } = explanation;
  return [
    verdict,
    ...state,
    '',
    why,
    ...section(
      'The buttons',
      actions.map(({ word, text }) => [word, text]),
    ),
    ...section(
      'Who these are',
      members.map(({ name, text }) => [name, text]),
    ),
    '',
    where,
    ...section(
      'While it waits',
      steps.map(({ when, what }) => [when, what]),
    ),
    ...(notes.length === 0 ? [] : ['', ...notes]),
    ...(passed.length === 0
      ? []
      : ['', 'The rules before it, in the order in which they are tried', ...passed.map((one) => `    ${one}`)]),
  ].join('\n');
}

function section(title: string, rows: readonly (readonly [string, string])[]): string[] {
  if (rows.length === 0) return [];
  const width = Math.max(...rows.map(([name]) => name.length));
  return ['', title, ...rows.map(([name, text]) => `    ${name.padEnd(width)}  ${text}`)];
}
