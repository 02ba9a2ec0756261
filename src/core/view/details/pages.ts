/** Details in pages, and as one text. Pure. Tested in test/core/view/details/sections.test.ts. */
import type { Line } from '../card.ts';
import { spanText } from '../line-text.ts';
import type { Details, MaskLine, Section } from './sections.ts';

/** One page of details: sections, or parts of long ones, that fit together. */
export type Page = readonly Section[];

/**
 * Cuts details into pages, at line ends where possible. Nothing is left out.
 * @param room characters per page, labels included; no part of a section is longer
 */
export function pagesOf({ sections }: Details, room: number): Page[] {
  const pages: Section[][] = [];
  let page: Section[] = [];
  let taken = 0;
  const add = (section: Section) => {
    const length = lengthOf(section);
    const isFull = section.kind === 'masks' && page.some(({ kind }) => kind === 'masks');
    if (page.length > 0 && (isFull || taken + length > room)) {
      pages.push(page);
      [page, taken] = [[], 0];
    }
    page.push(section);
    taken += length;
  };
  for (const section of sections) for (const piece of piecesOf(section, room)) add(piece);
  return [...pages, ...(page.length === 0 ? [] : [page])];
}

/** The page with the *Show* of this mask; -1 if it is on none. */
export function pageOfMask(pages: readonly Page[], mask: number): number {
  return pages.findIndex((page) =>
    page.some((section) => section.kind === 'masks' && section.masks.some(({ index }) => index === mask)),
  );
}

/** Everything as plain text, for a file. */
export function detailsText({ title, sections }: Details): string {
  const blocks = sections.map((section) => {
    const text = plainTextOf(section);
    return `${section.label}\n${'-'.repeat(Math.min(section.label.length, 40))}\n${text}`;
  });
  return `${title}\n\n${blocks.join('\n\n')}\n`;
}

function plainTextOf(section: Section): string {
  if (section.kind === 'lines') return section.lines.map((line) => line.map(spanText).join('')).join('\n');
  return section.kind === 'masks' ? section.masks.map(({ text }) => text).join('\n') : section.text;
}

/** Buttons *Show* on a page: Discord has five rows of five, of which one turns the page and one decides. */
const PAGE_MASKS = 15;

/** Of a moment as any platform writes it, characters. */
const MOMENT_LENGTH = 60;

function lineLength(line: Line): number {
  return line.reduce(
    (sum, span) => sum + (typeof span === 'object' && 'at' in span ? MOMENT_LENGTH : spanText(span).length),
    1,
  );
}

function lengthOf(section: Section): number {
  const { label: name } = section;
  if (section.kind === 'masks') return name.length + section.masks.reduce((sum, { text }) => sum + text.length + 1, 0);
  if (section.kind !== 'lines') return name.length + section.text.length;
  return name.length + section.lines.reduce((sum, line) => sum + lineLength(line), 0);
}

function piecesOf(section: Section, room: number): Section[] {
  const free = Math.max(1, room - section.label.length - PART_LENGTH);
  if (section.kind === 'masks') return masksInPieces(section, free);
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

function masksInPieces(section: Extract<Section, { kind: 'masks' }>, room: number): Section[] {
  const pieces: MaskLine[][] = [[]];
  let taken = 0;
  for (const mask of section.masks) {
    const length = mask.text.length + 1;
    if (taken > 0 && (taken + length > room || pieces.at(-1)?.length === PAGE_MASKS)) {
      pieces.push([]);
      taken = 0;
    }
    pieces.at(-1)?.push(mask);
    taken += length;
  }
  return pieces.map((masks) => ({ ...section, masks }));
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

/** Cuts at the last line end that fits; never within a character. */
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
