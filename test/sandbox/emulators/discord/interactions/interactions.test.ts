import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ButtonInteraction, Events, MessageFlags } from 'discord.js';
import type { DiscordEmulator } from '../../../../../src/sandbox/emulators/discord/types.ts';
import {
  buttons,
  entries,
  onButton,
  onInteraction,
  onModal,
  reasonModal,
  room,
  someone,
  startClient,
  startEmulator,
  withCode,
} from '../support/client.ts';

async function pressOn(emulator: DiscordEmulator, messageId: string, customId: string, deliveries = 1) {
  return emulator.press({ userId: someone(emulator), channelId: emulator.channel, messageId, customId, deliveries });
}

test('a press reaches the bot as a button interaction with its message and its presser', async (t) => {
  const emulator = await startEmulator(t);
  const client = await startClient(t, emulator);
  const message = await room(client, emulator).send({ content: 'Go?', components: [buttons('approve')] });
  const seen = Promise.withResolvers<ButtonInteraction>();
  onButton(client, async (interaction) => {
    await interaction.deferUpdate();
    seen.resolve(interaction);
  });
  const result = await pressOn(emulator, message.id, 'approve');
  assert.deepEqual([result.acked, result.type], [true, 6]);
  const interaction = await seen.promise;
  assert.ok(interaction.inCachedGuild());
  assert.equal(interaction.customId, 'approve');
  assert.equal(interaction.message.id, message.id);
  assert.equal(interaction.user.id, someone(emulator));
  assert.equal(interaction.member.displayName, 'Mara Lind');
  assert.equal(interaction.channel?.id, emulator.channel);
  assert.equal(interaction.component?.label, 'approve');
  await interaction.editReply({ content: 'Done', components: [] });
  assert.equal(emulator.state().messages[0]?.content, 'Done');
});

test('an update changes the message that carries the button', async (t) => {
  const emulator = await startEmulator(t);
  const client = await startClient(t, emulator);
  const message = await room(client, emulator).send({ content: 'Go?', components: [buttons('approve')] });
  onButton(client, (interaction) => interaction.update({ content: 'Approved', components: [] }));
  assert.equal((await pressOn(emulator, message.id, 'approve')).type, 7);
  const [shown] = emulator.state().messages;
  assert.deepEqual([shown?.content, shown?.components, shown?.edited], ['Approved', [], true]);
  const old = await pressOn(emulator, message.id, 'approve');
  assert.equal(old.acked, true, 'an old client can still press a button that is gone');
});

test('private answers and follow-ups are seen by one person, and REST does not show them', async (t) => {
  const emulator = await startEmulator(t);
  const client = await startClient(t, emulator);
  const message = await room(client, emulator).send({ content: 'Go?', components: [buttons('approve')] });
  const done = Promise.withResolvers<void>();
  onButton(client, async (interaction) => {
    const reply = await interaction.reply({ content: 'Only you', flags: MessageFlags.Ephemeral, withResponse: true });
    assert.equal(reply.resource?.message?.content, 'Only you');
    await interaction.followUp({ content: 'And more', flags: MessageFlags.Ephemeral });
    await interaction.editReply('Only you, again');
    done.resolve();
  });
  assert.equal((await pressOn(emulator, message.id, 'approve')).type, 4);
  await done.promise;
  const user = someone(emulator);
  const rows = emulator.state().messages.map(({ content, onlyFor }) => [content, onlyFor]);
  assert.deepEqual(rows, [
    ['Go?', null],
    ['Only you, again', user],
    ['And more', user],
  ]);
  assert.equal((await room(client, emulator).messages.fetch()).size, 1);
});

test('a deferred reply waits, and the edit fills it', async (t) => {
  const emulator = await startEmulator(t);
  const client = await startClient(t, emulator);
  const message = await room(client, emulator).send({ content: 'Go?', components: [buttons('details')] });
  const done = Promise.withResolvers<void>();
  onButton(client, async (interaction) => {
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    assert.equal(emulator.state().messages[1]?.flags, MessageFlags.Ephemeral | MessageFlags.Loading);
    await interaction.editReply('All of it');
    await interaction.deleteReply();
    await assert.rejects(interaction.fetchReply(), withCode(10008));
    done.resolve();
  });
  assert.equal((await pressOn(emulator, message.id, 'details')).type, 5);
  await done.promise;
  assert.equal(emulator.state().messages.length, 1);
});

