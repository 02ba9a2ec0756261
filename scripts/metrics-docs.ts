/** `npm run metrics`: see `usage`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { counters, gauges, histograms } from '../src/core/ports/metrics.ts';
import { parseCommandLine, runCommand } from '../test/support/command-line.ts';

const usage = `Usage: npm run metrics

Writes the tables in docs/metrics.md, from src/core/ports/metrics.ts.

  --help    prints this

Example: npm run metrics && git diff docs/metrics.md`;

const file = fileURLToPath(new URL('../docs/metrics.md', import.meta.url));
const BEGIN = '<!-- Written by `npm run metrics`. -->';
const END = '<!-- Until here. -->';

interface Described {
  help: string;
  labels: readonly string[];
  kept?: true;
  buckets?: readonly number[];
}

/** The document as it should be. */
export function metricsDocument(): string {
  const [before = '', rest = ''] = readFileSync(file, 'utf8').split(BEGIN);
  const after = rest.slice(rest.indexOf(END) + END.length);
  return `${before}${BEGIN}\n${tables()}\n${END}${after}`;
}

function tables(): string {
  return [
    table('Counters', 'They only go up: look at their `rate` or `increase`.', counters, '_total'),
    table('Gauges', 'They say how it is now.', gauges, ''),
    table('Histograms', 'Each has `_bucket`, `_sum` and `_count`.', histograms, ''),
  ].join('');
}

function table(title: string, about: string, entries: Record<string, Described>, suffix: string): string {
  const rows = Object.entries(entries).map(([name, { help, labels, kept, buckets }]) => {
    const named = labels.map((label) => `\`${label}\``).join(', ');
    const stored = kept === true ? ' *Kept.*' : '';
    const bounds = buckets === undefined ? '' : ` Buckets: ${buckets.join(', ')}.`;
    return `| \`countersign_${name}${suffix}\` | ${named || '–'} | ${help}${bounds}${stored} |`;
  });
  return `\n### ${title}\n\n${about}\n\n| Metric | Labels | Meaning |\n| --- | --- | --- |\n${rows.join('\n')}\n`;
}

if (import.meta.main) {
  await runCommand(() => {
    parseCommandLine(usage, {});
    writeFileSync(file, metricsDocument());
    console.log('Wrote docs/metrics.md.');
  });
}
