import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { encodeButtonId } from '../../../../src/core/view/button-id.ts';
import { formOf } from '../../../support/data/forms.ts';
import { observing } from '../../../support/metrics/counted.ts';
import { buttonId, cardOf, dana, pressOn, type SlackRig, startSlack } from '../support.ts';

const form = formOf(
  { ...buttonId, action: 'reject' },
  { title: 'Reject this request', about: 'Refund order: orderId A-1009', label: 'Reason', hint: 'The agent reads it.' },
);
const refusal = { type: 'refused', text: 'Not you: <!here> *only* reviewers may decide.' } as const;

describe('a press on Slack', () => {
  test('carries its person and button, and is acknowledged silently', async () => {
    await using rig = await startSlack();
    const receipt = await rig.post();
    const calls = rig.calls('chat.postEphemeral').length;
    const { acked, response } = await rig.emulator.press(pressOn(receipt));
    assert.equal(acked, true);
    assert.equal(response, null);
    const [press] = rig.presses;
    assert.deepEqual(press, {
      id: press?.id,
      platform: 'slack',
      actor: { platform: 'slack', id: dana, name: 'dana' },
      roles: [],
      buttonId,
      form: null,
    });
    assert.equal(rig.calls('chat.postEphemeral').length, calls);
    assert.deepEqual(rig.asides(), []);
  });

  test('is acknowledged after the commit, before any other call', async () => {
    await using rig = await startSlack();
    const receipt = await rig.post();
    const committed = Promise.withResolvers<void>();
    rig.answer = async () => {
      await committed.promise;
      return refusal;
    };
    const pressed = rig.emulator.press(pressOn(receipt));
    await rig.emulator.journal.until('the envelope', (entries) => entries.find(({ kind }) => kind === 'envelope'));
    // Another call completes meanwhile: an early acknowledgement would have arrived, too.
    await rig.post();
    assert.equal(
      rig.emulator.journal.entries.some(({ kind }) => kind === 'ack'),
      false,
    );
    committed.resolve();
    await pressed;
    await aside(rig);
    const order = rig.emulator.journal.entries.map((entry) => (entry.kind === 'call' ? entry.method : entry.kind));
    assert.ok(order.indexOf('ack') < order.indexOf('chat.postEphemeral'), order.join(' '));
  });

  test('that is refused is answered privately, unformatted, in the card’s thread', async () => {
    await using rig = await startSlack();
    rig.answer = async () => refusal;
    const root = await rig.post();
    await rig.emulator.press(pressOn(root));
    const first = await aside(rig);
    assert.equal(first.onlyFor, dana);
    assert.equal(first.threadTs, null);
    assert.equal(first.text, 'Not you: &lt;!here&gt; *only* reviewers may decide.');
    assert.deepEqual(first.blocks[0]?.['text'], { type: 'plain_text', text: refusal.text, emoji: false });
    const reply = await rig.post(cardOf(), root);
    await rig.emulator.press(pressOn(reply));
    assert.equal((await aside(rig, 2)).threadTs, root.message);
  });

  test('is answered through the response_url where the bot was removed', async () => {
    await using rig = await startSlack();
    rig.answer = async () => refusal;
    const receipt = await rig.post();
    rig.emulator.removeBot(receipt.room);
    await rig.emulator.press(pressOn(receipt));
    assert.equal((await aside(rig)).onlyFor, dana);
    assert.equal(rig.calls('response_url').length, 1);
    rig.emulator.fail('response_url', { kind: 'status', status: 500, when: 'before' });
    await rig.emulator.press(pressOn(receipt));
    await logged(rig, 'a private answer was not delivered');
  });

  test('delivered twice keeps its id; a second press has another', async () => {
    await using rig = await startSlack();
    const receipt = await rig.post();
    await rig.emulator.press({ ...pressOn(receipt), deliveries: 2 });
    await rig.emulator.press(pressOn(receipt));
    await rig.emulator.journal.until('three acks', (entries) =>
      entries.filter(({ kind }) => kind === 'ack').length === 3 ? true : undefined,
    );
    const ids = rig.presses.map(({ id }) => id);
    assert.equal(ids.length, 3);
    assert.equal(new Set(ids).size, 2);
    assert.equal(ids[0], ids[1]);
  });

  const unsupported: [string, object, RegExp | null][] = [
    ['with another action’s value', { value: encodeButtonId({ ...buttonId, action: 'reject' }) }, /out of date/],
    ['of an unknown action', { actionId: 'somebody.else', value: 'x' }, null],
  ];
  for (const [name, more, text] of unsupported) {
    test(`${name} is acknowledged and never reaches onPress`, async () => {
      await using rig = await startSlack();
      const receipt = await rig.post();
      const { acked } = await rig.emulator.press({ ...pressOn(receipt), ...more });
      assert.equal(acked, true);
      if (text === null) assert.deepEqual(rig.asides(), []);
      else assert.match(textOf(await aside(rig)), text);
      assert.deepEqual(rig.presses, []);
    });
  }

  test('an unknown command is acknowledged', async () => {
    await using rig = await startSlack();
    assert.equal((await rig.emulator.command(dana, '/countersign', 'hello')).acked, true);
  });
});