test('a modal opens for one person, checks what is typed, and closes when it is answered', async (t) => {
  const emulator = await startEmulator(t);
  const client = await startClient(t, emulator);
  const message = await room(client, emulator).send({ content: 'Go?', components: [buttons('reject')] });
  onButton(client, (interaction) => interaction.showModal(reasonModal()));
  onModal(client, async (interaction) => {
    assert.equal(interaction.customId, 'reject:7');
    assert.ok(interaction.isFromMessage());
    const content = `Rejected: ${interaction.fields.getTextInputValue('reason')}`;
    await interaction.update({ content, components: [] });
  });
  assert.equal((await pressOn(emulator, message.id, 'reject')).type, 9);
  const user = someone(emulator);
  const [modal] = emulator.state().modals;
  assert.ok(modal);
  assert.deepEqual([modal.userId, modal.messageId], [user, message.id]);
  await assert.rejects(emulator.submitModal(user, modal.id, {}), /must be filled in/);
  await assert.rejects(emulator.submitModal(user, modal.id, { reason: 'no' }), /at least 3/);
  await assert.rejects(emulator.submitModal(user, modal.id, { reason: 'x'.repeat(21) }), /at most 20/);
  await assert.rejects(emulator.submitModal(user, modal.id, { reason: 'fine', other: '' }), /no field "other"/);
  await assert.rejects(emulator.submitModal('1', modal.id, { reason: 'fine' }), /no modal/);
  const result = await emulator.submitModal(user, modal.id, { reason: 'Too much' });
  assert.deepEqual([result.acked, result.type], [true, 7]);
  assert.equal(emulator.state().messages[0]?.content, 'Rejected: Too much');
  assert.deepEqual(emulator.state().modals, []);
});

test('an answer after the budget is refused with 10062', async (t) => {
  const emulator = await startEmulator(t, { interactionBudgetMs: 60 });
  const client = await startClient(t, emulator);
  const message = await room(client, emulator).send({ content: 'Go?', components: [buttons('approve')] });
  const seen = Promise.withResolvers<ButtonInteraction>();
  onButton(client, (interaction) => seen.resolve(interaction));
  const result = await pressOn(emulator, message.id, 'approve');
  assert.deepEqual([result.acked, result.type], [false, null]);
  const interaction = await seen.promise;
  await assert.rejects(interaction.deferUpdate(), withCode(10062));
  const [callback] = entries(emulator, 'callback');
  assert.equal(callback?.refused, 10062);
  assert.ok((callback?.afterMs ?? 0) >= 60);
});

test('one press delivered twice is one interaction: the second answer is refused with 40060', async (t) => {
  const emulator = await startEmulator(t);
  const client = await startClient(t, emulator);
  const message = await room(client, emulator).send({ content: 'Go?', components: [buttons('approve')] });
  const outcomes: unknown[] = [];
  const both = Promise.withResolvers<void>();
  onButton(client, async (interaction) => {
    outcomes.push(await interaction.deferUpdate().catch((error) => error.code));
    if (outcomes.length === 2) both.resolve();
  });
  const { interactionId } = await pressOn(emulator, message.id, 'approve', 2);
  await both.promise;
  assert.ok(outcomes.includes(40060));
  assert.deepEqual(
    entries(emulator, 'interaction').map((entry) => entry.interactionId),
    [interactionId, interactionId],
  );
  assert.deepEqual(
    entries(emulator, 'callback').map((entry) => entry.refused),
    [undefined, 40060],
  );
});

test('a token dies some minutes after the first answer', async (t) => {
  const emulator = await startEmulator(t, { interactionLifetimeMs: 0 });
  const client = await startClient(t, emulator);
  const message = await room(client, emulator).send({ content: 'Go?', components: [buttons('approve')] });
  const seen = Promise.withResolvers<ButtonInteraction>();
  onButton(client, async (interaction) => {
    await interaction.deferUpdate();
    seen.resolve(interaction);
  });
  await pressOn(emulator, message.id, 'approve');
  await assert.rejects((await seen.promise).followUp('too late'), withCode(50027));
});

