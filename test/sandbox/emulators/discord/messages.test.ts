import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { EmbedBuilder, Events, ThreadAutoArchiveDuration } from 'discord.js';
import { buttons, entries, room, someone, startClient, startStandIn, withCode } from './rig.ts';

test('a nonce that is enforced posts once, and brings the first message back', async (t) => {
  const standIn = await startStandIn(t);
  const client = await startClient(t, standIn);
  const channel = room(client, standIn);
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
  assert.equal(standIn.state().messages.length, 3);
  assert.ok(Math.abs(first.createdTimestamp - Date.now()) < 5_000);
  assert.deepEqual(entries(standIn, 'refused'), []);
});

test('an edit changes what it names and keeps the rest', async (t) => {
  const standIn = await startStandIn(t);
  const client = await startClient(t, standIn);
  const embed = new EmbedBuilder().setTitle('Refund').setFields({ name: 'Amount', value: '40 €' });
  const message = await room(client, standIn).send({ embeds: [embed], components: [buttons('approve')] });
  const edited = await message.edit({ content: 'Approved by Mara', components: [] });
  assert.equal(edited.content, 'Approved by Mara');
  assert.ok(edited.editedTimestamp);
  const [kept] = standIn.state().messages;
  assert.equal(kept?.edited, true);
  assert.deepEqual(kept?.components, []);
  assert.deepEqual(kept?.embeds, [embed.toJSON()]);
  await assert.rejects(message.edit({ content: '', embeds: [] }), withCode(50006));
});

test('history comes newest first and in pages', async (t) => {
  const standIn = await startStandIn(t);
  const channel = room(await startClient(t, standIn), standIn);
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
  const standIn = await startStandIn(t);
  const client = await startClient(t, standIn);
  const message = await room(client, standIn).send('Run 7');
  const thread = await message.startThread({ name: 'Result', autoArchiveDuration: ThreadAutoArchiveDuration.OneDay });
  assert.equal(thread.id, message.id);
  await thread.send('The run is complete.');
  assert.equal(standIn.state().messages.find(({ id }) => id === message.id)?.threadId, thread.id);
  assert.equal(standIn.state().messages.at(-1)?.channelId, thread.id);
  assert.equal(standIn.state().channels.at(-1)?.parentId, standIn.channel);
  await assert.rejects(message.startThread({ name: 'Again' }), withCode(160004));
  await thread.setArchived(true);
  await thread.send('A message wakes it.');
  assert.equal((await thread.fetch(true)).archived, false);
});

test('a direct message goes to one person', async (t) => {
  const standIn = await startStandIn(t);
  const client = await startClient(t, standIn);
  const user = await client.users.fetch(someone(standIn));
  const message = await user.send('For you only.');
  assert.equal(standIn.state().channels.find(({ id }) => id === message.channelId)?.type, 1);
});

test('members and roles are there to be asked for, and not without asking', async (t) => {
  const standIn = await startStandIn(t);
  standIn.addUser({ id: '200000000000000009', username: 'new', globalName: 'New', roles: ['300000000000000001'] });
  const client = await startClient(t, standIn);
  const guild = client.guilds.cache.get(standIn.guildId);
  assert.ok(guild);
  assert.deepEqual([...guild.members.cache.keys()], [standIn.botUserId]);
  assert.ok(guild.roles.cache.has('300000000000000001'));
  const member = await guild.members.fetch('200000000000000009');
  assert.ok(member.roles.cache.has('300000000000000001'));
  await assert.rejects(guild.members.fetch('200000000000000010'), withCode(10007));
  await assert.rejects(guild.members.list(), withCode(50001));
  const made = once(client, Events.GuildRoleCreate);
  standIn.addUser({ id: '200000000000000010', username: 'newer', globalName: 'N', roles: ['300000000000000002'] });
  assert.equal((await made)[0].id, '300000000000000002');
});

test('what is gone or forbidden is refused by its code', async (t) => {
  const standIn = await startStandIn(t);
  const channel = room(await startClient(t, standIn), standIn);
  const message = await channel.send('soon gone');
  standIn.denyChannel(channel.id, 50013);
  await assert.rejects(channel.send('no right to write'), withCode(50013));
  assert.equal((await channel.messages.fetch({ message: message.id, force: true })).id, message.id);
  standIn.denyChannel(channel.id, 50001);
  await assert.rejects(channel.messages.fetch({ message: message.id, force: true }), withCode(50001));
  standIn.denyChannel(channel.id, null);
  standIn.deleteMessage(channel.id, message.id);
  await assert.rejects(message.edit('too late'), withCode(10008));
  standIn.deleteChannel(channel.id);
  await assert.rejects(channel.send('nowhere'), withCode(10003));
});

test('a file comes with its message and can be read', async (t) => {
  const standIn = await startStandIn(t);
  const channel = room(await startClient(t, standIn), standIn);
  await channel.send({ files: [{ attachment: Buffer.from('{"a":1}'), name: 'all.json' }] });
  const [file] = standIn.state().messages[0]?.attachments ?? [];
  assert.equal(file?.filename, 'all.json');
  assert.equal(await (await fetch(file?.url ?? '')).text(), '{"a":1}');
});