describe('a form on Slack', () => {
  const open = async (rig: SlackRig) => {
    rig.answer = async (press) => (press.form === null ? { type: 'form', form } : { type: 'accepted' });
    const receipt = await rig.post();
    await rig.emulator.press(pressOn(receipt, 'reject'));
    await rig.emulator.journal.until('the form', () => rig.calls('views.open')[0]);
    const view = rig.emulator.state().views.at(-1);
    assert.ok(view);
    return view;
  };
  const typed = { text: { text: 'Wrong order.\n<b>' } };

  for (const overHttp of [false, true]) {
    test(`is measured until its answer is sent, as its press is, over ${overHttp ? 'HTTP' : 'a socket'}`, async () => {
      const { metrics, seen } = observing(2);
      await using rig = await startSlack({ overHttp, metrics });
      const { id } = await open(rig);
      rig.answer = async () => ({ type: 'accepted' });
      await rig.emulator.submitView(dana, id, typed);
      assert.deepEqual(
        await seen(),
        ['press', 'form'].map((request) => ({ name: 'press_answer_seconds', labels: { platform: 'slack', request } })),
      );
    });
  }

  test('opens after the acknowledgement, and its submission arrives as a press', async () => {
    await using rig = await startSlack();
    const { id, view } = await open(rig);
    assert.deepEqual(view['title'], { type: 'plain_text', text: 'Reject this request', emoji: false });
    const order = rig.emulator.journal.entries.map((entry) => (entry.kind === 'call' ? entry.method : entry.kind));
    assert.ok(order.indexOf('ack') < order.indexOf('views.open'), order.join(' '));
    const { response } = await rig.emulator.submitView(dana, id, typed);
    assert.equal(response, null);
    assert.deepEqual(rig.emulator.state().views, []);
    const press = rig.presses[1];
    assert.deepEqual(press?.buttonId, form.buttonId);
    assert.deepEqual(press?.form, { text: 'Wrong order.\n<b>' });
    assert.equal(press?.actor.id, dana);
    assert.notEqual(press?.id, rig.presses[0]?.id);
  });

  test('that is refused is replaced by the reason', async () => {
    await using rig = await startSlack();
    const { id } = await open(rig);
    rig.answer = async () => refusal;
    await rig.emulator.submitView(dana, id, typed);
    const [left] = rig.emulator.state().views;
    assert.deepEqual(left?.view['title'], { type: 'plain_text', text: 'Not recorded', emoji: false });
    assert.equal(left?.view['submit'], undefined);
    assert.match(JSON.stringify(left?.view['blocks']), /only\* reviewers may decide/);
    assert.deepEqual(rig.asides(), []);
  });

  test('that was not recorded stays open, and keeps its id', async () => {
    await using rig = await startSlack();
    const { id } = await open(rig);
    rig.answer = async () => Promise.reject(new Error('disk full'));
    await rig.emulator.submitView(dana, id, typed);
    assert.deepEqual(rig.emulator.state().views[0]?.errors, { text: 'Nothing was recorded. Press Reject again.' });
    rig.answer = async () => ({ type: 'accepted' });
    await rig.emulator.submitView(dana, id, typed);
    assert.deepEqual(rig.emulator.state().views, []);
    assert.equal(rig.presses[1]?.id, rig.presses[2]?.id);
  });

  test('opens once from a press that was delivered twice, without an error message', async () => {
    await using rig = await startSlack();
    rig.answer = async () => ({ type: 'form', form });
    const receipt = await rig.post();
    await rig.emulator.press({ ...pressOn(receipt), deliveries: 2 });
    await rig.emulator.journal.until('both tries', () => rig.calls('views.open')[1]);
    // The answer to a third press arrives after any answer to the second delivery.
    rig.answer = async () => refusal;
    await rig.emulator.press(pressOn(receipt));
    assert.equal(textOf(await aside(rig)), refusal.text);
    assert.equal(rig.emulator.state().views.length, 1);
    assert.equal(rig.asides().length, 1);
  });

  test('that does not open is answered so', async () => {
    await using rig = await startSlack();
    rig.answer = async () => ({ type: 'form', form });
    rig.emulator.fail('views.open', { kind: 'error', error: 'expired_trigger_id' });
    await rig.emulator.press(pressOn(await rig.post(), 'reject'));
    assert.equal(textOf(await aside(rig)), 'The form did not open. Please press again.');
    assert.deepEqual(rig.notShown, rig.presses, 'what was claimed for it is free before the person reads that');
  });

  test('counts as shown when it opened, also by the other delivery of its press', async () => {
    await using rig = await startSlack();
    rig.answer = async () => ({ type: 'form', form });
    await rig.emulator.press({ ...pressOn(await rig.post(), 'reject'), deliveries: 2 });
    await rig.emulator.journal.until('both tries', () => rig.calls('views.open')[1]);
    rig.answer = async () => refusal;
    await rig.emulator.press(pressOn(await rig.post()));
    await aside(rig);
    assert.deepEqual(rig.notShown, []);
  });
});

async function aside(rig: SlackRig, count = 1) {
  const found = await rig.emulator.journal.until('a private answer', () => rig.asides()[count - 1]);
  return found;
}

function textOf({ blocks }: { blocks: Record<string, unknown>[] }): string {
  const text = blocks[0]?.['text'];
  return typeof text === 'object' && text !== null && 'text' in text ? String(text.text) : '';
}

/** Resolves when the log contains the text. */
async function logged(rig: SlackRig, words: string): Promise<void> {
  while (!rig.log.text().includes(words)) await new Promise((resolve) => setImmediate(resolve));
}
