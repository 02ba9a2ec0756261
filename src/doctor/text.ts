/** What the doctor found, for a terminal. Tested in test/doctor/text.test.ts. */
import { styleText } from 'node:util';
import { counted } from '../core/text/numbers.ts';
import { revealIndented, revealLine } from '../core/text/visible/reveal.ts';
import type { Report } from './report.ts';

type Style = Parameters<typeof styleText>[0];
/** Of a line that is read, in characters: few terminals are narrower. */
const WIDTH = 96;

type Finding = Report['groups'][number]['findings'][number];

/** @param colours only for a terminal that wants them */
export function textOf(report: Report, colours: boolean): string {
  const paint = (style: Style, text: string) => (colours ? styleText(style, text, { validateStream: false }) : text);
  const { groups, source, release } = report;
  const found = groups.filter(({ findings }) => findings.length > 0);
  const fine = groups.filter((group) => group.fine.length > 0);
  const asked =
    source === 'bot'
      ? `Asked the bot that runs${release === null ? '' : ` (version ${release})`}.`
      : 'Looked from here: no bot that runs was asked.';
  return [
    ...found.flatMap(({ title, findings }) => [
      paint('bold', title),
      ...findings.flatMap((finding) => linesOf(finding, paint)),
      '',
    ]),
    ...(fine.length === 0 ? [] : [paint('bold', found.length === 0 ? 'All is well' : 'Checked and fine')]),
    ...fine.map((group) => `  ${paint('green', '✓')} ${wrapped(fineText(group))}`),
    ...untoldLines(groups, paint),
    '',
    `${paint('bold', summary(report))} ${asked}`,
  ].join('\n');
}

function untoldLines(groups: Report['groups'], paint: (style: Style, text: string) => string): string[] {
  const untold = groups.filter((group) => group.untold.length > 0);
  if (untold.length === 0) return [];
  return [
    '',
    paint('bold', 'What only a person can see'),
    ...untold.flatMap((group) =>
      group.untold.map(({ what, remedy }) => `  ${paint('dim', '?')} ${wrapped(`${group.title}: ${what} ${remedy}`)}`),
    ),
  ];
}

function linesOf({ level, what, remedy, where }: Finding, paint: (style: Style, text: string) => string): string[] {
  const mark = level === 'fault' ? paint('red', '✗ fault  ') : paint('yellow', '! warning');
  const [first = '', ...more] = remedy.split('\n');
  const isNamed = where === null || what.includes(where);
  return [
    `  ${mark} ${revealLine(what)}`,
    ...(isNamed ? [] : [`            ${paint('dim', `where: ${revealLine(where)}`)}`]),
    `            ${paint('cyan', '→')} ${revealLine(first)}`,
    ...more.map((line) => `              ${revealIndented(line)}`),
  ];
}

function fineText({ title, fine }: Report['groups'][number]): string {
  return `${title}: ${fine.map((one) => one.title).join('; ')}`;
}

/** Only what no one copies: a command stays on its line. */
function wrapped(text: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + word.length >= WIDTH) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].join('\n    ');
}

function summary({ faults, warnings }: Report): string {
  if (faults + warnings === 0) return 'Nothing found.';
  const both = [
    ...(faults > 0 ? [counted(faults, 'fault')] : []),
    ...(warnings > 0 ? [counted(warnings, 'warning')] : []),
  ];
  return `${both.join(' and ')}.`;
}
