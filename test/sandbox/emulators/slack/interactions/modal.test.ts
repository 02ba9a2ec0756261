import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { App, BlockAction, ViewOutput, ViewSubmitAction } from '@slack/bolt';
import type { Json, SlackEmulator, SlackView } from '../../../../../src/sandbox/emulators/slack/types.ts';
import { call, DANA, modal, postCard, reasonField, startBolt, startSlack } from '../support.ts';

/** A card whose button opens this modal, pressed by Dana, with the view that is then open. */
async function openForm(
  t: TestContext,
  view: Json,
  listen: (app: App) => void,
): Promise<{ slack: SlackEmulator; view: SlackView }> {
  const slack = await startSlack(t);
  await startBolt(slack, (app) => {
    app.action<BlockAction>('approve', async ({ ack, body, client }) => {
      await ack();
      await client.views.open({ trigger_id: body.trigger_id, view: view as never });
    });
    listen(app);
  });
  const { ts } = await postCard(slack);
  await slack.press({ userId: DANA, channel: slack.channel, ts, actionId: 'approve' });
  await slack.journal.until('the form', (entries) =>
    entries.find((entry) => entry.kind === 'call' && entry.method === 'views.open' && entry.ok),
  );
  const [open] = slack.state().views;
  assert.ok(open);
  return { slack, view: open };
}

test('a modal opens for the one who pressed, is submitted with its values, and closes', async (t) => {
  const seen: ViewOutput[] = [];
  const form = modal([reasonField()], { private_metadata: 'a1' });
  const { slack, view } = await openForm(t, form, (app) => {
    app.view('form', async ({ ack, view: submitted }) => {
      seen.push(submitted);
      await ack();
    });
  });
  assert.deepEqual([view.userId, view.view], [DANA, form]);
  const result = await slack.submitView(DANA, view.id, { reason: { text: 'too dear' } });
  assert.deepEqual([result.acked, result.response], [true, null]);
  assert.equal(seen[0]?.private_metadata, 'a1');
  assert.deepEqual(seen[0]?.state.values['reason']?.['text'], { type: 'plain_text_input', value: 'too dear' });
  assert.deepEqual(slack.state().views, []);
});

test('errors keep the form open under their fields; a second submission clears them', async (t) => {
  let tries = 0;
  const { slack, view } = await openForm(t, modal([reasonField()]), (app) => {
    app.view('form', async ({ ack }) => {
      tries += 1;
      if (tries === 1) await ack({ response_action: 'errors', errors: { reason: 'too short' } });
      else if (tries === 2) await ack({ response_action: 'errors', errors: { nowhere: 'x' } });
      else await ack();
    });
  });
  const submit = () => slack.submitView(DANA, view.id, { reason: { text: 'no' } });
  await submit();
  assert.deepEqual(slack.state().views[0]?.errors, { reason: 'too short' });
  await submit();
  assert.deepEqual(slack.state().views[0]?.errors, {});
  assert.ok(
    slack.journal.entries.some((entry) => entry.kind === 'refused' && /unknown input block/.test(entry.reason)),
  );
  await submit();
  assert.deepEqual(slack.state().views, []);
});

test('an answer can put another view in the form’s place, on top of it, or close all', async (t) => {
  const plain = (text: string) => ({ type: 'plain_text' as const, text });
  const next = (callback_id: string) => ({
    type: 'modal' as const,
    callback_id,
    title: plain('N'),
    submit: plain('Go'),
    blocks: [],
  });
  const { slack, view } = await openForm(t, modal([reasonField()]), (app) => {
    app.view('form', async ({ ack }) => ack({ response_action: 'update', view: next('second') }));
    app.view('second', async ({ ack }) => ack({ response_action: 'push', view: next('third') }));
    app.view('third', async ({ ack }) => ack({ response_action: 'clear' }));
  });
  await slack.submitView(DANA, view.id, { reason: { text: 'a' } });
  assert.deepEqual(
    slack.state().views.map(({ view: shown }) => shown['callback_id']),
    ['second'],
  );
  await slack.submitView(DANA, view.id, {});
  const [, third] = slack.state().views;
  assert.equal(third?.view['callback_id'], 'third');
  await assert.rejects(slack.submitView(DANA, view.id, {}), /Another view covers/);
  await slack.submitView(DANA, third?.id ?? '', {});
  assert.deepEqual(slack.state().views, []);
});

