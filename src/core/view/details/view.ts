/**
 * One page of details, with its buttons, before a platform renders it. Pure.
 * Tested in test/core/view/details/view.test.ts and test/stories/cards/details.test.ts.
 */
import type { ButtonId } from '../button-id.ts';
import type { Button } from '../card.ts';
import { type Page, pageOfMask, pagesOf } from './pages.ts';
import type { Details, Section } from './sections.ts';

/** A page of an approval’s details. A platform makes as many pages as its limits require. */
export interface DetailsView {
  approvalId: string;
  /** Of what they show; the buttons carry it back. Absent: a digest. */
  fingerprint?: string;
  details: Details;
  /** From 0; a greater number than the last page means the last page. */
  page: number;
  /** On the last page: what this person may decide, after they have read it. Absent: nothing. */
  buttons?: readonly Button[];
  /** A masked value that is open in place of the details, on pages of its own. Absent: none is. */
  open?: { mask: number; section: Section };
}

/** A button of the details that decides nothing. */
export interface PageButton {
  label: string;
  id: ButtonId;
}

export interface DetailsPage {
  sections: Page;
  /** How many pages there are. */
  count: number;
  /** `Page 2 of 5`; null for a single page. */
  pageNumber: string | null;
  /** Of the *Show* of a masked value on this page, by its index. */
  showId(mask: number): ButtonId;
  /** Turn the pages; from an open value back to the page with its *Show*. */
  turns: readonly PageButton[];
  /** Decide, on the last page. */
  decisions: readonly Button[];
}

/** @param room characters per page, labels included */
export function pageOf(view: DetailsView, room: number): DetailsPage {
  const { details, open, buttons = [] } = view;
  const all = pagesOf(details, room);
  const pages = open === undefined ? all : pagesOf({ ...details, sections: [open.section] }, room);
  const current = Math.max(0, Math.min(view.page, pages.length - 1));
  return {
    sections: pages[current] ?? [],
    count: pages.length,
    pageNumber: pages.length < 2 ? null : `Page ${current + 1} of ${pages.length}`,
    showId: (mask) => idIn(view, { action: 'show', mask, page: { at: 0, of: pages.length } }),
    turns: [...(open === undefined ? [] : [hideButton(view, open.mask, all)]), ...turns(view, current, pages.length)],
    decisions: current === pages.length - 1 && open === undefined ? buttons : [],
  };
}

function turns(view: DetailsView, current: number, of: number): PageButton[] {
  const { open } = view;
  const turn = (label: string, at: number): PageButton => {
    const target = open === undefined ? { action: 'details' as const } : { action: 'show' as const, mask: open.mask };
    return { label, id: idIn(view, { ...target, page: { at, of } }) };
  };
  return [
    ...(current > 0 ? [turn('‹ Previous', current - 1)] : []),
    ...(current < of - 1 ? [turn('Next ›', current + 1)] : []),
    ...(current < of - 2 ? [turn('To the end »', of - 1)] : []),
  ];
}

/** Closes an open value: back to the page with its *Show*. */
function hideButton(view: DetailsView, mask: number, pages: readonly Page[]): PageButton {
  const at = Math.max(0, pageOfMask(pages, mask));
  return { label: 'Hide', id: idIn(view, { action: 'details', page: { at, of: pages.length } }) };
}

function idIn(
  { approvalId, fingerprint = '0' }: DetailsView,
  rest: Omit<ButtonId, 'approvalId' | 'fingerprint'>,
): ButtonId {
  return { approvalId, fingerprint, ...rest };
}
