import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Json, SlackEmulator } from '../../../../../src/sandbox/emulators/slack/types.ts';
import { button, DANA, postCard, ROBIN, startSlack, webClient } from '../support.ts';

/** The word with which Slack refuses a call. */
async function refusal(slack: SlackEmulator, method: string, args: Json, token?: string): Promise<Json> {
  try {
    await webClient(slack, token).apiCall(method, args);
  } catch (error) {
    if (error instanceof Error && 'data' in error) return error.data as Json;
    throw error;
  }
  return { error: 'none' };
}

async function refuses(slack: SlackEmulator, word: string, method: string, args: Json, token?: string): Promise<void> {
  assert.equal(
    (await refusal(slack, method, args, token))['error'],
    word,
    `${method} ${JSON.stringify(args).slice(0, 200)}`,
  );
}

const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } });

test('a posted message stands in the room as it was sent, and the journal has the call decoded', async (t) => {
  const slack = await startSlack(t);
  const blocks = [section('hi')];
  const metadata = { event_type: 'card', event_payload: { id: 'a1' } };
  const posted = await webClient(slack).chat.postMessage({ channel: '#approvals', text: 'hi', blocks, metadata });
  const [message] = slack.state().messages;
  assert.equal(posted.ts, message?.ts);
  assert.match(String(posted.ts), /^\d{10}\.\d{6}$/);
  assert.deepEqual(message?.blocks, blocks);
  assert.deepEqual(message?.metadata, metadata);
  assert.equal(typeof posted.message?.blocks?.[0]?.block_id, 'string');
  const call = slack.journal.entries.find((entry) => entry.kind === 'call');
  assert.ok(call?.kind === 'call' && call.ok && call.token === slack.botToken);
  assert.deepEqual(call.args['blocks'], blocks);
  assert.deepEqual(call.args['metadata'], metadata);
});

test('timestamps never repeat and always grow', async (t) => {
  const slack = await startSlack(t, { now: () => 1_763_798_400_000 });
  for (let count = 0; count < 3; count += 1) await postCard(slack);
  assert.deepEqual(
    slack.state().messages.map(({ ts }) => ts),
    ['1763798400.000000', '1763798400.000100', '1763798400.000200'],
  );
});

test('an update with a text alone takes the blocks away; metadata stays until it is emptied', async (t) => {
  const slack = await startSlack(t);
  const { channel } = slack;
  const client = webClient(slack);
  const metadata = { event_type: 'card', event_payload: {} };
  const { ts = '' } = await client.chat.postMessage({ channel, text: 'a', blocks: [section('a')], metadata });
  await client.chat.update({ channel, ts, text: 'b', blocks: [section('b')] });
  assert.deepEqual(slack.state().messages[0]?.blocks, [section('b')]);
  await client.chat.update({ channel, ts, text: 'c' });
  const [message] = slack.state().messages;
  assert.deepEqual([message?.text, message?.blocks, message?.edited], ['c', [], true]);
  assert.deepEqual(message?.metadata, metadata);
  await client.apiCall('chat.update', { channel, ts, text: 'd', metadata: {} });
  assert.equal(slack.state().messages[0]?.metadata, null);
});

test('a bot of another emulator, whose port this one may have got, is not let in', async (t) => {
  const [gone, slack] = [await startSlack(t), await startSlack(t)];
  await refuses(slack, 'invalid_auth', 'auth.test', {}, gone.botToken);
  await refuses(slack, 'invalid_auth', 'apps.connections.open', {}, gone.appToken);
});

