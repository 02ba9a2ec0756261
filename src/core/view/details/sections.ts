/** The details of one approval, shown to one person: everything that the card had no room for. */

import type { AuditRow } from '../../approval/audit.ts';
import { NAME_MAX } from '../../approval/names.ts';
import { isSignedBySeveral } from '../../approval/signers.ts';
import type { Shown } from '../../approval/subject.ts';
import type { Mask } from '../../mask/mask.ts';
import { maskText } from '../../mask/text.ts';
import type { Stop } from '../../policy/operators/stop.ts';
import { thousands } from '../../text/numbers.ts';
import { reveal } from '../../text/visible/reveal.ts';
import type { Line } from '../card.ts';
import { lookAlikeText, repeatedText, titleOf } from '../cards/cautions.ts';
import { eachWritten, writtenText } from '../cards/signing/remark.ts';
import { statusOf } from '../cards/status/line.ts';
import { changeLines } from '../content/changes.ts';
import { bodyLabel, contentOf, wholeParameters } from '../content/content.ts';
import { wholeQuotesOf } from '../content/quotes.ts';
import { noveltyLines } from '../precedents/novelty-lines.ts';
import { historyLines } from './history.ts';
import { referenceLines } from './reference.ts';

const TITLE_MAX = 120;
/** Only its last lines are shown of a history that goes on and on; the audit log has all of it. */
const WRITTEN_MAX = 2_000;
const HISTORY_MAX = 60;
const CHANGES_MAX = 200;
/** All of them. */
const NOVELTY_MAX = 10;
/** Of a tool's name or an id: longer than any real one. */
const ID_MAX = 200;

/** For the person who opened them: what they read first, and the masked values that they may open. */
export interface ForReader {
  top: readonly Section[];
  /** What follows a decision, and who may decide: on a card as far as it has room. */
  follows: readonly Line[];
  masked: readonly Section[];
  /** Which rule applies, and what it takes; none where there is no policy file. */
  policy?: readonly Section[];
  /** An operator has stopped everything. Default: it runs. */
  stop?: Stop | null;
}

/** `code`: letter by letter. `lines`: running text. */
export type Section =
  | { kind: 'code'; label: string; text: string }
  | { kind: 'text'; label: string; text: string }
  | { kind: 'lines'; label: string; lines: readonly Line[] }
  /** Each with a button *Show*. */
  | { kind: 'masks'; label: string; masks: readonly MaskLine[] };

/** A masked value. `index`: its place in `maskedValuesOf`. */
export interface MaskLine {
  index: number;
  text: string;
}

export interface Details {
  title: string;
  sections: readonly Section[];
}

/** Masked as the card is, and cut nowhere: a platform pages it. @param backend its name for people */
export function detailsOf(
  approval: Shown,
  rows: readonly AuditRow[],
  backend: string,
  { top, follows, masked, policy = [], stop = null }: ForReader = { top: [], follows: [], masked: [] },
): Details {
  const { pause, continuation } = approval;
  const { text: body, masks } = wholeParameters(pause);
  const { hidden, lookAlikes } = contentOf(approval);
  const result = continuation?.text ?? null;
  return {
    title: titleOf(approval),
    sections: [
      ...top,
      { kind: 'lines', label: 'Status', lines: [statusOf(approval, backend, { stop }).line] },
      ...changes(approval),
      ...novelty(approval),
      ...longNames(pause),
      ...wholeQuotesOf(approval, backend).map(({ author, text }) => ({ kind: 'text' as const, label: author, text })),
      ...(pause.prompt === undefined ? [] : [questionSection(pause.prompt.text)]),
      ...[
        ...(pause.cautions ?? []),
        ...repeatedText(pause, pause.repeated?.length),
        ...lookAlikeText(lookAlikes, lookAlikes.length),
      ].map((text) => ({
        kind: 'text' as const,
        label: 'Caution',
        text,
      })),
      ...(body === ''
        ? []
        : [
            {
              kind: 'code' as const,
              label: label(bodyLabel(pause), { masks, hidden }),
              text: body,
            },
          ]),
      ...masked,
      ...(follows.length === 0 ? [] : [{ kind: 'lines' as const, label: 'What happens', lines: follows }]),
      ...policy,
      ...textSection(pause.kind === 'run' ? 'Request' : 'Reviewer’s note', writtenBy(approval)),
      ...textSection('Outcome of the run', result),
      { kind: 'lines', label: 'History', lines: history(rows, backend) },
      { kind: 'lines', label: 'Reference', lines: referenceLines(approval, backend) },
    ],
  };
}

function novelty(approval: Shown): Section[] {
  const lines = noveltyLines(approval, NOVELTY_MAX);
  return lines.length === 0 ? [] : [{ kind: 'lines', label: 'Compared with what was approved before', lines }];
}

/** Those that no other line here shows whole. */
function longNames({ tool, asker, contact, prompt }: Shown['pause']): Section[] {
  const names = [
    ['Title', prompt?.title ?? '', TITLE_MAX],
    ['Tool', tool, ID_MAX],
    ['Asked by', asker ?? '', NAME_MAX],
    ['Contact', contact?.name ?? '', NAME_MAX],
  ] as const;
  return names.flatMap(([label, name, max]) => (name.length > max ? textSection(label, name) : []));
}

/** All of them; the card has room for a few. */
function changes({ previous, pause, fingerprint }: Shown): Section[] {
  const lines = previous === null ? [] : changeLines(previous, pause, fingerprint, CHANGES_MAX);
  return lines.length === 0
    ? []
    : [{ kind: 'text', label: 'Changed since it was first shown', text: lines.join('\n') }];
}

/** Beside the parameters, which say the same as they came. */
function questionSection(text: string): Section {
  const { value, masks } = maskText(text);
  return { kind: 'code', label: label('Question', { masks, hidden: [] }), text: reveal(value) };
}

/** What the person who decided wrote; of several people, what each of them did. */
function writtenBy(approval: Shown): string | null {
  const { pause, decision, signatures } = approval;
  if (decision !== null && !isSignedBySeveral(approval))
    return decision.text === null ? null : writtenText(decision, pause);
  const written = signatures.filter(({ text }) => text !== null);
  return written.length === 0 ? null : eachWritten(written, pause, WRITTEN_MAX);
}

function label(name: string, { masks, hidden }: { masks: readonly Mask[]; hidden: readonly string[] }): string {
  const notes = [
    ...(masks.length === 0 ? [] : [`${thousands(masks.length)} masked`]),
    ...(hidden.length === 0 ? [] : [`${thousands(hidden.length)} hidden by the backend`]),
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
