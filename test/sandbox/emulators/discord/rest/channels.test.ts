import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { EmbedBuilder, Events, ThreadAutoArchiveDuration } from 'discord.js';
import { buttons, entries, room, someone, startClient, startEmulator, withCode } from '../support/client.ts';

test('a nonce that is enforced posts once, and brings the first message back', async (t) => {
  const emulator = await startEmulator(t);
  const client = await startClient(t, emulator);
  const channel = room(client, emulator);
  const card = {
    content: 'Refund 40 €?',
    components: [buttons('approve', 'reject')],
    nonce: 'job-1',
    enforceNonce: true,
  };
  const first = await channel.send(card);
  const again = await channel.send(card);
  assert.equal(again.id, first.id);
  const other = await channel.send({ ...card, nonce: 'job-2' });
  assert.notEqual(other.id, first.id);
  const unenforced = await channel.send({ ...card, enforceNonce: false });
  assert.notEqual(unenforced.id, first.id);
  assert.equal(emulator.state().messages.length, 3);
  assert.ok(Math.abs(first.createdTimestamp - Date.now()) < 5_000);
  assert.deepEqual(entries(emulator, 'refused'), []);
});

test('an edit changes what it names and keeps the rest', async (t) => {
  const emulator = await startEmulator(t);
  const client = await startClient(t, emulator);
  const embed = new EmbedBuilder().setTitle('Refund').setFields({ name: 'Amount', value: '40 €' });
  const message = await room(client, emulator).send({ embeds: [embed], components: [buttons('approve')] });
  const edited = await message.edit({ content: 'Approved by Mara', components: [] });
  assert.equal(edited.content, 'Approved by Mara');
  assert.ok(edited.editedTimestamp);
  const [kept] = emulator.state().messages;
  assert.equal(kept?.edited, true);
  assert.deepEqual(kept?.components, []);
  assert.deepEqual(kept?.embeds, [embed.toJSON()]);
  await assert.rejects(message.edit({ content: '', embeds: [] }), withCode(50006));
});

test('history comes newest first and in pages', async (t) => {
  const emulator = await startEmulator(t);
  const channel = room(await startClient(t, emulator), emulator);
  const ids: string[] = [];
  for (const content of ['a', 'b', 'c', 'd']) ids.push((await channel.send(content)).id);
  const page = async (query: object) => [...(await channel.messages.fetch({ cache: false, ...query })).keys()];
  assert.deepEqual(await page({}), ids.toReversed());
  assert.deepEqual(await page({ limit: 1, before: ids[2] }), [ids[1]]);
  assert.deepEqual(await page({ limit: 2, after: ids[0] }), [ids[2], ids[1]]);
  assert.deepEqual(await page({ limit: 3, around: ids[2] }), [ids[3], ids[2], ids[1]]);
  assert.ok(ids.every((id, index) => index === 0 || BigInt(id) > BigInt(ids[index - 1] ?? 0)));
});

test('a thread hangs on its message, once', async (t) => {
  const emulator = await startEmulator(t);
  const client = await startClient(t, emulator);
  const message = await room(client, emulator).send('Run 7');
  const thread = await message.startThread({ name: 'Result', autoArchiveDuration: ThreadAutoArchiveDuration.OneDay });
  assert.equal(thread.id, message.id);
  await thread.send('The run is complete.');
  assert.equal(emulator.state().messages.find(({ id }) => id === message.id)?.threadId, thread.id);
  assert.equal(emulator.state().messages.at(-1)?.channelId, thread.id);
  assert.equal(emulator.state().channels.at(-1)?.parentId, emulator.channel);
  await assert.rejects(message.startThread({ name: 'Again' }), withCode(160004));
  await thread.setArchived(true);
  await thread.send('A message wakes it.');
  assert.equal((await thread.fetch(true)).archived, false);
});

test('a direct message goes to one person', async (t) => {
  const emulator = await startEmulator(t);
  const client = await startClient(t, emulator);
  const user = await client.users.fetch(someone(emulator));
  const message = await user.send('For you only.');
  assert.equal(emulator.state().channels.find(({ id }) => id === message.channelId)?.type, 1);
});

test('members and roles are there to be asked for, and not without asking', async (t) => {
  const emulator = await startEmulator(t);
  emulator.addUser({ id: '200000000000000009', username: 'new', globalName: 'New', roles: ['300000000000000001'] });
  const client = await startClient(t, emulator);
  const guild = client.guilds.cache.get(emulator.guildId);
  assert.ok(guild);
  assert.deepEqual([...guild.members.cache.keys()], [emulator.botUserId]);
  assert.ok(guild.roles.cache.has('300000000000000001'));
  const member = await guild.members.fetch('200000000000000009');
  assert.ok(member.roles.cache.has('300000000000000001'));
  await assert.rejects(guild.members.fetch('200000000000000010'), withCode(10007));
  await assert.rejects(guild.members.list(), withCode(50001));
  const made = once(client, Events.GuildRoleCreate);
  emulator.addUser({ id: '200000000000000010', username: 'newer', globalName: 'N', roles: ['300000000000000002'] });
  assert.equal((await made)[0].id, '300000000000000002');
});

test('what is gone or forbidden is refused by its code', async (t) => {
  const emulator = await startEmulator(t);
  const channel = room(await startClient(t, emulator), emulator);
  const message = await channel.send('soon gone');
  emulator.denyChannel(channel.id, 50013);
  await assert.rejects(channel.send('no right to write'), withCode(50013));
  assert.equal((await channel.messages.fetch({ message: message.id, force: true })).id, message.id);
  emulator.denyChannel(channel.id, 50001);
  await assert.rejects(channel.messages.fetch({ message: message.id, force: true }), withCode(50001));
  emulator.denyChannel(channel.id, null);
  emulator.deleteMessage(channel.id, message.id);
  await assert.rejects(message.edit('too late'), withCode(10008));
  emulator.deleteChannel(channel.id);
  await assert.rejects(channel.send('nowhere'), withCode(10003));
});

test('a file comes with its message and can be read', async (t) => {
  const emulator = await startEmulator(t);
  const channel = room(await startClient(t, emulator), emulator);
  await channel.send({ files: [{ attachment: Buffer.from('{"a":1}'), name: 'all.json' }] });
  const [file] = emulator.state().messages[0]?.attachments ?? [];
  assert.equal(file?.filename, 'all.json');
  assert.equal(await (await fetch(file?.url ?? '')).text(), '{"a":1}');
});
