/** The details of one approval, shown to one person: everything that the card had no room for. */
import type { Approval } from '../../approval/approval.ts';
import type { AuditRow } from '../../approval/audit.ts';
import { actorName, askerName, toolTitle } from '../../approval/names.ts';
import { answerText } from '../../form/as-text.ts';
import { maskText, maskValue } from '../../text/mask.ts';
import { parametersText } from '../../text/parameters.ts';
import { clip, reveal, revealLine, thousands } from '../../text/text.ts';
import { CLAIM_LABEL, type Line, type Span, spanText } from '../card.ts';
import { historyLines } from './history.ts';
import { statusOf } from './status.ts';

const TITLE_MAX = 120;
/** Only its last lines are shown of a history that goes on and on; the audit log has all of it. */
const HISTORY_MAX = 60;
/** Of a tool's name or an id: longer than any real one. */
const ID_MAX = 200;

/** `code`: letter by letter. `lines`: running text. */
export type Section =
  | { kind: 'code'; label: string; text: string }
  | { kind: 'text'; label: string; text: string }
  | { kind: 'lines'; label: string; lines: readonly Line[] };

export interface Details {
  title: string;
  sections: readonly Section[];
}

/** Masked as the card is, and cut nowhere: a platform pages it. @param backend its name for people */
export function detailsOf(approval: Approval, rows: readonly AuditRow[], backend: string): Details {
  const { pause, continuation } = approval;
  const parameters = maskValue(pause.parameters, pause.hidden);
  const body = reveal(parametersText(parameters.value));
  const result = continuation?.text ?? null;
  return {
    title: toolTitle(pause, TITLE_MAX),
    sections: [
      { kind: 'lines', label: 'Status', lines: [statusOf(approval, backend).line] },
      ...textSection('What it does', pause.description),
      ...textSection(CLAIM_LABEL, pause.reason),
      ...(pause.prompt === undefined ? [] : [questionSection(pause.prompt.text)]),
      ...(body === ''
        ? []
        : [
            {
              kind: 'code' as const,
              label: label(pause.kind === 'item' ? 'Contents' : 'Parameters', parameters),
              text: body,
            },
          ]),
      ...textSection(pause.kind === 'run' ? 'Request' : 'Reviewer’s note', writtenBy(approval)),
      ...textSection('Outcome of the run', result),
      { kind: 'lines', label: 'History', lines: history(rows, backend) },
      { kind: 'lines', label: 'Reference', lines: referenceLines(approval, backend) },
    ],
  };
}

/** Beside the parameters, which say the same as they came. */
function questionSection(text: string): Section {
  const { value, masked } = maskText(text);
  return { kind: 'code', label: label('Question', { masked, omitted: 0 }), text: reveal(value) };
}

/** An answer as its form has it, where it was one. */
function writtenBy({ pause, decision }: Approval): string | null {
  if (decision === null || decision.text === null) return null;
  const form = decision.action === 'take_over' ? (pause.prompt?.form ?? null) : null;
  return (form === null ? null : answerText(form, decision.text)) ?? decision.text;
}

function label(name: string, { masked, omitted }: { masked: number; omitted: number }): string {
  const notes = [
    ...(masked === 0 ? [] : [`${thousands(masked)} masked`]),
    ...(omitted === 0 ? [] : [`${thousands(omitted)} hidden by the backend`]),
  ];
  return notes.length === 0 ? name : `${name} (${notes.join(', ')})`;
}

function textSection(name: string, text: string | null): Section[] {
  const shown = text === null ? '' : reveal(maskText(text).value).trim();
  return shown === '' ? [] : [{ kind: 'text', label: name, text: shown }];
}

function history(rows: readonly AuditRow[], backend: string): Line[] {
  const lines = historyLines(rows, backend);
  const hidden = lines.length - HISTORY_MAX;
  return hidden <= 0
    ? lines
    : [
        [`+ ${thousands(hidden)} earlier ${hidden === 1 ? 'event' : 'events'} (audit log)`],
        ...lines.slice(-HISTORY_MAX),
      ];
}

