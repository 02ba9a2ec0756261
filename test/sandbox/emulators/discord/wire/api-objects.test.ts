import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SpecSchema } from 'discord-api-spec/zod';
import * as spec from 'discord-api-spec/zod';
import type { DiscordEmulator, Json } from '../../../../../src/sandbox/emulators/discord/types.ts';
import { entries, someone, startEmulator } from '../support/client.ts';
import { call, sendMessage } from '../support/raw-calls.ts';

/** The schemas take no time zone but Z; Discord itself writes this one. */
function withZ(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value).replaceAll('+00:00"', 'Z"'));
}

function assertShape(name: string, schema: SpecSchema, body: unknown): void {
  const result = schema.safeParse(withZ(body));
  assert.ok(result.success, `${name}: ${result.success ? '' : JSON.stringify(result.error.issues)}`);
  assert.deepEqual(withZ(body), result.data, `${name}: has fields that Discord does not publish`);
}

async function answer(emulator: DiscordEmulator, body: Json): Promise<Json> {
  const payload = entries(emulator, 'interaction').at(-1)?.payload ?? {};
  const path = `/interactions/${payload['id']}/${payload['token']}/callback?with_response=true`;
  return (await call(emulator, 'POST', path, body)).body;
}

test('what the emulator answers has the shape that Discord publishes', async (t) => {
  const emulator = await startEmulator(t, { interactionBudgetMs: 60_000 });
  const { channel, guildId, applicationId } = emulator;
  const get = async (path: string) => (await call(emulator, 'GET', path)).body;
  const user = someone(emulator);
  const id = await sendMessage(emulator);
  const message = `/channels/${channel}/messages/${id}`;
  await call(emulator, 'PATCH', message, { embeds: [{ title: 'Refund', fields: [{ name: 'a', value: 'b' }] }] });
  assertShape('message', spec.MessageResponseSchema, await get(message));
  const thread = await call(emulator, 'POST', `${message}/threads`, { name: 'Result' });
  assertShape('thread made', spec.CreatedThreadResponseSchema, thread.body);
  assertShape('thread', spec.ThreadResponseSchema, await get(`/channels/${id}`));
  assertShape('message with a thread', spec.MessageResponseSchema, await get(message));
  assertShape('channel', spec.GuildChannelResponseSchema, await get(`/channels/${channel}`));
  assertShape('guild', spec.GuildWithCountsResponseSchema, await get(`/guilds/${guildId}`));
  for (const role of Object.values(await get(`/guilds/${guildId}/roles`))) {
    assertShape('role', spec.GuildRoleResponseSchema, role);
  }
  assertShape('member', spec.GuildMemberResponseSchema, await get(`/guilds/${guildId}/members/${user}`));
  assertShape('the bot', spec.UserPIIResponseSchema, await get('/users/@me'));
  assertShape('gateway', spec.GatewayBotResponseSchema, await get('/gateway/bot'));
  const direct = await call(emulator, 'POST', '/users/@me/channels', { recipient_id: user });
  assertShape('direct message', spec.PrivateChannelResponseSchema, direct.body);
  const command = await call(emulator, 'POST', `/applications/${applicationId}/commands`, {
    name: 'x',
    description: 'y',
  });
  assertShape('command', spec.ApplicationCommandResponseSchema, command.body);
});

test('the answers to callbacks have the shape that Discord publishes', async (t) => {
  const emulator = await startEmulator(t, { interactionBudgetMs: 60_000 });
  const press = { userId: someone(emulator), channelId: emulator.channel, customId: 'approve' };
  const messageId = await sendMessage(emulator);
  const input = { type: 4, style: 1, custom_id: 'i', label: 'L' };
  const modal = { custom_id: 'm', title: 'T', components: [{ type: 1, components: [input] }] };
  for (const body of [
    { type: 4, data: { content: 'x', flags: 64 } },
    { type: 5 },
    { type: 7, data: { content: 'y' } },
  ]) {
    const pressed = emulator.press({ ...press, messageId });
    assertShape(`type ${body.type}`, spec.InteractionCallbackResponseSchema, await answer(emulator, body));
    await pressed;
  }
  const pressed = emulator.press({ ...press, messageId });
  await answer(emulator, { type: 9, data: modal });
  await pressed;
  const submitted = emulator.submitModal(press.userId, emulator.state().modals[0]?.id ?? '', { i: 'because' });
  const reply = await answer(emulator, { type: 4, data: { content: 'z' } });
  assertShape('answer to a form', spec.InteractionCallbackResponseSchema, reply);
  await submitted;
});
