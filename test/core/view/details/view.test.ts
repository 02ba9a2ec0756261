import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Section } from '../../../../src/core/view/details/sections.ts';
import { type DetailsView, pageOf } from '../../../../src/core/view/details/view.ts';

const ROOM = 100;
const text = (label: string): Section => ({ kind: 'text', label, text: 'x'.repeat(ROOM / 2) });
const masks: Section = {
  kind: 'masks',
  label: 'Masked values',
  masks: [{ index: 7, text: 'password: 40 characters' }],
};
const approve = { id: 'cs2.ap1.A.d1', action: 'approve', label: 'Approve', style: 'primary' } as const;
const known = { approvalId: 'ap1', fingerprint: 'd1' };

function viewOf(page: number, more: Partial<DetailsView> = {}): DetailsView {
  const sections = [text('A'), text('B'), masks, text('C'), text('D')];
  return { ...known, details: { title: 'T', sections }, page, buttons: [approve], ...more };
}

describe('a page of details', () => {
  test('turns to its neighbours and to the end; the last one decides', () => {
    const labels = (page: number) => pageOf(viewOf(page), ROOM).turns.map(({ label }) => label);
    assert.equal(pageOf(viewOf(0), ROOM).count, 4);
    assert.deepEqual(labels(0), ['Next ›', 'To the end »']);
    assert.deepEqual(labels(1), ['‹ Previous', 'Next ›', 'To the end »']);
    assert.deepEqual(labels(2), ['‹ Previous', 'Next ›']);
    assert.deepEqual(labels(99), ['‹ Previous']);
    for (const page of [0, 1, 2]) assert.deepEqual(pageOf(viewOf(page), ROOM).decisions, []);
    assert.deepEqual(pageOf(viewOf(3), ROOM).decisions, [approve]);
    assert.equal(pageOf(viewOf(99), ROOM).pageNumber, 'Page 4 of 4');
    assert.deepEqual(pageOf(viewOf(0), ROOM).turns[0]?.id, { ...known, action: 'details', page: { at: 1, of: 4 } });
  });

  test('of a single page has neither a number nor turns', () => {
    const { pageNumber, turns, decisions } = pageOf(viewOf(0), 10_000);
    assert.deepEqual([pageNumber, turns, decisions], [null, [], [approve]]);
  });

  test('shows a masked value on pages of its own, which decide nothing and lead back', () => {
    const id = pageOf(viewOf(1), ROOM).showId(7);
    assert.deepEqual(id, { ...known, action: 'show', mask: 7, page: { at: 0, of: 4 } });
    const section: Section = { kind: 'code', label: 'password', text: 'y'.repeat(ROOM * 2) };
    const { turns, decisions, sections } = pageOf(viewOf(0, { open: { mask: 7, section } }), ROOM);
    assert.ok(sections.every(({ kind }) => kind === 'code'));
    assert.deepEqual(decisions, []);
    const [hide, next] = turns;
    assert.deepEqual([hide?.label, hide?.id.action, hide?.id.page?.of], ['Hide', 'details', 4]);
    const back = pageOf(viewOf(hide?.id.page?.at ?? -1), ROOM);
    assert.ok(back.sections.some(({ kind }) => kind === 'masks'));
    assert.deepEqual([next?.label, next?.id.action, next?.id.mask], ['Next ›', 'show', 7]);
  });
});
