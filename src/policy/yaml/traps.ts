/**
 * What YAML reads otherwise than its author means, and what to write in its place. Tested in
 * test/policy/yaml/parse.test.ts.
 */
import type { Scalar } from 'yaml';

interface Trap {
  wrong: string;
  remedy: string;
}

/** Words that YAML 1.1, and so other tools, read as true or false. */
const YES_NO_WORDS = /^(?:y|yes|n|no)$/i;
const CLOCK_TIME = /^\d{1,2}:\d{2}(?::\d{2})?$/;
const PLAIN_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;

/** What a scalar may be read as besides what is written. Null: nothing. */
export function problemOfScalar(node: Scalar, as: 'key' | 'value'): Trap | null {
  const source = node.source ?? '';
  if (node.type !== 'PLAIN') return null;
  if (typeof node.value === 'number') return problemOfNumber(source, node.value);
  if (CLOCK_TIME.test(source)) {
    return { wrong: `${source} without quotes is a number for some tools.`, remedy: `Write "${source}" in quotes.` };
  }
  if (YES_NO_WORDS.test(source)) {
    const word = /^y/i.test(source) ? 'true' : 'false';
    const remedy = as === 'key' ? `Write "${source}" in quotes.` : `Write ${word}, or "${source}" in quotes.`;
    return { wrong: `${source} without quotes is ${word} for some tools.`, remedy };
  }
  return null;
}

function problemOfNumber(source: string, value: number): Trap | null {
  const isExact = PLAIN_NUMBER.test(source) && String(value) === source;
  if (isExact && (Number.isSafeInteger(value) || !Number.isInteger(value))) return null;
  if (/^\d{15,}$/.test(source)) {
    return {
      wrong: `${source} without quotes is a number, which loses digits.`,
      remedy: `Write discord:${source}, as text.`,
    };
  }
  return {
    wrong: `${source} is read as the number ${value}.`,
    remedy: `Write "${source}" in quotes, or plain digits.`,
  };
}

/** An error of the parser, in words that name the remedy. */
export function problemOfSyntax(code: string, message: string, text: string, offset: number): Trap {
  const line = text.slice(offset).split('\n')[0] ?? '';
  const word = /^[^\s,\]}]*/.exec(line)?.[0] ?? '';
  switch (code) {
    case 'DUPLICATE_KEY':
      return { wrong: `"${word.replace(/:$/, '')}" is given twice.`, remedy: 'Keep one of the two.' };
    case 'TAB_AS_INDENT':
      return { wrong: 'The line begins with a tab.', remedy: 'Indent with spaces.' };
    case 'BAD_SCALAR_START':
      return { wrong: `A value can’t begin with ${line.charAt(0)}.`, remedy: 'Put the value in quotes.' };
    case 'BLOCK_AS_IMPLICIT_KEY':
      return {
        wrong: 'The value has ": " in it and is read as a key.',
        remedy: 'Put the value in quotes, or begin a new line.',
      };
    case 'BAD_ALIAS':
      return { wrong: `"${word}" is read as a YAML alias.`, remedy: 'Put the value in quotes.' };
    case 'MULTILINE_IMPLICIT_KEY':
    case 'MISSING_CHAR':
      return { wrong: sentence(message), remedy: 'Close what is open: a quote, a [ or a {; put ":" after a key.' };
    case 'BAD_INDENT':
      return { wrong: sentence(message), remedy: 'Indent it as its neighbours, and close each [ and {.' };
    case 'BAD_DQ_ESCAPE':
      return { wrong: sentence(message), remedy: 'Use single quotes, in which \\ means itself.' };
    default:
      return { wrong: sentence(message), remedy: 'Correct the line, or put its value in quotes.' };
  }
}

function sentence(message: string): string {
  return message.endsWith('.') ? message : `${message}.`;
}
