/**
 * Which rows of the audit log a search finds. Every store uses it, so that all find the same. A text is looked for only in
 * what people are shown, masked as they are shown it: a search can't be used to guess what a mask hides. Pure.
 * Tested in test/core/view/audit/search.test.ts.
 */
import type { Approval } from '../../approval/approval.ts';
import type { AuditRow } from '../../approval/audit.ts';
import type { Actor } from '../../approval/parts/decision.ts';
import { maskText } from '../../mask/text.ts';
import { detailsText } from '../details/pages.ts';
import { detailsOf } from '../details/sections.ts';
import { spanText } from '../line-text.ts';
import { auditEvent } from './entry.ts';
import { type AuditKind, kindsOf } from './kinds.ts';

/** What is looked for; what is absent excludes nothing. */
export interface AuditFilter {
  /** Each of its words, in any letter case, in what is shown of the request or of the event. */
  text?: string | undefined;
  /** `slack:U0123` or `U0123` for exactly this one, or a part of the name. */
  person?: string | undefined;
  /** The ID of an approval; `POLICY_AUDIT_ID` for what concerns no single approval. */
  approval?: string | undefined;
  kinds?: readonly AuditKind[] | undefined;
  /** ms since 1970. */
  from?: number | undefined;
  /** ms since 1970; not included. */
  to?: number | undefined;
}

export interface AuditMatcher {
  /** Whether a row is of the time, the kinds and the person. */
  row(row: AuditRow): boolean;
  /** Null: no text is looked for. */
  text: ((row: AuditRow, approval: SearchedApproval | null) => boolean) | null;
}

/** Of rows of one approval, the same object. */
export interface SearchedApproval {
  /** Its JSON, as it is stored: what it does not contain is not shown, so that most need not be drawn. */
  stored: string;
  /** Called at most once, for what its JSON contains. */
  parse: () => Approval;
}

export function auditMatcher(filter: AuditFilter): AuditMatcher {
  const { approval, from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY } = filter;
  const kinds = filter.kinds === undefined ? null : new Set<AuditKind>(filter.kinds);
  const person = (filter.person ?? '').trim().toLowerCase();
  const words = (filter.text ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  return {
    row: (row) =>
      row.at >= from &&
      row.at < to &&
      (approval === undefined || row.approvalId === approval) &&
      (kinds === null || kindsOf(row).some((kind) => kinds.has(kind))) &&
      (person === '' || (row.actor !== null && isPerson(row.actor, person))),
    text: words.length === 0 ? null : textMatcher(words),
  };
}

function isPerson({ platform, id, name, person, inPlaceOf }: Actor, wanted: string): boolean {
  const ids = [id, `${platform}:${id}`, person, inPlaceOf?.person];
  const names = [name, inPlaceOf?.name];
  return (
    ids.some((one) => one?.toLowerCase() === wanted) ||
    names.some((one) => one?.toLowerCase().includes(wanted) === true)
  );
}

function textMatcher(words: readonly string[]): NonNullable<AuditMatcher['text']> {
  const known = new WeakMap<SearchedApproval, readonly string[]>();
  const missingIn = (approval: SearchedApproval) => {
    const missing = known.get(approval) ?? missingOf(approval, words);
    known.set(approval, missing);
    return missing;
  };
  return (row, approval) => {
    const missing = approval === null ? words : missingIn(approval);
    if (missing.length === 0) return true;
    const text = rowText(row).toLowerCase();
    return missing.every((word) => text.includes(word));
  };
}

/** The words that the request does not show. */
function missingOf({ stored, parse }: SearchedApproval, words: readonly string[]): readonly string[] {
  const text = stored.toLowerCase();
  const inJson = words.filter((word) => text.includes(JSON.stringify(word).slice(1, -1)));
  if (inJson.length === 0) return words;
  const shown = requestText(parse()).toLowerCase();
  return words.filter((word) => !inJson.includes(word) || !shown.includes(word));
}

/** What *Details* shows of it. */
function requestText(approval: Approval): string {
  const { backend } = approval.pause;
  return `${approval.id}\n${detailsText(detailsOf(approval, [], backend))}`;
}

/** What is shown of the event, and the whole of what a person wrote. */
function rowText(row: AuditRow): string {
  const { approvalId, actor, facts } = row;
  const event = auditEvent([row], 0, '');
  const written = typeof facts['text'] === 'string' ? maskText(facts['text']).value : '';
  return [approvalId, actor?.platform ?? '', actor?.id ?? '', event.map(spanText).join(''), written].join('\n');
}
