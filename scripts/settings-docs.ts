/** `npm run settings`: see `usage`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { settings } from '../src/config/settings.ts';
import { kindOf } from '../src/core/text/settings/setting.ts';
import { parseCommandLine, runCommand } from '../test/support/command-line.ts';

const usage = `Usage: npm run settings

Writes docs/settings.md: the names, formats and defaults from the schema, the rest from .env.example.

  --help    prints this

Example: npm run settings && git diff docs/settings.md`;

const root = fileURLToPath(new URL('..', import.meta.url));

const intro = `# Settings

Every setting with its format and default. A platform, a backend (or \`ASK_TOKENS\`) and who may decide are enough for a start; what
belongs to a platform or a backend is explained on its own page.

Written by \`npm run settings\` from the schema and \`.env.example\`; change those. They are read from the environment and from
\`.env\` in the folder of the start; the environment comes first. An empty value counts as not set.

- **Times** are \`15s\`, \`30m\`, \`2h\`, \`90d\` or \`500ms\`. A number without a unit is milliseconds (\`RETENTION\`: days).
- **Lists** are separated by commas.
- **\`.env\`** has one \`NAME=value\` a line. Spaces around \`=\`, \`export\`, straight quotes, a comment behind a space and \`#\`, a
  byte order mark and Windows' line ends are fine. Text with a \`#\` directly behind another character, typographic quotes, a
  quote that is not closed, a setting that is set twice to different values, and a name that looks like a misspelled setting
  prevent the start. Any other name that is not a setting is a warning.
- **A start reports all that is wrong** with its settings at once, each with the value that was given (of a secret: only its
  length), its line, and what to do. Nothing has been posted or sent by then.
- A setting that is marked **secret** is never shown or logged.
`;

/** The document as it should be. */
export function settingsDocument(): string {
  const example = readFileSync(`${root}.env.example`, 'utf8');
  const sections = example.split(/^# ---- (.*) ----$/m);
  const parts = [intro];
  for (let at = 1; at < sections.length; at += 2) {
    parts.push(`## ${sections[at]}\n\n${sectionOf(sections[at + 1] ?? '')}`);
  }
  return parts.join('\n');
}

function sectionOf(text: string): string {
  const entries: string[] = [];
  let comment: string[] = [];
  for (const line of text.split('\n')) {
    const [, name, value = ''] = /^([A-Z_]+)=(.*)$/.exec(line) ?? [];
    if (name !== undefined) {
      entries.push(entryOf(name, value, comment));
      comment = [];
    } else if (line.startsWith('#')) comment.push(line.replace(/^# ?/, ''));
    else if (line === '' && comment.length > 0) {
      // About the whole section.
      entries.push(spaced(comment.join('\n')));
      comment = [];
    }
  }
  return entries.join('\n');
}

function entryOf(name: string, value: string, comment: readonly string[]): string {
  const schema = (settings.shape as Record<string, z.ZodType>)[name] ?? z.string();
  const { format = 'text', secret = false } = kindOf(schema) ?? {};
  const byDefault = value === '' ? 'not set' : `\`${value}\``;
  const facts = `${format}${secret ? ' · **secret**' : ''} · default: ${byDefault}`;
  const about = comment.map((line) => (/^ {2,}/.test(line) ? `    ${line.trim()}` : line)).join('\n');
  return `### \`${name}\`\n\n${facts}\n\n${spaced(about)}`;
}

/** Examples are blocks of their own; words in angle brackets and asterisks stay as they are written. */
function spaced(about: string): string {
  const lines = about.split('\n');
  const out: string[] = [];
  for (const [at, line] of lines.entries()) {
    const isCode = line.startsWith('    ');
    if (at > 0 && isCode !== (lines[at - 1] ?? '').startsWith('    ')) out.push('');
    out.push(isCode ? line : line.replace(/[*<>_]/g, '\\$&'));
  }
  return `${out.join('\n')}\n`;
}

if (import.meta.main) {
  await runCommand(() => {
    parseCommandLine(usage, {});
    writeFileSync(`${root}docs/settings.md`, settingsDocument());
    console.log('Wrote docs/settings.md.');
  });
}
