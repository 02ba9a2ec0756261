/**
 * The text of a `.env` file: its settings, and what is wrong with it, each with its line. Tested in
 * test/core/text/settings/env-file.test.ts.
 */
import { codePointName } from '../code-point.ts';

/** What is wrong with a line. It never contains a value: that may be a secret. */
export interface EnvFault {
  /** From 1. */
  line: number;
  /** The settings that it concerns; empty: it is unknown which. */
  names: readonly string[];
  message: string;
}

export interface EnvEntry {
  name: string;
  value: string;
  line: number;
}

export interface EnvFile {
  /** In the order of the file; where a name is repeated, the last one counts. */
  entries: readonly EnvEntry[];
  faults: readonly EnvFault[];
  /** What has no effect on the values. */
  warnings: readonly EnvFault[];
}

const NAME = /^[A-Za-z_]\w*$/;
/** A name that can be shown: what is not spelled like one may be a piece of a secret. */
const PRINTABLE_NAME = /^[A-Za-z_][A-Za-z]*(?:_[A-Za-z0-9]+)*$/;
const PRINTABLE_MAX = 40;
/** A value in quotes may have more lines, but none that begins like the next setting. */
const NEXT_SETTING = /^\s*(?:export\s+)?[A-Z_][A-Z0-9_]*\s*=/;
const LINES_MAX = 50;
const STRAIGHT = new Set(['"', "'", '`']);
const TYPOGRAPHIC = /^[“”„‟«»‘’‚‛″′＂＇]/u;
const TYPOGRAPHIC_END = /[“”„‟«»‘’‚‛″′＂＇]$/u;
/** Control, zero-width and direction characters. Joiners are left out: emoji have them. */
const INVISIBLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are looked for.
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/u;
const REFERENCE = /^\$(?:\{\w+\}|[A-Z_]\w*)$/;

/** What is wrong with the lines of these settings, and with those of which it is unknown what they set; for a command. */
export function faultsAbout(file: EnvFile | null, names: readonly string[]): string[] {
  const faults = (file?.faults ?? []).filter(
    (fault) => fault.names.length === 0 || fault.names.some((one) => names.includes(one)),
  );
  return faults.map(({ line, message }) => `.env, line ${line}: ${message}`);
}

/** Whether a value names another variable, which nothing replaces: it says nothing about the setting itself. */
export function isReference(value: string): boolean {
  return REFERENCE.test(value);
}

/** Reads what Node and dotenv read, and reports what they would read as something else than it looks like. */
export function parseEnvFile(text: string): EnvFile {
  const lines = text.replace(/^\ufeff/, '').split(/\r\n|\n|\r/);
  const entries = new Map<string, EnvEntry>();
  const faults: EnvFault[] = [];
  const warnings: EnvFault[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const line = at + 1;
    const content = (lines[at] ?? '').trim();
    if (content === '' || content.startsWith('#')) continue;
    const report = (message: string, ...names: string[]) => faults.push({ line, names, message });
    const split = /^(?:export\s+)?([^=]*?)\s*=\s*(.*)$/s.exec(content);
    const [, name = '', rest = ''] = split ?? [];
    if (split === null || !NAME.test(name)) {
      report(...withoutSetting(content, split === null ? null : name));
      continue;
    }
    const read = readValue(rest, lines, at);
    at += read.moreLines;
    for (const problem of read.problems) report(`${printable(name)} ${problem}`, name);
    const earlier = entries.get(name);
    if (earlier !== undefined) {
      const again = {
        line,
        names: [name],
        message: `${printable(name)} is set again: line ${earlier.line} sets it, too. Keep one of them.`,
      };
      (earlier.value === read.value ? warnings : faults).push(again);
    }
    entries.delete(name);
    entries.set(name, { name, value: read.value, line });
  }
  return { entries: [...entries.values()], faults, warnings };
}

/** The name of a setting for a message, where it can't be a piece of a secret. */
export function printable(name: string): string {
  return name.length <= PRINTABLE_MAX && PRINTABLE_NAME.test(name) ? name : `a name of ${name.length} characters`;
}

