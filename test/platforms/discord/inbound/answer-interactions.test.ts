import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PressAnswer } from '../../../../src/core/ports/ports.ts';
import { encodeButtonId } from '../../../../src/core/view/button-id.ts';
import { parseInteraction } from '../../../../src/platforms/discord/inbound/parse-interaction.ts';
import { observing } from '../../../support/metrics/counted.ts';
import { buttonId, calls, entries, form, type Rig, startRig } from '../support.ts';

type Json = Record<string, unknown>;

/** The private messages of this person, newest first. */
function whispers({ emulator, userId }: Rig) {
  return emulator
    .state()
    .messages.filter(({ onlyFor }) => onlyFor === userId)
    .toReversed();
}

function openForm(rig: Rig): string {
  const modal = rig.emulator.state().modals[0];
  assert.ok(modal);
  return modal.id;
}

test('a press carries its person and button, and is answered silently', async (t) => {
  const rig = await startRig(t);
  const { message } = await rig.post();
  const result = await rig.press(message);
  assert.deepEqual({ acked: result.acked, type: result.type }, { acked: true, type: 6 });
  const [user] = rig.emulator.state().users;
  assert.deepEqual(rig.presses, [
    {
      id: `discord:${result.interactionId}`,
      platform: 'discord',
      actor: { platform: 'discord', id: rig.userId, name: user?.globalName },
      roles: user?.roles,
      buttonId,
      form: null,
    },
  ]);
  assert.deepEqual(whispers(rig), []);
});

test('what people wait for is measured until Discord has the answer', async (t) => {
  const { metrics, seen } = observing(3);
  const rig = await startRig(t, { metrics });
  const { message } = await rig.post();
  await rig.press(message);
  rig.answerWith({ type: 'form', form });
  await rig.press(message);
  rig.answerWith({ type: 'accepted' });
  const { userId, emulator } = rig;
  await emulator.submitModal(userId, openForm(rig), { text: 'Too much.' });
  const name = 'press_answer_seconds';
  assert.deepEqual(
    await seen(),
    ['press', 'press', 'form'].map((request) => ({ name, labels: { platform: 'discord', request } })),
  );
});

test('the answer is the first request after the press was handled', async (t) => {
  const rig = await startRig(t);
  const { message } = await rig.post();
  const before = entries(rig, 'call').length;
  await rig.press(message);
  assert.match(entries(rig, 'call')[before]?.path ?? '', /\/callback$/);
});

test('a refused press is answered privately, without mentions or markup', async (t) => {
  const rig = await startRig(t);
  const { message } = await rig.post();
  rig.answerWith({ type: 'refused', text: 'Already approved by <@1> **Sam** @everyone.' });
  const result = await rig.press(message);
  assert.equal(result.type, 4);
  const [whisper] = whispers(rig);
  assert.equal(whisper?.content, 'Already approved by \\<\\@1\\> \\*\\*Sam\\*\\* \\@everyone.');
  const [callback] = entries(rig, 'callback');
  assert.ok(callback);
  assert.deepEqual((callback.body['data'] as Json)['allowed_mentions'], { parse: [] });
});

test('a form opens, and its submission arrives as a press', async (t) => {
  const rig = await startRig(t);
  const { message } = await rig.post();
  rig.answerWith({ type: 'form', form });
  assert.equal((await rig.press(message)).type, 9);
  const [modal] = rig.emulator.state().modals;
  assert.deepEqual(modal?.data, {
    custom_id: encodeButtonId({ ...form.buttonId, page: { at: 0, of: 1 } }),
    title: 'Reject',
    components: [
      { type: 10, content: 'Order desk\\: Refund order' },
      {
        type: 18,
        label: 'Why?',
        description: 'The reason is sent to the agent.',
        component: {
          type: 4,
          custom_id: 'text',
          style: 2,
          required: true,
          max_length: 3000,
        },
      },
    ],
  });
  rig.answerWith({ type: 'accepted' });
  const result = await rig.emulator.submitModal(rig.userId, openForm(rig), { text: 'Too much.' });
  assert.equal(result.type, 6);
  const press = rig.presses[1];
  assert.deepEqual(press?.form, { text: 'Too much.' });
  assert.deepEqual(press?.buttonId, { ...form.buttonId, page: { at: 0, of: 1 } });
  assert.equal(press?.id, `discord:${result.interactionId}`);
});

