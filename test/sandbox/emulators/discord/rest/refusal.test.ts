import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DiscordEmulator, Json } from '../../../../../src/sandbox/emulators/discord/types.ts';
import { buttons, entries, onButton, room, someone, startClient, startEmulator, withCode } from '../support/client.ts';
import { call } from '../support/raw-calls.ts';

const button = { type: 2, style: 1, custom_id: 'a', label: 'A' };
const row = (...components: Json[]) => ({ type: 1, components });
const text = (length: number) => 'x'.repeat(length);
const input = { type: 4, style: 1, custom_id: 'i', label: 'L' };
const modal = { custom_id: 'm', title: 'T', components: [row(input)] };

/** What is wrong → body, and where Discord says it is wrong, with which code. */
const messages: Record<string, [body: Json, path: string, code: string]> = {
  'text over 2000': [{ content: text(2001) }, 'content', 'BASE_TYPE_MAX_LENGTH'],
  'six rows': [
    { components: ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => row({ ...button, custom_id: id })) },
    'components',
    'BASE_TYPE_MAX_LENGTH',
  ],
  'six buttons in a row': [
    { components: [row(...['a', 'b', 'c', 'd', 'e', 'f'].map((id) => ({ ...button, custom_id: id })))] },
    'components.0.components',
    'BASE_TYPE_MAX_LENGTH',
  ],
  'a custom id twice': [
    { components: [row(button), row(button)] },
    'components.1.components.0.custom_id',
    'COMPONENT_CUSTOM_ID_DUPLICATED',
  ],
  'a custom id over 100': [
    { components: [row({ ...button, custom_id: text(101) })] },
    'components.0.components.0.custom_id',
    'BASE_TYPE_MAX_LENGTH',
  ],
  'a label over 80': [
    { components: [row({ ...button, label: text(81) })] },
    'components.0.components.0.label',
    'BASE_TYPE_MAX_LENGTH',
  ],
  'an empty label': [
    { components: [row({ ...button, label: '' })] },
    'components.0.components.0.label',
    'BASE_TYPE_REQUIRED',
  ],
  'a button without custom id': [
    { components: [row({ type: 2, style: 1, label: 'A' })] },
    'components.0.components.0',
    'BUTTON_COMPONENT_CUSTOM_ID_REQUIRED',
  ],
  'a button with custom id and url': [
    { components: [row({ ...button, style: 5, url: 'https://example.com' })] },
    'components.0.components.0',
    'BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE',
  ],
  'a button whose url runs a script': [
    { components: [row({ type: 2, style: 5, label: 'A', url: 'javascript:alert(1)' })] },
    'components.0.components.0.url',
    'URL_TYPE_INVALID_SCHEME',
  ],
  'a button outside a row': [{ components: [button] }, 'components.0', 'UNION_TYPE_CHOICES'],
  'a text input in a message': [{ components: [row(input)] }, 'components.0.components.0', 'UNION_TYPE_CHOICES'],
  'eleven embeds': [{ embeds: Array.from({ length: 11 }, () => ({ title: 'x' })) }, 'embeds', 'BASE_TYPE_MAX_LENGTH'],
  'an embed title over 256': [{ embeds: [{ title: text(257) }] }, 'embeds.0.title', 'BASE_TYPE_MAX_LENGTH'],
  'embeds over 6000 together': [
    { embeds: [{ description: text(4000) }, { description: text(2001) }] },
    'embeds',
    'MAX_EMBED_SIZE_EXCEEDED',
  ],
  'an empty field': [
    { embeds: [{ title: 'x', fields: [{ name: 'n', value: '' }] }] },
    'embeds.0.fields.0.value',
    'BASE_TYPE_REQUIRED',
  ],
  'a property that is not known': [{ content: 'x', embedz: [] }, 'embedz', 'UNKNOWN_PROPERTY'],
  'a property that is not known, deep down': [
    { components: [row({ ...button, customId: 'b' })] },
    'components.0.components.0.customId',
    'UNKNOWN_PROPERTY',
  ],
  'flags that are no number': [{ content: 'x', flags: 'Ephemeral' }, 'flags', 'NUMBER_TYPE_COERCE'],
  'a nonce over 25': [{ content: 'x', nonce: text(26) }, 'nonce', 'BASE_TYPE_MAX_LENGTH'],
  'text beside the newer components': [
    { content: 'x', flags: 1 << 15, components: [{ type: 10, content: 'y' }] },
    'content',
    'MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2',
  ],
};

