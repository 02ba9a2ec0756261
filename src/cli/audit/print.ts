/** What `countersign audit` prints. Tested in test/cli/audit/print.test.ts. */
import type { Approval } from '../../core/approval/approval.ts';
import type { FoundAudit } from '../../core/approval/audit.ts';
import { platformName } from '../../core/approval/names.ts';
import { LAST_MOMENT } from '../../core/text/time/parse.ts';
import { wallTime } from '../../core/text/time/zone.ts';
import { reveal } from '../../core/text/visible/reveal.ts';
import { type AuditEntry, auditEvent } from '../../core/view/audit/entry.ts';
import type { Line } from '../../core/view/card.ts';
import { detailsOf } from '../../core/view/details/sections.ts';
import { spanText } from '../../core/view/line-text.ts';

const titles: Readonly<Record<string, string>> = { hookpulse: 'HookPulse', inbox: 'Countersign' };

/** For people. */
export function backendTitle(backend: string): string {
  return titles[backend] ?? platformName(backend);
}

/** `2026-12-01 09:15:02 +01:00`. */
export function timeText(at: number, zone: string): string {
  if (Math.abs(at) > LAST_MOMENT) return 'an unknown time';
  const wall = wallTime(at, zone);
  const minutes = Math.round((wall - at) / 60_000);
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const offset = `${minutes < 0 ? '-' : '+'}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`;
  return `${new Date(wall).toISOString().slice(0, 19).replace('T', ' ')} ${offset}`;
}

/** On one line, and nothing in it controls a terminal. */
function textOf(line: Line, zone: string): string {
  const text = line.map((span) =>
    typeof span === 'object' && 'at' in span ? timeText(span.at, zone) : spanText(span),
  );
  return reveal(text.join('')).replaceAll(/\s*\n\s*/g, ' ');
}

/** With a heading where it is of another approval than the one before. */
export function entryLines(entry: AuditEntry, before: AuditEntry | null, zone: string): string[] {
  const { approvalId, title, at, event } = entry;
  const heading = title === null ? approvalId : `${reveal(title)} (${approvalId})`;
  return [
    ...(before?.approvalId === approvalId ? [] : [...(before === null ? [] : ['']), heading]),
    `  ${timeText(at, zone)}  ${textOf(event, zone)}`,
  ];
}

/** Its names stay as they are: scripts read them. */
export function entryJson(entry: AuditEntry) {
  const { id, at, approvalId, title, backend, kinds, input, actor, event, ignored, from, to } = entry;
  return {
    id,
    at: Math.abs(at) > LAST_MOMENT ? null : new Date(at).toISOString(),
    approval_id: approvalId,
    title,
    backend,
    kinds,
    input,
    person: actor === null ? null : { platform: actor.platform, id: actor.id, name: actor.name },
    event: event.map(spanText).join(''),
    ignored,
    from,
    to,
  };
}

/** What was asked, as *Details* shows it, and all that happened, oldest first. @param rows oldest first */
export function storyLines(id: string, approval: Approval | null, rows: readonly FoundAudit[], zone: string): string[] {
  const backend = backendTitle(approval?.pause.backend ?? '');
  return [
    ...(approval === null ? [id, ''] : requestLines(approval, backend, zone)),
    'History',
    ...rows.map((row, index) => `  ${timeText(row.at, zone)}  ${textOf(auditEvent(rows, index, backend), zone)}`),
  ];
}

function requestLines(approval: Approval, backend: string, zone: string): string[] {
  const { title, sections } = detailsOf(approval, [], backend);
  const blocks = sections.flatMap((section): string[] => {
    const lines =
      section.kind === 'lines'
        ? section.lines.map((line) => textOf(line, zone))
        : section.kind === 'masks'
          ? section.masks.map(({ text }) => text)
          : section.text.split('\n');
    return lines.length === 0 ? [] : [section.label, ...lines.map((line) => `  ${reveal(line)}`), ''];
  });
  return [reveal(title), '', ...blocks];
}
