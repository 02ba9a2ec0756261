/** Questions that want an option or a text, and what the reviewer reads with them. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DANA_TOKEN, withInbox } from '../support.ts';

const resolvers = `${DANA_TOKEN}=slack:U0DANA`;
const options = ['staging', 'production'];

describe('a question with options', () => {
  test('shows them, and its item has the chosen one', () =>
    withInbox({}, async ({ call, create, card, changes, cards, onAnswer }) => {
      const id = await create({
        context: 'Where to?',
        options,
        details: 'Version 1.4.',
        payload: { commit: 'a1b2c3' },
      });
      const { title, body, buttons } = await card();
      assert.match(title, /“Where to\?”/);
      for (const part of ['Where to?', '1. staging', '2. production', 'Version 1.4.', 'a1b2c3']) {
        assert.ok(body?.text.includes(part), part);
      }
      assert.deepEqual(
        buttons.map(({ label }) => label),
        ['Answer', 'Decline', 'Details'],
      );
      assert.deepEqual(await onAnswer(0, { text: ['1'] }), { type: 'accepted' });
      const { body: item } = await call('GET', `/${id}?wait=30`);
      assert.deepEqual([item.status, item.answer, item.options], ['answered', 'production', options]);
      assert.equal('reason' in item, false);
      await changes.until('the card', () => (cards[0]?.at(-1)?.summary.includes('Answered by') ? true : undefined));
    }));

  test('takes no other answer, unless it says so', () =>
    withInbox({}, async ({ call, create, onAnswer }) => {
      await create({ options });
      for (const filled of [{ text: ['2'] }, { text: 'moon' }, { text: [], other: 'moon' }, { text: '' }]) {
        assert.equal((await onAnswer(0, filled)).type, 'invalid');
      }
      const id = await create({ options, free_text: true });
      assert.deepEqual(await onAnswer(1, { text: [], other: 'the moon' }), { type: 'accepted' });
      assert.equal((await call('GET', `/${id}?wait=30`)).body.answer, 'the moon');
    }));

  test('is declined with a reason', () =>
    withInbox({}, async ({ call, create, press }) => {
      const id = await create({ options });
      await press(0, 'reject', 'Neither');
      const { body } = await call('GET', `/${id}?wait=30`);
      assert.deepEqual([body.status, body.reason, body.answer], ['rejected', 'Neither', undefined]);
    }));

  test('is answered over the API, by one of them', () =>
    withInbox({ resolvers }, async ({ call, create }) => {
      const id = await create({ options });
      const resolve = (body: object) => call('POST', `/${id}/resolve`, body, DANA_TOKEN);
      const wrong = await resolve({ action: 'take_over', answer: 'moon' });
      assert.equal(wrong.status, 403);
      assert.match(wrong.body.detail, /does not fit/);
      assert.equal((await resolve({ action: 'take_over', answer: 'staging', reason: 'x' })).status, 400);
      const { status, body } = await resolve({ action: 'take_over', answer: 'staging' });
      assert.deepEqual([status, body.status, body.answer], [200, 'answered', 'staging']);
    }));
});

test('a free answer is kept as it is written', () =>
  withInbox({}, async ({ call, create, onAnswer }) => {
    const id = await create({ context: 'Which version?', free_text: true });
    await onAnswer(0, { text: '  1.4.0-rc.1\n"x" ' });
    assert.equal((await call('GET', `/${id}?wait=30`)).body.answer, '  1.4.0-rc.1\n"x" ');
  }));

test('details of a yes or no are read on its card', () =>
  withInbox({}, async ({ create, card }) => {
    await create({ details: 'Line one\nLine two' });
    const { body } = await card();
    assert.match(body?.text ?? '', /Line one[\s\S]*Line two/);
  }));

test('what can’t be shown as an option or as details is refused', () =>
  withInbox({}, async ({ call }) => {
    for (const [more, location, message] of [
      [{ options: [] }, 'body.options', /1 to 100/],
      [{ options: Array.from({ length: 101 }, (_, at) => `o${at}`) }, 'body.options', /1 to 100/],
      [{ options: ['a', 'a'] }, 'body.options', /differ/],
      [{ options: ['a', ' '] }, 'body.options.1', /line of text/],
      [{ options: ['a\nb'] }, 'body.options.0', /line of text/],
      [{ options: ['x'.repeat(201)] }, 'body.options.0', /200/],
      [{ options: 'staging' }, 'body.options', /expected array/],
      [{ options: [1, 2] }, 'body.options.0', /expected string/],
      [{ free_text: 'yes' }, 'body.free_text', /expected boolean/],
      [{ details: 7 }, 'body.details', /expected string/],
      [{ details: 'x'.repeat(32_001) }, 'body.details', /32000/],
    ] as const) {
      const { status, body } = await call('POST', '', { context: 'x', ...more });
      assert.deepEqual([status, body.errors?.[0].location], [422, location]);
      assert.match(body.errors[0].message, message);
    }
  }));