test('a view can be pushed while the submission waits for its answer, three deep and no deeper', async (t) => {
  const refused: string[] = [];
  const { slack, view } = await openForm(t, modal([reasonField()]), (app) => {
    app.view<ViewSubmitAction>('form', async ({ ack, body, client }) => {
      const next = modal([reasonField()]) as never;
      await client.views
        .push({ trigger_id: body.trigger_id, view: next })
        .catch((error) => refused.push(error.message));
      await ack({ response_action: 'errors', errors: { reason: 'see above' } });
    });
  });
  const below: unknown[] = [];
  let top = view;
  for (const depth of [2, 3, 3]) {
    await slack.submitView(DANA, top.id, { reason: { text: 'a' } });
    assert.equal(slack.state().views.length, depth);
    below.push(top.id);
    top = slack.state().views.at(-1) ?? top;
  }
  assert.match(refused.join(), /^An API error occurred: push_limit_reached$/);
  slack.closeView(DANA, top.id);
  assert.deepEqual(
    slack.state().views.map(({ id }) => id),
    below.slice(0, 2),
  );
});

test('what Slack’s client would not send is an error here', async (t) => {
  const choice = {
    type: 'static_select',
    action_id: 'pick',
    options: [{ text: { type: 'plain_text', text: 'A' }, value: 'a' }],
  };
  const form = modal([
    reasonField({ min_length: 3, max_length: 5 }),
    reasonField({}, { block_id: 'note', optional: true }),
    { type: 'input', block_id: 'choice', label: { type: 'plain_text', text: 'Choice' }, element: choice },
  ]);
  const values: unknown[] = [];
  const { slack, view } = await openForm(t, form, (app) => {
    app.view('form', async ({ ack, view: submitted }) => {
      values.push(submitted.state.values);
      await ack();
    });
  });
  const submit = (text: string, pick = 'a') => slack.submitView(DANA, view.id, { reason: { text }, choice: { pick } });
  await assert.rejects(submit(''), /The field "Reason" is required/);
  await assert.rejects(submit('ab'), /at least 3 characters/);
  await assert.rejects(submit('abcdef'), /at most 5 characters/);
  await assert.rejects(submit('abc', 'z'), /no option "z"/);
  await assert.rejects(slack.submitView(DANA, view.id, { other: { text: 'a' } }), /no field other\/text/);
  await assert.rejects(slack.submitView('U0000000002', view.id, {}), /No view .* is open/);
  await submit('abc');
  assert.deepEqual(values, [
    {
      reason: { text: { type: 'plain_text_input', value: 'abc' } },
      note: { text: { type: 'plain_text_input', value: null } },
      choice: { pick: { type: 'static_select', selected_option: choice.options[0] } },
    },
  ]);
});

test('closing a form tells the bot when the form asks for it', async (t) => {
  const closed: string[] = [];
  const { slack, view } = await openForm(t, modal([reasonField()], { notify_on_close: true }), (app) => {
    app.view({ callback_id: 'form', type: 'view_closed' }, async ({ ack, view: shut }) => {
      closed.push(shut.id);
      await ack();
    });
  });
  slack.closeView(DANA, view.id);
  assert.deepEqual(slack.state().views, []);
  await slack.journal.until('the ack', (entries) =>
    entries.filter(({ kind }) => kind === 'ack').length === 2 ? true : undefined,
  );
  assert.deepEqual(closed, [view.id]);
});

test('a trigger works once, for three seconds, and a refused view does not use it up', async (t) => {
  let now = 1_763_798_400_000;
  const slack = await startSlack(t, { now: () => now });
  const triggers: string[] = [];
  await startBolt(slack, (app) => {
    app.action<BlockAction>('approve', async ({ ack, body }) => {
      triggers.push(body.trigger_id);
      await ack();
    });
  });
  const { ts } = await postCard(slack);
  for (const _ of [1, 2]) await slack.press({ userId: DANA, channel: slack.channel, ts, actionId: 'approve' });
  const open = (trigger_id: string | undefined, view: Json = modal([reasonField()])) =>
    call(slack, 'views.open', { trigger_id, view });
  await assert.rejects(
    open(triggers[0], modal([], { title: { type: 'plain_text', text: 'x'.repeat(25) } })),
    (error: Error & { data?: Json }) => {
      assert.equal(error.data?.['error'], 'invalid_arguments');
      assert.match(JSON.stringify(error.data), /must be less than 25 characters \[json-pointer:\/view\/title\/text\]/);
      return true;
    },
  );
  const opened = await open(triggers[0]);
  await assert.rejects(open(triggers[0]), /exchanged_trigger_id/);
  now += 3001;
  await assert.rejects(open(triggers[1]), /expired_trigger_id/);
  const { id, hash } = opened['view'] as SlackView;
  await call(slack, 'views.update', { view_id: id, hash, view: modal([]) });
  await assert.rejects(call(slack, 'views.update', { view_id: id, hash, view: modal([]) }), /hash_conflict/);
  await assert.rejects(call(slack, 'views.update', { view_id: 'V404', view: modal([]) }), /not_found/);
});
