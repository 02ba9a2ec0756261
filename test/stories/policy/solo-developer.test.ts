/** `examples/solo-developer.yml` in the real bot, on both platforms. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { kit, mara, onExample } from '../../support/worlds/example.ts';

const slack = 'slack:C0DESK001';
const discord = 'discord:310000000000000001';
const both = [slack, discord];

describe('one developer and her agents', () => {
  const stage = onExample('solo-developer.yml');

  test('what only reads is approved by the rule: one call, and its row in the audit log', async () => {
    const { ask, says, decisions, audit } = stage();
    const word = await ask('read_file', { path: 'README.md' });
    await says(both, word, 'Approved by the rule “reading is free”');
    assert.deepEqual(decisions(), ['approved']);
    const rows = (await audit(word)).filter(({ input }) => input === 'stood' || input === 'pressed');
    assert.deepEqual(
      rows.map(({ input, actor, ignored }) => [input, actor?.name, ignored]),
      [['stood', 'reading is free', null]],
    );
  });

  test('she decides the rest with one press on either platform, and a stranger decides nothing', async () => {
    const { ask, press, answer, says, decisions } = stage();
    const [first, second] = [await ask('send_mail'), await ask('send_mail')];
    for (const place of both) {
      const text = await answer(kit, () => press(kit, place, first, 'Approve'));
      assert.match(text, /You can’t decide this request: you are not one of its reviewers/);
    }
    assert.deepEqual(decisions(), []);
    await press(mara, discord, first, 'Approve');
    await says(both, first, 'Approved by Mara Lind');
    await press(mara, slack, second, 'Approve');
    await says(both, second, 'Approved by Mara Lind');
    assert.deepEqual(decisions(), ['approved', 'approved']);
  });

  test('what can’t be undone asks her twice, and is rejected after a day without her', async () => {
    const { ask, press, fill, says, decisions } = stage();
    const word = await ask('deploy_site', { version: '4.2' });
    await says(both, word, /Dangerous[\s\S]*ejected at .* if nobody decides/);
    await press(mara, discord, word, 'Approve');
    assert.deepEqual(decisions(), []);
    await fill(mara, discord, { 'Are you sure?': 'Yes' });
    await says(both, word, 'Approved by Mara Lind');
    assert.deepEqual(decisions(), ['approved']);
  });
});
