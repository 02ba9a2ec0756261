/** The policy file on the sandbox page: its errors, what it would change, and the cards that follow it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, describe, test } from 'node:test';
import { skipBrowser } from '../support/people/browser.ts';
import { sandboxPage } from '../support/people/sandbox-page.ts';

describe('the policy file on the page', { skip: skipBrowser }, () => {
  const at = sandboxPage();
  const { become, decided, sees, shoot } = at;
  const text = () => at.page.getByTestId('policy-text');
  const problem = () => at.page.getByTestId('policy-problem');
  const statusIs = (kind: string, says: RegExp) =>
    at.page.locator(`[data-testid="policy-status"][data-kind="${kind}"]`).filter({ hasText: says }).waitFor();
  const waiting = (tool: string) => at.page.locator(`[data-testid="waiting"][data-tool="${tool}"]`);
  const takes = (tool: string) => waiting(tool).getByTestId('takes');
  const request = (name: string) => at.page.locator(`button[data-run="${name}"]`);
  const file = () => readFileSync(at.sandbox.policyFile, 'utf8');
  const save = () => at.page.getByRole('button', { name: /^Save/ }).click();

  before(async () => {
    await at.page.goto(`${at.sandbox.url}/policy`);
    await statusIs('good', /applies/);
  });

  test('each request says which rule it meets; what waits says who may decide it', async () => {
    await request('large-refund').filter({ hasText: '2 people: large refunds' }).waitFor();
    await request('read-order').filter({ hasText: 'The rule decides: reads' }).waitFor();
    await request('grant-access').filter({ hasText: 'No one may decide' }).waitFor();
    await request('read-order').click();
    await sees(at.slack, 'Approved by the rule “reads”.');
    await request('refund-agent').click();
    await takes('refund_order').and(at.page.locator('[data-people="1"]')).getByText('small refunds').waitFor();
    await request('grant-access').click();
    await takes('grant_admin_access').getByText('no rule of the file fits').waitFor();
    await request('odd-refund').filter({ hasText: 'No one may decide: large refunds' }).waitFor();
    await waiting('refund_order').getByText('Why').click();
    await waiting('refund_order').getByText('Rule 3 of 6 in countersign.yml').waitFor();
    await waiting('refund_order').getByText('Why').click();
    await shoot('70-policy');
  });

  test('an error is shown at its line and column, with what to write, and leads to its place', async () => {
    const wrong = file().replace('by: [finance, legal], count: 2', 'by: [finance, legal], cuont: 2');
    await text().fill(wrong);
    const line = 1 + wrong.split('\n').findIndex((one) => one.includes('cuont'));
    const column = 1 + (wrong.split('\n')[line - 1] ?? '').indexOf('cuont');
    await problem()
      .filter({ hasText: `countersign.yml:${line}:${column}` })
      .getByText('Did you mean count?')
      .waitFor();
    await problem().click();
    const cursor = await text().evaluate((field) => (field as unknown as { selectionStart: number }).selectionStart);
    assert.equal(cursor, wrong.indexOf('cuont'));
    await statusIs('bad', /1 error, not saved/);
    assert.doesNotMatch(file(), /cuont/);
    await shoot('71-policy-error');
    await save();
    await statusIs('bad', /Saved with 1 error\. The bot refuses it, and the policy before it still applies/);
    assert.match(file(), /cuont/);
  });

  test('what was asked keeps what it takes; what no one could decide follows the file', async () => {
    const first = file().replace('cuont', 'count');
    await text().fill(
      first
        .replace(/(name: small refunds[\s\S]*?approve: \{ by: \[finance)\] \}/, '$1, legal], count: 2 }')
        .replace(/ {4}when: '!pause\.tool.*\n/, ''),
    );
    await statusIs('open', /Valid, not saved yet/);
    await waiting('refund_order').getByText('Once saved: stays as it is.').waitFor();
    await waiting('refund_order').getByTestId('anew').and(at.page.locator('[data-people="2"]')).waitFor();
    await takes('grant_admin_access').nth(1).getByText('everything else').waitFor();
    await shoot('72-policy-changes');
    await save();
    await statusIs('good', /Saved, and it applies/);
    // Its card in the room follows.
    await sees(at.slack, /Rule “everything else”: finance\./);
    await takes('grant_admin_access').and(at.page.locator('[data-people="1"]')).waitFor();
    assert.equal(await takes('refund_order').count(), 1);
    assert.equal(await takes('refund_order').getAttribute('data-people'), '1');
  });

  test('a card that waits for one person waits for two, both press, and one call goes out', async () => {
    // The people who could decide it are no longer a group of the file: then the rule of now applies.
    await text().fill(file().replaceAll('finance', 'desk'));
    await takes('refund_order').nth(1).and(at.page.locator('[data-people="2"]')).waitFor();
    await save();
    await statusIs('good', /Saved, and it applies/);
    await sees(at.slack, /2 of desk and legal/);
    const already = decided().length;
    const card = at.slack.getByTestId('message').filter({ hasText: '42.50 EUR' }).first();
    await become('dana');
    await card.getByRole('button', { name: 'Approve' }).click();
    const chip = (name: string) => waiting('refund_order').locator(`.chip[data-person="${name}"]`);
    await chip('dana').and(at.page.locator('[data-state="signed"]')).waitFor();
    assert.equal(decided().length, already);
    await shoot('73-policy-signed');
    await become('kit');
    await card.getByRole('button', { name: 'Approve' }).click();
    await sees(at.slack, /You can’t decide this request/);
    assert.equal(decided().length, already);
    await become('remy');
    await card.getByRole('button', { name: 'Approve' }).click();
    await waiting('refund_order').waitFor({ state: 'detached' });
    await sees(at.slack, /Approved by @?Dana Reyes and @?Remy Laurent/);
    assert.equal(decided().length, already + 1);
    await shoot('74-policy-decided');
  });

  test('at 390 px nothing is wider than the screen', async () => {
    await at.page.setViewportSize({ width: 390, height: 844 });
    const width = await at.page.evaluate<number>('document.documentElement.scrollWidth');
    assert.ok(width <= 390, `${width} px`);
    await shoot('75-policy-narrow');
    await at.page.getByRole('link', { name: 'Back to the rooms' }).click();
    await at.page.locator('.first-example').first().waitFor();
  });
});
