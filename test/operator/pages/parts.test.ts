/** Lines, moments and tables as markup. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { line, moment, pager, relativeText, table } from '../../../src/operator/pages/parts.ts';

const at = Date.UTC(2026, 10, 30, 19, 46, 10);
const now = { now: at, zone: 'Europe/Berlin' };

test('a moment is said by its distance and by its date with the zone', () => {
  assert.equal(
    String(moment(at - 240_000, now)),
    '<time datetime="2026-11-30T19:42:10.000Z">4 minutes ago <span class="exact">(30 Nov 2026, 20:42:10 CET)</span></time>',
  );
  assert.equal(
    String(moment(at, now, 'exact')),
    '<time datetime="2026-11-30T19:46:10.000Z">30 Nov 2026, 20:46:10 CET</time>',
  );
  assert.deepEqual([relativeText(at + 7_200_000, at), relativeText(at, at)], ['in 2 hours', 'now']);
  for (const never of [Number.NaN, Number.POSITIVE_INFINITY, 1e20])
    assert.equal(String(moment(never, now)), 'an unknown time');
});

describe('a line', () => {
  const evil = '<b>"&\'</b>';
  const safe = '&lt;b&gt;&quot;&amp;&#39;&lt;/b&gt;';

  test('is escaped in each of its spans', () => {
    const person = { platform: 'slack', id: 'U1', name: evil };
    const spans = [evil, { strong: evil }, { code: evil }, { person }, { person, strong: true }];
    assert.equal(
      String(line(spans, now)),
      `${safe}<strong>${safe}</strong><code>${safe}</code><bdi>${safe}</bdi><strong><bdi>${safe}</bdi></strong>`,
    );
  });

  test('shows moments', () => {
    assert.match(String(line(['until ', { at, style: 'exact' }], now)), /^until <time .*CET<\/time>$/);
    assert.match(String(line([{ at: at + 60_000, style: 'relative' }], now)), /in 1 minute/);
  });
});

test('a table says what each cell is, also where it becomes a card', () => {
  const text = String(table('Jobs', ['Kind', '"Due"'], [['Timers', '<2>']]));
  assert.match(text, /<caption class="hidden">Jobs<\/caption>/);
  assert.match(text, /<th role="rowheader" scope="row" data-label="Kind">Timers<\/th>/);
  assert.match(text, /<td role="cell" data-label="&quot;Due&quot;"><div>&lt;2&gt;<\/div><\/td>/);
});

test('the pages of a list lead on, and back to the first', () => {
  assert.equal(String(pager('/operator', { isFirst: true, next: null })), '');
  assert.match(
    String(pager('/operator', { isFirst: true, next: '1~a&b' })),
    /href="\/operator\?after=1~a%26b" rel="next"/,
  );
  assert.match(
    String(pager('/operator/audit?text=a', { isFirst: false, next: 'x' })),
    /href="\/operator\/audit\?text=a".*href="\/operator\/audit\?text=a&amp;after=x"/,
  );
  assert.match(String(pager('/operator', { isFirst: false, next: null })), /This is the last page/);
});