test('a refused form returns what was written', async (t) => {
  const rig = await startRig(t);
  const { message } = await rig.post();
  rig.answerWith({ type: 'form', form });
  await rig.press(message);
  const written = `${'Because of `this` **and** ```that```. '.repeat(100).slice(0, 2_999)}!`;
  rig.answerWith({ type: 'refused', text: 'Too late.' });
  const result = await rig.emulator.submitModal(rig.userId, openForm(rig), { text: written });
  assert.equal(result.type, 4);
  const [whisper] = whispers(rig);
  assert.equal(whisper?.content, 'Too late.');
  assert.equal(whisper?.embeds[0]?.['description'], `\`\`\`\n${written.replaceAll('`', 'ˋ')}\n\`\`\``);
});

test('a form without a message is parsed, with unknown roles', () => {
  const read = parseInteraction({
    id: '7',
    type: 5,
    token: 'secret',
    user: { id: '1', username: 'mara' },
    data: {
      custom_id: encodeButtonId(buttonId),
      components: [{ type: 1, components: [{ type: 4, custom_id: 'text', value: '' }] }],
    },
  });
  assert.ok(read.kind === 'press');
  assert.equal(read.fromMessage, false);
  assert.deepEqual(read.press.form, { text: '' });
  assert.equal(read.press.roles, null, 'not told: they may have some');
  assert.equal(read.press.actor.name, 'mara');
});

test('a press that is not recorded is answered and logged', async (t) => {
  const rig = await startRig(t);
  const { message } = await rig.post();
  rig.answerWith(new Error('disk full'));
  assert.equal((await rig.press(message)).type, 4);
  assert.equal(whispers(rig)[0]?.content, 'Nothing was recorded. Please press again.');
  assert.ok(rig.lines().some(({ msg }) => msg === 'a press was not recorded'));
});

test('a press delivered twice arrives twice with the same id, and is answered once', async (t) => {
  const rig = await startRig(t);
  const { message } = await rig.post();
  const result = await rig.press(message, encodeButtonId(buttonId), 2);
  assert.equal(result.acked, true);
  await rig.emulator.journal.until('both callbacks', (list) =>
    list.filter(({ kind }) => kind === 'callback').length === 2 ? true : undefined,
  );
  assert.deepEqual(new Set(rig.presses.map(({ id }) => id)), new Set([`discord:${result.interactionId}`]));
  assert.equal(rig.presses.length, 2);
  assert.equal(entries(rig, 'callback').filter(({ refused }) => refused === 40_060).length, 1);
});

test('a button of another version is answered; a foreign one is ignored', async (t) => {
  const rig = await startRig(t);
  const { message } = await rig.post();
  assert.equal((await rig.press(message, 'cs9.what.ever')).type, 4);
  assert.equal(whispers(rig)[0]?.content, 'This button is out of date. Use /approvals.');
  assert.deepEqual(rig.presses, []);

  const strange = { id: '1', token: 'secret-token', type: 3, data: { custom_id: 'poll:1', component_type: 2 } };
  const user = { id: '2', username: 'x' };
  assert.deepEqual(parseInteraction({ ...strange, user }), { kind: 'unsupported', reason: 'not one of our buttons' });
  for (const broken of [null, {}, strange, { ...strange, user, type: 2 }, { ...strange, user, data: {} }]) {
    const read = parseInteraction(broken);
    assert.equal(read.kind, 'unsupported');
    assert.ok(!JSON.stringify(read).includes('secret-token'));
  }
});

test('an answer that was lost is sent a second time', async (t) => {
  const rig = await startRig(t);
  const { message } = await rig.post();
  rig.emulator.fail('POST /interactions/:id/:token/callback', { kind: 'reset', when: 'before' });
  assert.equal((await rig.press(message)).type, 6);
  rig.emulator.fail('POST /interactions/:id/:token/callback', { kind: 'reset', when: 'after' });
  assert.equal((await rig.press(message)).type, 6);
  rig.emulator.fail('POST /interactions/:id/:token/callback', { kind: 'rate_limited', retryAfterMs: 20 });
  assert.equal((await rig.press(message)).type, 6);
  assert.equal(calls(rig, /callback$/).length, 6);
  assert.ok(!rig.lines().some(({ level }) => Number(level) >= 40), rig.text());
});

test('an answer that Discord does not accept is logged without its token, and the press counts', async (t) => {
  const rig = await startRig(t);
  const { message } = await rig.post();
  rig.emulator.fail('POST /interactions/:id/:token/callback', {
    kind: 'status',
    status: 404,
    when: 'after',
    code: 10062,
  });
  await rig.press(message);
  await logged(rig, 'Discord did not accept the answer to a press');
  const [interaction] = entries(rig, 'interaction');
  assert.ok(!rig.text().includes(String(interaction?.payload['token'])));
  assert.equal(rig.presses.length, 1);
  assert.equal(rig.lines().find(({ msg }) => String(msg).startsWith('Discord did not'))?.['code'], 10_062);
});

test('a form that Discord refuses is reported, and its person is told', async (t) => {
  const rig = await startRig(t);
  const { message } = await rig.post();
  rig.answerWith({ type: 'form', form });
  const refused = { kind: 'status', status: 400, when: 'before', code: 50_035 } as const;
  rig.emulator.fail('POST /interactions/:id/:token/callback', refused);
  await rig.press(message);
  const told = await rig.emulator.journal.until('the private answer', () => whispers(rig)[0]);
  assert.equal(told.content, 'The form did not open. Please press again.');
  assert.deepEqual(rig.notShown, rig.presses);
});

test('a form whose time was over is reported; one that another delivery has opened is not', async (t) => {
  const rig = await startRig(t);
  const { message } = await rig.post();
  rig.answerWith({ type: 'form', form });
  await rig.press(message, undefined, 2);
  await logged(rig, 'a press was answered before, by another delivery or another replica');
  assert.deepEqual([rig.notShown, rig.emulator.state().modals.length], [[], 1]);
  const expired = { kind: 'status', status: 404, when: 'before', code: 10_062 } as const;
  rig.emulator.fail('POST /interactions/:id/:token/callback', expired);
  await rig.press(message);
  await rig.emulator.journal.until('the report', () => rig.notShown[0]);
  assert.deepEqual(rig.notShown, rig.presses.slice(-1));
});

test('presses arrive after the connection was lost', async (t) => {
  const rig = await startRig(t);
  const { message } = await rig.post();
  rig.emulator.dropSockets();
  assert.equal((await rig.press(message)).type, 6);
  assert.equal(rig.presses.length, 1);
});

test('a press in progress is answered before the bot stops', async (t) => {
  const rig = await startRig(t);
  const { message } = await rig.post();
  const { promise: committed, resolve: commit } = Promise.withResolvers<PressAnswer>();
  rig.answerWith(committed);
  const pressed = rig.press(message);
  await turnsUntil(() => rig.presses.length > 0);
  let gone = false;
  const stopped = rig.discord.stop().then(() => {
    gone = true;
  });
  // Enough round trips for a stop that does not wait.
  for (let trip = 0; trip < 10; trip += 1) await fetch(rig.emulator.url);
  assert.equal(gone, false);
  commit({ type: 'accepted' });
  await stopped;
  assert.equal((await pressed).type, 6);
});

async function turnsUntil(reached: () => boolean): Promise<void> {
  while (!reached()) await new Promise((resolve) => setImmediate(resolve));
}

function logged(rig: Rig, words: string): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (rig.text().includes(words)) resolve();
    };
    rig.onLine(look);
    look();
  });
}