test('a slash command that is registered can be used, with its options', async (t) => {
  const emulator = await startEmulator(t);
  const client = await startClient(t, emulator);
  const flow = { name: 'flow', description: 'Which flow', type: 3, required: true };
  const start = { name: 'start', description: 'Start a flow', type: 1, options: [flow] };
  await client.application.commands.set([{ name: 'run', description: 'Runs', options: [start] }], emulator.guildId);
  onInteraction(client, async (interaction) => {
    if (!interaction.isChatInputCommand()) return;
    await interaction.reply(`${interaction.options.getSubcommand()} ${interaction.options.getString('flow')}`);
  });
  const place = { userId: someone(emulator), channelId: emulator.channel };
  const result = await emulator.command({ ...place, name: 'run start', options: { flow: 'refund' } });
  assert.equal(result.type, 4);
  assert.equal(emulator.state().messages[0]?.content, 'start refund');
  await assert.rejects(emulator.command({ ...place, name: 'run start' }), /needs the option "flow"/);
  await assert.rejects(emulator.command({ ...place, name: 'stop' }), /no command/);
});

test('a press in a direct message comes from a user, not from a member', async (t) => {
  const emulator = await startEmulator(t);
  const client = await startClient(t, emulator);
  const user = await client.users.fetch(someone(emulator));
  const message = await user.send({ content: 'Go?', components: [buttons('approve')] });
  onButton(client, async (interaction) => {
    assert.equal(interaction.inGuild(), false);
    await interaction.update({ content: `by ${interaction.user.username}`, components: [] });
  });
  client.on(Events.Error, (error) => assert.fail(error));
  await emulator.press({ userId: user.id, channelId: message.channelId, messageId: message.id, customId: 'approve' });
  assert.equal(emulator.state().messages[0]?.content, 'by mara');
});

test('a press in a thread comes with the thread', async (t) => {
  const emulator = await startEmulator(t);
  const client = await startClient(t, emulator);
  const thread = await (await room(client, emulator).send('Run 7')).startThread({ name: 'Result' });
  const message = await thread.send({ content: 'Go?', components: [buttons('approve')] });
  onButton(client, (interaction) => interaction.update(`in ${interaction.channel?.isThread()}`));
  const press = { userId: someone(emulator), channelId: thread.id, messageId: message.id, customId: 'approve' };
  assert.equal((await emulator.press(press)).type, 7);
  assert.equal(emulator.state().messages[1]?.content, 'in true');
});

test('who may not view a channel presses and types nothing there, nor in its threads', async (t) => {
  const emulator = await startEmulator(t);
  const client = await startClient(t, emulator);
  const [owner, jonas, ines] = emulator.state().users;
  assert.ok(owner && jonas && ines);
  const card = await room(client, emulator).send({ content: 'Go?', components: [buttons('approve')] });
  const thread = await card.startThread({ name: 'Result' });
  const reply = await thread.send({ content: 'Go on?', components: [buttons('approve')] });
  onButton(client, (interaction) => interaction.deferUpdate());
  const press = (userId: string, { channelId, id: messageId } = card) =>
    emulator.press({ userId, channelId, messageId, customId: 'approve' });
  const view = String(1n << 10n);
  emulator.setOverwrites(emulator.channel, [
    { id: emulator.guildId, type: 0, allow: '0', deny: view },
    { id: jonas.roles[0] ?? '', type: 0, allow: view, deny: '0' },
  ]);
  await assert.rejects(press(ines.id), /can't view channel/);
  await assert.rejects(press(ines.id, reply), /can't view channel/);
  await assert.rejects(emulator.command({ userId: ines.id, channelId: card.channelId, name: 'x' }), /can't view/);
  assert.equal((await press(jonas.id)).type, 6);
  assert.equal((await press(jonas.id, reply)).type, 6);
  emulator.setOverwrites(emulator.channel, [
    { id: emulator.guildId, type: 0, allow: '0', deny: view },
    { id: jonas.roles[0] ?? '', type: 0, allow: view, deny: '0' },
    { id: jonas.id, type: 1, allow: '0', deny: view },
  ]);
  await assert.rejects(press(jonas.id), /can't view channel/);
  assert.equal((await press(owner.id)).type, 6, 'the owner of the server');
});

test('with nobody connected a press fails, and pressing what one cannot see is an error', async (t) => {
  const emulator = await startEmulator(t, { interactionBudgetMs: 30 });
  const client = await startClient(t, emulator);
  const message = await room(client, emulator).send({ content: 'Go?', components: [buttons('approve')] });
  await client.destroy();
  const result = await pressOn(emulator, message.id, 'approve');
  assert.deepEqual([result.acked, result.afterMs], [false, null]);
  assert.equal(entries(emulator, 'interaction')[0]?.connection, 0);
  await assert.rejects(pressOn(emulator, '1', 'approve'), /sees no message/);
});
