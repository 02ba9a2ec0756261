import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BlockAction } from '@slack/bolt';
import { SocketModeClient } from '@slack/socket-mode';
import type { SlackEmulator } from '../../../../../src/sandbox/emulators/slack/types.ts';
import { button, call, DANA, postCard, ROBIN, silent, startBolt, startSlack, webClient } from '../support.ts';

const press = (slack: SlackEmulator, ts: string, actionId = 'approve') => ({
  userId: DANA,
  channel: slack.channel,
  ts,
  actionId,
});

test('a press reaches Bolt as a block action and is acknowledged', async (t) => {
  const slack = await startSlack(t);
  const bodies: BlockAction[] = [];
  await startBolt(slack, (app) => {
    app.action<BlockAction>('approve', async ({ ack, body }) => {
      bodies.push(body);
      await ack();
    });
  });
  const { ts } = await postCard(slack, [button('approve', 'v1', { style: 'primary' })]);
  const result = await slack.press(press(slack, ts));
  assert.equal(result.acked, true);
  assert.ok(result.afterMs !== null && result.afterMs < 3000);
  const [body] = bodies;
  assert.equal(body?.user.id, DANA);
  assert.equal(body?.team?.id, slack.teamId);
  assert.deepEqual(body?.container, {
    type: 'message',
    message_ts: ts,
    channel_id: slack.channel,
    is_ephemeral: false,
  });
  assert.equal(body?.message?.ts, ts);
  const action = body?.actions[0];
  assert.ok(action?.type === 'button');
  assert.deepEqual([action.value, action.block_id], ['v1', 'decide']);
  assert.equal(Reflect.get(action, 'style'), 'primary');
  assert.equal(slack.state().connections, 1);
  const kinds = slack.journal.entries.map(({ kind }) => kind);
  assert.ok(kinds.indexOf('envelope') < kinds.indexOf('ack'));
});

test('a press with nobody listening, and one that is acknowledged late, end in an error for the person', async (t) => {
  const slack = await startSlack(t, { ackLimitMs: 60 });
  const { ts } = await postCard(slack);
  const unheard = await slack.press(press(slack, ts));
  assert.deepEqual([unheard.acked, unheard.afterMs], [false, null]);
  assert.ok(slack.journal.entries.some(({ kind }) => kind === 'refused'));
  const late = Promise.withResolvers<void>();
  await startBolt(slack, (app) => {
    app.action('approve', async ({ ack }) => {
      await late.promise;
      await ack();
    });
  });
  const result = await slack.press(press(slack, ts));
  assert.equal(result.acked, false);
  late.resolve();
  const ack = await slack.journal.until('the late ack', (entries) => entries.find((entry) => entry.kind === 'ack'));
  assert.ok(ack.kind === 'ack' && ack.envelopeId === result.envelopeId && ack.afterMs > 50);
});

test('an envelope delivered twice runs the listener twice and is one press', async (t) => {
  const slack = await startSlack(t);
  let runs = 0;
  await startBolt(slack, (app) => {
    app.action('approve', async ({ ack }) => {
      runs += 1;
      await ack();
    });
  });
  const { ts } = await postCard(slack);
  const { envelopeId } = await slack.press({ ...press(slack, ts), deliveries: 2 });
  await slack.journal.until('both acks', (entries) =>
    entries.filter((entry) => entry.kind === 'ack' && entry.envelopeId === envelopeId).length === 2 ? true : undefined,
  );
  assert.equal(runs, 2);
});

test('two connections take turns', async (t) => {
  const slack = await startSlack(t);
  for (const _ of [1, 2]) await startBolt(slack, (app) => app.action('approve', async ({ ack }) => ack()));
  const { ts } = await postCard(slack);
  for (let count = 0; count < 4; count += 1) assert.equal((await slack.press(press(slack, ts))).acked, true);
  const used = slack.journal.entries.flatMap((entry) => (entry.kind === 'envelope' ? [entry.connection] : []));
  assert.deepEqual([...used].sort(), [1, 1, 2, 2]);
});

