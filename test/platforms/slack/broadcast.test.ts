/** How a reply is also sent to its channel: when it is posted, and by a call of its own when it must be seen later. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Card } from '../../../src/core/view/card.ts';
import { cardOf, never, startSlack } from './support.ts';

async function inThread(broadcast: Card['broadcast']) {
  const rig = await startSlack();
  const place = { platform: 'slack', room: rig.emulator.channel };
  const root = await rig.slack.post(place, null, cardOf(), 'root', never);
  const card = { ...cardOf(), ...(broadcast !== undefined && { broadcast }) };
  const { inThread: where, ...receipt } = await rig.slack.post(place, { root, title: 'Run' }, card, 'reply', never);
  const shown = () => rig.emulator.inRoom().some(({ ts }) => ts === receipt.message);
  return { rig, receipt, where, shown };
}

test('an open card is sent to the channel when it is posted, and an edit changes the one message', async () => {
  const { rig, receipt, where, shown } = await inThread('new');
  await using _ = rig;
  assert.equal(where, 'shown');
  assert.ok(shown());
  await rig.slack.update(receipt, { ...cardOf({ title: 'Decided' }) }, never);
  assert.ok(shown());
  assert.equal(rig.calls('chat.update').length, 1);
  await rig.slack.update(receipt, { ...cardOf({ title: 'Not delivered' }), broadcast: 'always' }, never);
  assert.equal(rig.calls('chat.update').length, 2, 'it is there already');
});

test('an old reply that must be seen is sent to the channel by a second call, without content', async () => {
  const { rig, receipt, shown } = await inThread(undefined);
  await using _ = rig;
  assert.equal(shown(), false);
  await rig.slack.update(receipt, { ...cardOf({ title: 'Not delivered' }), broadcast: 'always' }, never);
  assert.ok(shown());
  const [content, broadcast] = rig.calls('chat.update');
  assert.ok(content?.ok && broadcast?.ok);
  assert.equal(content.args['reply_broadcast'], undefined);
  assert.deepEqual([broadcast.args['text'], broadcast.args['blocks']], [undefined, undefined]);
});

test('a refusal of the broadcast alone loses nothing', async () => {
  const { rig, receipt } = await inThread(undefined);
  await using _ = rig;
  rig.emulator.fail('chat.update', { kind: 'delay', ms: 0 });
  rig.emulator.fail('chat.update', { kind: 'error', error: 'cant_broadcast_message' });
  await rig.slack.update(receipt, { ...cardOf({ title: 'Not delivered' }), broadcast: 'always' }, never);
  assert.match(JSON.stringify(rig.emulator.state().messages.at(-1)?.blocks), /Not delivered/);
});

test('the emulator refuses, as Slack does, a broadcast together with new content', async () => {
  const { rig, receipt } = await inThread(undefined);
  await using _ = rig;
  const answer = await fetch(`${rig.emulator.url}chat.update`, {
    method: 'POST',
    headers: { authorization: `Bearer ${rig.emulator.botToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ channel: receipt.room, ts: receipt.message, text: 'new', reply_broadcast: true }),
  });
  assert.equal(((await answer.json()) as { error: string }).error, 'no_dual_broadcast_content_update');
});