const modals: Record<string, [data: Json, path: string, code: string]> = {
  'no component': [{ ...modal, components: [] }, 'data.components', 'BASE_TYPE_MIN_LENGTH'],
  'six components': [
    { ...modal, components: ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => row({ ...input, custom_id: id })) },
    'data.components',
    'BASE_TYPE_BAD_LENGTH',
  ],
  'a title over 45': [{ ...modal, title: text(46) }, 'data.title', 'BASE_TYPE_MAX_LENGTH'],
  'an empty title': [{ ...modal, title: '' }, 'data.title', 'BASE_TYPE_REQUIRED'],
  'a custom id over 100': [{ ...modal, custom_id: text(101) }, 'data.custom_id', 'BASE_TYPE_MAX_LENGTH'],
  'a label over 45': [
    { ...modal, components: [row({ ...input, label: text(46) })] },
    'data.components.0.components.0.label',
    'BASE_TYPE_MAX_LENGTH',
  ],
  'no label': [
    { ...modal, components: [row({ type: 4, style: 1, custom_id: 'i' })] },
    'data.components.0.components.0.label',
    'BASE_TYPE_REQUIRED',
  ],
  'a longest length over 4000': [
    { ...modal, components: [row({ ...input, max_length: 4001 })] },
    'data.components.0.components.0.max_length',
    'NUMBER_TYPE_MAX',
  ],
  'a value over 4000': [
    { ...modal, components: [row({ ...input, value: text(4001) })] },
    'data.components.0.components.0.value',
    'BASE_TYPE_MAX_LENGTH',
  ],
  'a button in a modal': [
    { ...modal, components: [row(button)] },
    'data.components.0.components.0',
    'UNION_TYPE_CHOICES',
  ],
  'two inputs in a row': [
    { ...modal, components: [row(input, { ...input, custom_id: 'j' })] },
    'data.components.0.components.1',
    'COMPONENT_LAYOUT_WIDTH_EXCEEDED',
  ],
};

function assertRefused(answer: { status: number; body: Json }, path: string, code: string): void {
  assert.equal(answer.status, 400, JSON.stringify(answer.body));
  assert.equal(answer.body['code'], 50035);
  assert.equal(answer.body['message'], 'Invalid Form Body');
  let node = answer.body['errors'] as Json;
  for (const step of path.split('.')) node = (node?.[step] ?? {}) as Json;
  const found = ((node['_errors'] ?? []) as Json[]).map((error) => error['code']);
  assert.ok(found.includes(code), JSON.stringify(answer.body));
}

/** An interaction that no client received, as the journal shows it. */
function callbackPath(emulator: DiscordEmulator): string {
  const payload = entries(emulator, 'interaction')[0]?.payload ?? {};
  return `/interactions/${payload['id']}/${payload['token']}/callback`;
}

/** Leaves the press open: no client is connected to answer it. */
function pressUnanswered(emulator: DiscordEmulator, messageId: string): Promise<unknown> {
  return emulator.press({ userId: someone(emulator), channelId: emulator.channel, messageId, customId: 'a' });
}

test('a message is refused for', async (t) => {
  const emulator = await startEmulator(t);
  const path = `/channels/${emulator.channel}/messages`;
  for (const [name, [body, at, code]] of Object.entries(messages)) {
    await t.test(name, async () => assertRefused(await call(emulator, 'POST', path, body), at, code));
  }
  assert.deepEqual(emulator.state().messages, []);
  const refused = entries(emulator, 'refused');
  assert.equal(refused.length, Object.keys(messages).length);
  assert.match(refused[0]?.reason ?? '', /content\[BASE_TYPE_MAX_LENGTH\]: Must be 2000 or fewer in length\./);
});