/** What is wrong with a line that sets nothing. */
function withoutSetting(content: string, name: string | null): [message: string, ...names: string[]] {
  if (/^(?:\/\/|;|--)/.test(content)) return ['is not a setting. A comment begins with #.'];
  const [, before = ''] =
    /^(?:export\s+|set\s+|setx\s+|\$env:|-\s+)?["']?([A-Z_][A-Z0-9_]*)["']?\s*(?:[:＝=\s]|$)/u.exec(content) ?? [];
  const isName = before !== '' && printable(before) === before;
  if (isName) return [`does not set ${before}. Write ${before}=value, with nothing before the name.`, before];
  if (name === null) return ['has no “=”. Write NAME=value, or begin a comment with #.'];
  return ['does not begin with the name of a setting. Write NAME=value, with letters, digits and _ in the name.'];
}

interface Read {
  value: string;
  problems: string[];
  /** How many of the following lines it takes. */
  moreLines: number;
}

function readValue(rest: string, lines: readonly string[], at: number): Read {
  const quote = rest.charAt(0);
  const read = STRAIGHT.has(quote) ? quoted(quote, rest, lines, at) : unquoted(rest);
  const problems = [...read.problems];
  const [invisible] = INVISIBLE.exec(read.value) ?? [];
  if (invisible !== undefined) {
    const name = codePointName(invisible.codePointAt(0) ?? 0);
    problems.push(`contains an invisible character (${name}). Type the value again, or copy it from another place.`);
  }
  if (isReference(read.value)) {
    problems.push('is a reference to another variable, which is not replaced. Write the value itself.');
  }
  return { ...read, problems };
}

function quoted(quote: string, rest: string, lines: readonly string[], at: number): Read {
  let all = rest;
  for (let moreLines = 0; moreLines <= LINES_MAX; moreLines += 1) {
    if (moreLines > 0) {
      const next = lines[at + moreLines];
      if (next === undefined || NEXT_SETTING.test(next)) break;
      all += `\n${next}`;
    }
    const end = all.indexOf(quote, 1);
    if (end < 0) continue;
    const inside = all.slice(1, end);
    const behind = all.slice(end + 1).trim();
    const problems =
      behind === '' || behind.startsWith('#')
        ? []
        : [`has text behind its closing quote (${quote}). Put the whole value in quotes, or write none.`];
    return { value: quote === '"' ? inside.replaceAll('\\n', '\n') : inside, problems, moreLines };
  }
  const value = withoutComment(rest.slice(1));
  return {
    value,
    problems: [`has an opening quote (${quote}) that is not closed. Close it on this line, or remove it.`],
    moreLines: 0,
  };
}

function unquoted(rest: string): Read {
  const value = withoutComment(rest);
  const problems: string[] = [];
  if (TYPOGRAPHIC.test(value)) {
    problems.push(
      'is in typographic quotes (“…”), which would be part of the value. Write straight quotes ("…"), or none.',
    );
    return { value: value.replace(TYPOGRAPHIC, '').replace(TYPOGRAPHIC_END, ''), problems, moreLines: 0 };
  }
  if (value.includes('#') && !value.startsWith('#')) {
    problems.push(
      'has a “#” directly behind other characters. If it belongs to the value, put the value in quotes; if it begins a comment, put a space before it.',
    );
  }
  const last = value.at(-1) ?? '';
  if (STRAIGHT.has(last) && value.split(last).length % 2 === 0) {
    problems.push(
      `ends with a quote (${last}) that it does not begin with. Put the whole value in quotes, or write none.`,
    );
  }
  return { value, problems, moreLines: 0 };
}

/** A `#` at the beginning is the value's own where no space follows it: the name of a channel. */
function withoutComment(text: string): string {
  if (/^#(?:\s|#|$)/.test(text)) return '';
  return text.replace(/\s#.*$/s, '').trim();
}