test('an old client can press what is no longer there; a forged or foreign press carries what it was given', async (t) => {
  const slack = await startSlack(t);
  const bodies: BlockAction[] = [];
  await startBolt(slack, (app) => {
    app.action<BlockAction>(/.*/, async ({ ack, body }) => {
      bodies.push(body);
      await ack();
    });
  });
  const { ts } = await postCard(slack);
  await webClient(slack).chat.update({ channel: slack.channel, ts, text: 'closed' });
  await slack.press(press(slack, ts));
  slack.deleteMessage(slack.channel, ts);
  await slack.press({ ...press(slack, ts, 'other'), value: 'forged', teamId: 'T0000000666', userId: 'U0000000666' });
  const actions = bodies.map((body) => (body.actions[0]?.type === 'button' ? body.actions[0].value : undefined));
  assert.deepEqual(actions, ['v1', 'forged']);
  assert.deepEqual([bodies[1]?.team?.id, bodies[1]?.user.team_id], ['T0000000666', 'T0000000666']);
  await assert.rejects(slack.press(press(slack, ts, 'never')), /never had a button "never" \(known: approve\)/);
  await assert.rejects(slack.press({ ...press(slack, ts), userId: 'U404' }), /no user U404/);
});

test('the response URL answers privately, replaces, deletes, and is spent after five uses', async (t) => {
  const slack = await startSlack(t);
  await startBolt(slack, (app) => {
    app.action('approve', async ({ ack, respond }) => {
      await ack();
      await respond({ text: 'only you', response_type: 'ephemeral', replace_original: false });
      await respond({ text: 'all', response_type: 'in_channel', replace_original: false });
      await respond({ text: 'replaced', replace_original: true });
      await respond({ delete_original: true });
      await assert.rejects(async () => respond({ text: 'bad', blocks: [{ type: 'nothing' }] as never }), /400/);
      await assert.rejects(async () => respond('one too many'), /404/);
    });
  });
  const { ts } = await postCard(slack);
  const texts: (string | undefined)[] = [];
  slack.onChange(() => texts.push(slack.state().messages.find((message) => message.ts === ts)?.text));
  await slack.press(press(slack, ts));
  await slack.journal.until('the sixth use', (entries) =>
    entries.find((entry) => entry.kind === 'call' && entry.method === 'response_url' && entry.error === 'used_url'),
  );
  assert.ok(texts.includes('replaced'));
  assert.deepEqual(
    slack.state().messages.map(({ text, onlyFor }) => [text, onlyFor]),
    [
      ['only you', DANA],
      ['all', null],
    ],
  );
});

test('a response URL is too old after 30 minutes', async (t) => {
  let now = 1_763_798_400_000;
  const slack = await startSlack(t, { now: () => now });
  const urls: string[] = [];
  await startBolt(slack, (app) => {
    app.action<BlockAction>('approve', async ({ ack, body }) => {
      urls.push(body.response_url);
      await ack();
    });
  });
  await slack.press(press(slack, (await postCard(slack)).ts));
  const answer = () =>
    fetch(urls[0] ?? '', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"text":"a"}' });
  now += 30 * 60_000;
  assert.equal((await answer()).status, 200);
  now += 1;
  assert.equal((await answer()).status, 404);
});