test('an edit and a reply are held to the same rules', async (t) => {
  const emulator = await startEmulator(t, { interactionBudgetMs: 60_000 });
  const path = `/channels/${emulator.channel}/messages`;
  const sent = await call(emulator, 'POST', path, { content: 'x', components: [row(button)] });
  assert.equal(sent.status, 200);
  const edit = await call(emulator, 'PATCH', `${path}/${sent.body['id']}`, { content: text(2001) });
  assertRefused(edit, 'content', 'BASE_TYPE_MAX_LENGTH');
  const pressed = pressUnanswered(emulator, String(sent.body['id']));
  const long = await call(emulator, 'POST', callbackPath(emulator), { type: 4, data: { content: text(2001) } });
  assertRefused(long, 'data.content', 'BASE_TYPE_MAX_LENGTH');
  const empty = await call(emulator, 'POST', callbackPath(emulator), { type: 4, data: {} });
  assert.equal(empty.body['code'], 50006);
  const pong = await call(emulator, 'POST', callbackPath(emulator), { type: 1 });
  assertRefused(pong, 'type', 'BASE_TYPE_CHOICES');
  const good = await call(emulator, 'POST', callbackPath(emulator), { type: 6 });
  assert.equal(good.status, 204, 'an answer that was refused leaves the interaction open');
  await pressed;
});

test('a modal is refused for', async (t) => {
  const emulator = await startEmulator(t, { interactionBudgetMs: 60_000 });
  const sent = await call(emulator, 'POST', `/channels/${emulator.channel}/messages`, { content: 'x' });
  const pressed = pressUnanswered(emulator, String(sent.body['id']));
  const open = (data: Json) => call(emulator, 'POST', callbackPath(emulator), { type: 9, data });
  for (const [name, [data, at, code]] of Object.entries(modals)) {
    await t.test(name, async () => assertRefused(await open(data), at, code));
  }
  assert.deepEqual(emulator.state().modals, []);
  const label = { type: 18, label: 'Why?', component: { type: 4, style: 2, custom_id: 'i', required: false } };
  assert.equal((await open({ ...modal, components: [label] })).status, 204);
  await pressed;
  const opened = emulator.state().modals[0];
  const submitted = emulator.submitModal(someone(emulator), opened?.id ?? '', { i: 'because' });
  const payload = entries(emulator, 'interaction').at(-1)?.payload ?? {};
  assert.deepEqual((payload['data'] as Json)['components'], [
    { type: 18, component: { type: 4, custom_id: 'i', value: 'because', id: 2 }, id: 1 },
  ]);
  await emulator.close();
  await submitted;
});

test('what is no form is refused as such', async (t) => {
  const emulator = await startEmulator(t);
  const path = `/channels/${emulator.channel}/messages`;
  const code = async (...args: [method: string, path: string, body?: unknown, token?: string]) => {
    const { status, body } = await call(emulator, ...args);
    return [status, body['code'], body['message']];
  };
  assert.deepEqual(await code('POST', path, { content: '  ' }), [400, 50006, 'Cannot send an empty message']);
  assert.deepEqual(await code('POST', path, '{'), [400, 50109, 'The request body contains invalid JSON.']);
  assert.deepEqual(await code('POST', path, { content: 'x' }, 'wrong'), [401, 0, '401: Unauthorized']);
  assert.deepEqual(await code('GET', '/nowhere'), [404, 0, '404: Not Found']);
  assert.deepEqual(await code('GET', '/channels/1'), [404, 10003, 'Unknown Channel']);
  assert.deepEqual(await code('GET', `${path}/1`), [404, 10008, 'Unknown Message']);
  assert.deepEqual(await code('POST', '/interactions/1/x/callback', { type: 6 }), [404, 10062, 'Unknown interaction']);
  assert.deepEqual(await code('POST', `/webhooks/${emulator.applicationId}/x`, { content: 'x' }), [
    404,
    10015,
    'Unknown Webhook',
  ]);
});

test('discord.js shows a refusal with its code and its place', async (t) => {
  const emulator = await startEmulator(t);
  const client = await startClient(t, emulator);
  const message = await room(client, emulator).send({ content: 'Go?', components: [buttons('a')] });
  const refused = Promise.withResolvers<unknown>();
  onButton(client, (interaction) => interaction.reply('x'.repeat(2001)).catch(refused.resolve));
  const pressed = pressUnanswered(emulator, message.id);
  const error = await refused.promise;
  assert.ok(withCode(50035)(error));
  assert.match(String(error), /data\.content\[BASE_TYPE_MAX_LENGTH\]/);
  await emulator.close();
  await pressed;
});