function referenceLines(approval: Approval, backend: string): Line[] {
  const { pause } = approval;
  const starter = approval.decision === null ? 'Someone' : actorName(approval.decision.actor);
  const moment = (at: number): Span => ({ at, style: 'exact' });
  const code = (text: string): Span => ({ code: clip(revealLine(maskText(text).value), ID_MAX) });
  return [
    [
      'Requested by ',
      pause.kind === 'run' ? starter : askerName(approval, backend),
      ' at ',
      moment(approval.createdAt),
    ],
    ...(pause.deadline === null ? [] : [['Deadline ', moment(pause.deadline)]]),
    [pause.kind === 'run' ? 'Name ' : 'Tool ', code(pause.tool)],
    // A run's key is our own until its backend has said what it calls it.
    ...(pause.kind === 'run' ? [] : [[`${backend} ID `, code(pause.key)]]),
    ...(pause.runId === pause.key ? [] : [['Run ', code(pause.runId)]]),
    ['Countersign ID ', code(approval.id)],
  ];
}

/** One page of details: sections, or pieces of long ones, that fit a platform's room together. */
export type Page = readonly Section[];

/**
 * Cut into pages of about so many characters, at line ends where that can be. Nothing is left out.
 * @param room characters a page, labels included; a piece of one section is never longer
 */
export function pagesOf({ sections }: Details, room: number): Page[] {
  const pages: Section[][] = [];
  let page: Section[] = [];
  let taken = 0;
  const add = (section: Section) => {
    const length = lengthOf(section);
    if (page.length > 0 && taken + length > room) {
      pages.push(page);
      [page, taken] = [[], 0];
    }
    page.push(section);
    taken += length;
  };
  for (const section of sections) for (const piece of piecesOf(section, room)) add(piece);
  return [...pages, ...(page.length === 0 ? [] : [page])];
}

/** Everything as plain text, for a file. */
export function detailsText({ title, sections }: Details): string {
  const blocks = sections.map((section) => {
    const text =
      section.kind === 'lines' ? section.lines.map((line) => line.map(spanText).join('')).join('\n') : section.text;
    return `${section.label}\n${'-'.repeat(Math.min(section.label.length, 40))}\n${text}`;
  });
  return `${title}\n\n${blocks.join('\n\n')}\n`;
}

/** About what a moment takes up when it is written for any platform. */
const MOMENT_LENGTH = 60;

function lineLength(line: Line): number {
  return line.reduce(
    (sum, span) => sum + (typeof span === 'object' && 'at' in span ? MOMENT_LENGTH : spanText(span).length),
    1,
  );
}

function lengthOf(section: Section): number {
  const { label: name } = section;
  if (section.kind !== 'lines') return name.length + section.text.length;
  return name.length + section.lines.reduce((sum, line) => sum + lineLength(line), 0);
}

function piecesOf(section: Section, room: number): Section[] {
  const free = Math.max(1, room - section.label.length - PART_LENGTH);
  if (lengthOf(section) <= room) return [section];
  const numbered = (number: number, of: number) => `${section.label} (part ${number} of ${of})`;
  if (section.kind === 'lines') {
    const groups = groupLines(section.lines, free);
    return groups.map((lines, index) => ({ kind: 'lines', label: numbered(index + 1, groups.length), lines }));
  }
  const { kind } = section;
  const texts = cut(section.text, free);
  return texts.map((text, index) => ({ kind, label: numbered(index + 1, texts.length), text }));
}

/** ` (part 123 of 456)` */
const PART_LENGTH = 24;

function groupLines(lines: readonly Line[], room: number): Line[][] {
  const groups: Line[][] = [[]];
  let taken = 0;
  for (const line of lines) {
    const length = lineLength(line);
    if (taken > 0 && taken + length > room) {
      groups.push([]);
      taken = 0;
    }
    groups.at(-1)?.push(line);
    taken += length;
  }
  return groups;
}

/** At the last line end in sight; never in the middle of a character. */
function cut(text: string, room: number): string[] {
  const pieces: string[] = [];
  let rest = text;
  while (rest.length > room) {
    const lineEnd = rest.lastIndexOf('\n', room);
    let end = lineEnd > room / 2 ? lineEnd + 1 : room;
    if (/[\ud800-\udbff]/.test(rest.charAt(end - 1)) && end > 1) end -= 1;
    pieces.push(rest.slice(0, end));
    rest = rest.slice(end);
  }
  return [...pieces, rest];
}