test('a call is refused in Slack’s words', async (t) => {
  const slack = await startSlack(t);
  const { channel } = slack;
  const { ts } = await postCard(slack);
  const post = (args: Json) => ({ channel, text: 'a', ...args });
  await refuses(slack, 'unknown_method', 'chat.shout', {});
  await refuses(slack, 'invalid_auth', 'auth.test', {}, 'xoxb-other');
  await refuses(slack, 'not_allowed_token_type', 'auth.test', {}, slack.appToken);
  await refuses(slack, 'not_allowed_token_type', 'apps.connections.open', {}, slack.botToken);
  await refuses(slack, 'channel_not_found', 'chat.postMessage', post({ channel: 'C404' }));
  await refuses(slack, 'no_text', 'chat.postMessage', { channel });
  await refuses(slack, 'msg_too_long', 'chat.postMessage', post({ text: 'x'.repeat(40_001) }));
  await refuses(slack, 'msg_too_long', 'chat.update', post({ ts, text: 'é'.repeat(2001) }));
  await refuses(slack, 'invalid_blocks_format', 'chat.postMessage', post({ blocks: 'no json' }));
  await refuses(
    slack,
    'msg_blocks_too_long',
    'chat.postMessage',
    post({ blocks: Array(5).fill(section('x'.repeat(2800))) }),
  );
  await refuses(
    slack,
    'too_many_attachments',
    'chat.postMessage',
    post({ attachments: Array(101).fill({ text: 'a', fallback: 'a' }) }),
  );
  await refuses(slack, 'invalid_metadata_format', 'chat.postMessage', post({ metadata: { event_type: 'a' } }));
  await refuses(slack, 'message_not_found', 'chat.update', post({ ts: '1.000000' }));
  await refuses(slack, 'cant_update_message', 'chat.update', post({ ts: slack.say(DANA, 'mine').ts }));
  await refuses(slack, 'user_not_in_channel', 'chat.postEphemeral', post({ user: 'U404' }));
  await refuses(slack, 'thread_not_found', 'conversations.replies', { channel, ts: '1.000000' });
  await refuses(slack, 'invalid_trigger_id', 'views.open', {
    trigger_id: 'x',
    view: { type: 'modal', title: { type: 'plain_text', text: 'T' }, blocks: [] },
  });
  await refuses(slack, 'no_such_subteam', 'usergroups.users.list', { usergroup: 'S404' });
  await refuses(slack, 'user_not_found', 'users.info', { user: 'U404' });
  const unauthed = await fetch(`${slack.url}auth.test`, { method: 'POST' });
  assert.deepEqual(await unauthed.json(), { ok: false, error: 'not_authed' });
  assert.equal(slack.state().messages.length, 2);
});

test('rooms that are archived, left or gone, and a revoked token', async (t) => {
  const slack = await startSlack(t);
  const { channel } = slack;
  const { ts } = await postCard(slack);
  slack.removeBot('C0000000002');
  await refuses(slack, 'not_in_channel', 'chat.postMessage', { channel: 'C0000000002', text: 'a' });
  slack.deleteMessage(channel, ts);
  await refuses(slack, 'message_not_found', 'chat.update', { channel, ts, text: 'a' });
  const second = await postCard(slack);
  slack.archiveChannel(channel);
  await refuses(slack, 'is_archived', 'chat.postMessage', { channel, text: 'a' });
  await refuses(slack, 'is_inactive', 'chat.update', { channel, ts: second.ts, text: 'a' });
  slack.revokeToken();
  await refuses(slack, 'token_revoked', 'auth.test', {});
});

test('invalid blocks come back with the place of the mistake, and nothing is posted', async (t) => {
  const slack = await startSlack(t);
  const data = await refusal(slack, 'chat.postMessage', {
    channel: slack.channel,
    text: 'a',
    blocks: [{ type: 'actions', elements: [button('go', 'x'.repeat(2001))] }],
  });
  assert.equal(data['error'], 'invalid_blocks');
  assert.deepEqual((data['response_metadata'] as Json)['messages'], [
    '[ERROR] must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]',
  ]);
  assert.equal(slack.state().messages.length, 0);
  assert.ok(slack.journal.entries.some((entry) => entry.kind === 'call' && entry.error === 'invalid_blocks'));
});

async function thread(t: TestContext) {
  const slack = await startSlack(t);
  const { channel } = slack;
  const client = webClient(slack);
  const { ts: root = '' } = await client.chat.postMessage({ channel, text: 'root' });
  const reply = (text: string) => client.chat.postMessage({ channel, text, thread_ts: root });
  return { slack, channel, client, root, reply };
}

test('answers stay in their thread; the root counts them', async (t) => {
  const { slack, channel, client, root, reply } = await thread(t);
  const first = await reply('one');
  await client.chat.postMessage({ channel, text: 'two', thread_ts: first.ts ?? '' });
  assert.deepEqual(
    slack.state().messages.map(({ threadTs }) => threadTs),
    [null, root, root],
  );
  const top = await client.conversations.history({ channel });
  assert.deepEqual([top.messages?.length, top.messages?.[0]?.reply_count], [1, 2]);
  const all = await client.conversations.replies({ channel, ts: root });
  assert.deepEqual(
    all.messages?.map(({ text }) => text),
    ['root', 'one', 'two'],
  );
});

test('an answer to a message that has gone lands in the channel, unless other answers hold the thread', async (t) => {
  const { slack, channel, client, root, reply } = await thread(t);
  await reply('one');
  slack.deleteMessage(channel, root);
  assert.equal((await reply('two')).message?.thread_ts, root);
  const { messages = [] } = await client.conversations.replies({ channel, ts: root });
  assert.deepEqual(
    messages.map(({ text }) => text),
    ['This message was deleted.', 'one', 'two'],
  );
  for (const { ts } of slack.state().messages) slack.deleteMessage(channel, ts);
  assert.equal((await reply('three')).message?.thread_ts, undefined);
});