test('a response URL replaces no reply, restores no deleted message, keeps no metadata, and takes one call a second', async (t) => {
  let now = 1_763_798_400_000;
  const slack = await startSlack(t, { now: () => now });
  slack.limit({ posts: { everyMs: 1, burst: 99 }, updatesPerMinute: 50, lookUpsPerMinute: 50 });
  const urls: string[] = [];
  await startBolt(slack, (app) => {
    app.action<BlockAction>('approve', async ({ ack, body }) => {
      urls.push(body.response_url);
      await ack();
    });
  });
  const answer = async () => {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ text: 'replaced', replace_original: true });
    const { status } = await fetch(urls.at(-1) ?? '', { method: 'POST', headers, body });
    return status;
  };
  const metadata = { event_type: 'a', event_payload: { key: 'b' } };
  const root = await postCard(slack, undefined, { metadata });
  assert.notEqual(root.metadata, null);
  await slack.press(press(slack, root.ts));
  assert.deepEqual([await answer(), await answer()], [200, 429]);
  now += 1_000;
  assert.equal(await answer(), 200);
  const [replaced] = slack.state().messages;
  assert.deepEqual([replaced?.text, replaced?.metadata], ['replaced', null]);
  const reply = await postCard(slack, undefined, { thread_ts: root.ts });
  await slack.press(press(slack, reply.ts));
  assert.equal(await answer(), 400);
  const other = await postCard(slack);
  await slack.press(press(slack, other.ts));
  slack.deleteMessage(slack.channel, other.ts);
  assert.equal(await answer(), 200);
  assert.equal(slack.state().messages.length, 2);
});

test('an ephemeral message is pressed by the one who sees it, and no call can change it', async (t) => {
  const slack = await startSlack(t);
  const bodies: BlockAction[] = [];
  await startBolt(slack, (app) => {
    app.action<BlockAction>('again', async ({ ack, body, respond }) => {
      bodies.push(body);
      await ack();
      await respond({ text: 'sent again', replace_original: true });
    });
  });
  const { channel } = slack;
  const blocks = [{ type: 'actions', elements: [button('again', 'v2')] }];
  const client = webClient(slack);
  const posted = await call(slack, 'chat.postEphemeral', { channel, user: DANA, text: 'lost', blocks });
  const ts = String(posted['message_ts']);
  await assert.rejects(client.chat.update({ channel, ts, text: 'a' }), /message_not_found/);
  await assert.rejects(slack.press({ ...press(slack, ts, 'again'), userId: ROBIN }), /Only U0000000001 sees/);
  await slack.press(press(slack, ts, 'again'));
  await slack.journal.until('the answer', (entries) =>
    entries.find((entry) => entry.kind === 'call' && entry.method === 'response_url'),
  );
  assert.equal(bodies[0]?.message, undefined);
  assert.equal(bodies[0]?.container['is_ephemeral'], true);
  assert.deepEqual(
    slack.state().messages.map(({ text, onlyFor }) => [text, onlyFor]),
    [['sent again', DANA]],
  );
});

test('a slash command arrives, and a message in its ack is shown', async (t) => {
  const slack = await startSlack(t);
  await startBolt(slack, (app) => {
    app.command('/run', async ({ ack, command }) =>
      ack({ text: `running ${command.text}`, response_type: 'in_channel' }),
    );
  });
  const { acked } = await slack.command(DANA, '/run', 'report');
  assert.equal(acked, true);
  assert.equal(slack.state().messages[0]?.text, 'running report');
});

test('a refreshed or dropped connection comes back by itself', async (t) => {
  const slack = await startSlack(t);
  const clientOptions = { slackApiUrl: slack.url, retryConfig: { retries: 0 } };
  const client = new SocketModeClient({
    appToken: slack.appToken,
    clientPingTimeout: 30,
    clientOptions,
    logger: silent,
  });
  client.on('interactive', ({ ack }) => ack());
  const opened = (count: number) =>
    slack.journal.until(`connection ${count}`, (entries) =>
      entries.find((entry) => entry.kind === 'socket' && entry.event === 'open' && entry.connection === count),
    );
  const ready = () => new Promise((resolve) => client.once('connected', resolve));
  await client.start();
  const { ts } = await postCard(slack);
  let again = ready();
  slack.refreshSockets();
  assert.equal((await slack.press(press(slack, ts))).acked, false);
  await Promise.all([opened(2), again]);
  assert.equal((await slack.press(press(slack, ts))).acked, true);
  again = ready();
  slack.dropSockets();
  await Promise.all([opened(3), again]);
  assert.equal((await slack.press(press(slack, ts))).acked, true);
  await client.disconnect();
});
