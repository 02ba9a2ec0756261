import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SpecSchema } from 'discord-api-spec/zod';
import * as spec from 'discord-api-spec/zod';
import type { DiscordStandIn, Json } from '../../../../src/sandbox/emulators/discord/types.ts';
import { call, sendMessage } from './raw.ts';
import { entries, someone, startStandIn } from './rig.ts';

/** The schemas take no time zone but Z; Discord itself writes this one. */
function withZ(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value).replaceAll('+00:00"', 'Z"'));
}

function assertShape(name: string, schema: SpecSchema, body: unknown): void {
  const result = schema.safeParse(withZ(body));
  assert.ok(result.success, `${name}: ${result.success ? '' : JSON.stringify(result.error.issues)}`);
  assert.deepEqual(withZ(body), result.data, `${name}: has fields that Discord does not publish`);
}

async function answer(standIn: DiscordStandIn, body: Json): Promise<Json> {
  const payload = entries(standIn, 'interaction').at(-1)?.payload ?? {};
  const path = `/interactions/${payload['id']}/${payload['token']}/callback?with_response=true`;
  return (await call(standIn, 'POST', path, body)).body;
}

test('what the stand-in answers has the shape that Discord publishes', async (t) => {
  const standIn = await startStandIn(t, { interactionBudgetMs: 60_000 });
  const { channel, guildId, applicationId } = standIn;
  const get = async (path: string) => (await call(standIn, 'GET', path)).body;
  const user = someone(standIn);
  const id = await sendMessage(standIn);
  const message = `/channels/${channel}/messages/${id}`;
  await call(standIn, 'PATCH', message, { embeds: [{ title: 'Refund', fields: [{ name: 'a', value: 'b' }] }] });
  assertShape('message', spec.MessageResponseSchema, await get(message));
  const thread = await call(standIn, 'POST', `${message}/threads`, { name: 'Result' });
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
  const direct = await call(standIn, 'POST', '/users/@me/channels', { recipient_id: user });
  assertShape('direct message', spec.PrivateChannelResponseSchema, direct.body);
  const command = await call(standIn, 'POST', `/applications/${applicationId}/commands`, {
    name: 'x',
    description: 'y',
  });
  assertShape('command', spec.ApplicationCommandResponseSchema, command.body);
});

test('the answers to callbacks have the shape that Discord publishes', async (t) => {
  const standIn = await startStandIn(t, { interactionBudgetMs: 60_000 });
  const press = { userId: someone(standIn), channelId: standIn.channel, customId: 'approve' };
  const messageId = await sendMessage(standIn);
  const input = { type: 4, style: 1, custom_id: 'i', label: 'L' };
  const modal = { custom_id: 'm', title: 'T', components: [{ type: 1, components: [input] }] };
  for (const body of [
    { type: 4, data: { content: 'x', flags: 64 } },
    { type: 5 },
    { type: 7, data: { content: 'y' } },
  ]) {
    const pressed = standIn.press({ ...press, messageId });
    assertShape(`type ${body.type}`, spec.InteractionCallbackResponseSchema, await answer(standIn, body));
    await pressed;
  }
  const pressed = standIn.press({ ...press, messageId });
  await answer(standIn, { type: 9, data: modal });
  await pressed;
  const submitted = standIn.submitModal(press.userId, standIn.state().modals[0]?.id ?? '', { i: 'because' });
  const reply = await answer(standIn, { type: 4, data: { content: 'z' } });
  assertShape('answer to a form', spec.InteractionCallbackResponseSchema, reply);
  await submitted;
});