test('history pages from the newest, between two moments, with metadata only on demand', async (t) => {
  const slack = await startSlack(t);
  const { channel } = slack;
  const client = webClient(slack);
  const stamps: string[] = [];
  for (const id of ['a', 'b', 'c']) {
    const metadata = { event_type: 'card', event_payload: { id } };
    stamps.push((await client.chat.postMessage({ channel, text: id, metadata })).ts ?? '');
  }
  await client.chat.postEphemeral({ channel, user: DANA, text: 'hidden' });
  const first = await client.conversations.history({ channel, limit: 2, include_all_metadata: true });
  assert.deepEqual(
    first.messages?.map(({ text }) => text),
    ['c', 'b'],
  );
  assert.deepEqual(first.messages?.[0]?.metadata?.event_payload, { id: 'c' });
  assert.equal(first.has_more, true);
  const cursor = first.response_metadata?.next_cursor ?? '';
  const second = await client.conversations.history({ channel, limit: 2, cursor });
  assert.deepEqual([second.messages?.map(({ text }) => text), second.has_more], [['a'], false]);
  assert.equal(second.messages?.[0]?.metadata, undefined);
  const oldest = stamps[1] ?? '';
  assert.deepEqual(
    (await client.conversations.history({ channel, oldest })).messages?.map(({ text }) => text),
    ['c'],
  );
  const inclusive = await client.conversations.history({ channel, oldest, inclusive: true });
  assert.deepEqual(
    inclusive.messages?.map(({ text }) => text),
    ['c', 'b'],
  );
});

test('people, groups, direct messages, reactions and links', async (t) => {
  const slack = await startSlack(t);
  const { channel } = slack;
  const client = webClient(slack);
  const { ts } = await postCard(slack);
  const { user } = await client.users.info({ user: DANA });
  assert.deepEqual([user?.name, user?.real_name, user?.profile?.display_name], ['dana', 'Dana Reyes', '']);
  slack.addUser({ id: 'U0CHOSEN', handle: 'mvl', displayName: 'Mara', realName: 'Mara van Lind', groups: [] });
  const { user: chosen } = await client.users.info({ user: 'U0CHOSEN' });
  assert.deepEqual([chosen?.real_name, chosen?.profile?.display_name], ['Mara van Lind', 'Mara']);
  await refuses(slack, 'user_not_found', 'users.info', { user: 'U0NOBODY' });
  assert.deepEqual((await client.usergroups.users.list({ usergroup: 'S0000000001' })).users, [DANA, ROBIN]);
  slack.addUser({ id: ROBIN, handle: 'robin', displayName: 'Robin Vega', groups: [] });
  slack.addUser({ id: DANA, handle: 'dana', displayName: 'Dana Reyes', groups: [] });
  assert.deepEqual((await client.usergroups.users.list({ usergroup: 'S0000000001' })).users, []);
  const direct = await client.conversations.open({ users: DANA });
  const posted = await client.chat.postMessage({ channel: DANA, text: 'psst' });
  assert.equal(posted.channel, direct.channel?.id);
  await refuses(slack, 'missing_scope', 'conversations.info', { channel: posted.channel ?? '' });
  await client.reactions.add({ channel, timestamp: ts, name: 'eyes' });
  await refuses(slack, 'already_reacted', 'reactions.add', { channel, timestamp: ts, name: 'eyes' });
  const { permalink } = await client.chat.getPermalink({ channel, message_ts: ts });
  assert.ok(permalink?.endsWith(`/archives/${channel}/p${ts.replace('.', '')}`));
  await client.views.publish({ user_id: DANA, view: { type: 'home', blocks: [] } });
  await client.chat.delete({ channel, ts });
  assert.equal(
    slack.state().messages.some((message) => message.ts === ts),
    false,
  );
});

test('every change calls back', async (t) => {
  const slack = await startSlack(t);
  let changes = 0;
  const stop = slack.onChange(() => {
    changes += 1;
  });
  await postCard(slack);
  assert.equal(changes, 1);
  stop();
  await postCard(slack);
  assert.equal(changes, 1);
});

test('names and groups are looked up only with their scopes, and names only so many a minute', async (t) => {
  const slack = await startSlack(t);
  slack.limit({ posts: { everyMs: 1, burst: 9 }, updatesPerMinute: 50, lookUpsPerMinute: 2 });
  const headers = { authorization: `Bearer ${slack.botToken}` };
  const look = () =>
    fetch(`${slack.url}users.info`, { method: 'POST', headers, body: new URLSearchParams({ user: DANA }) });
  assert.deepEqual([(await look()).status, (await look()).status, (await look()).status], [200, 200, 429]);
  slack.limit(null);
  slack.revokeScope('users:read');
  const { error, needed } = (await (await look()).json()) as Json;
  assert.deepEqual([error, needed], ['missing_scope', 'users:read']);
  slack.revokeScope('usergroups:read');
  await refuses(slack, 'missing_scope', 'usergroups.users.list', { usergroup: 'S0000000001' });
});
