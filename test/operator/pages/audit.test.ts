/** The search in the audit log: what its form means, and what it finds. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { filterOf, parseAuditForm, startOfDay } from '../../../src/operator/pages/audit.ts';
import { withOperatorPage } from '../../support/people/operator-page.ts';
import { ask } from '../../support/worlds/engine.ts';

describe('the form', () => {
  test('looks for nothing where nothing is given, or nothing that can be read', () => {
    assert.deepEqual(filterOf(parseAuditForm({}), 'UTC'), {});
    const odd = { text: 'x'.repeat(300), kind: 'nothing', from: 'yesterday', to: '2026-13-45', other: '1' };
    assert.deepEqual(filterOf(parseAuditForm(odd), 'UTC'), {});
  });

  test('means whole days in the zone of the page', () => {
    const form = parseAuditForm({
      text: ' refund ',
      person: 'Dana',
      approval: 'ap1',
      kind: 'decision',
      from: '2026-03-29',
      to: '2026-03-29',
    });
    assert.deepEqual(filterOf(form, 'Europe/Berlin'), {
      text: 'refund',
      person: 'Dana',
      approval: 'ap1',
      kinds: ['decision'],
      // The day on which summer time begins has 23 hours.
      from: Date.UTC(2026, 2, 28, 23),
      to: Date.UTC(2026, 2, 29, 22),
    });
    assert.equal(startOfDay('', 'UTC'), null);
  });
});

describe('the page', () => {
  test('finds who pressed what, with a link to it', () =>
    withOperatorPage(async ({ engine, get, signIn }) => {
      const id = await ask(engine, { tool: 'refund_order' });
      await engine.onPress(engine.press({ buttonId: id }));
      const cookie = await signIn();
      const found = (await get('/operator/audit?kind=press&person=dana', { cookie })).text;
      assert.match(found, /<bdi>Dana[^<]*<\/bdi> \(Slack\) pressed Approve\./);
      assert.match(found, new RegExp(`href="/operator/approval/${id.approvalId}">`));
      assert.match(found, /value="dana"/);
      assert.match(found, /<option value="press" selected>/);
      assert.match((await get('/operator/audit?person=nobody', { cookie })).text, /Nothing was found\./);
      assert.doesNotMatch((await get('/operator/audit?approval=another', { cookie })).text, /pressed Approve/);
    }));

  test('goes on from page to page, and begins anew with a key that was made up', () =>
    withOperatorPage(async ({ engine, get, signIn }) => {
      for (let at = 0; at < 30; at += 1) {
        const key = `k${at}`;
        await ask(engine, { key, groupId: key, runId: key });
      }
      const cookie = await signIn();
      const first = (await get('/operator/audit?kind=message', { cookie })).text;
      const next = /<a href="([^"]+)" rel="next">/.exec(first)?.[1]?.replaceAll('&amp;', '&') ?? '';
      assert.match(next, /^\/operator\/audit\?kind=message&after=/);
      const second = (await get(next, { cookie })).text;
      assert.match(second, /This is the last page|rel="next"/);
      assert.notEqual(first, second);
      const { status, headers } = await get('/operator/audit?after=made-up', { cookie });
      assert.deepEqual([status, headers.get('location')], [303, '/operator/audit']);
    }));
});
