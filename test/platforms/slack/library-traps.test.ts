/** Bugs of Slack’s libraries that no other test covers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formOf } from '../../support/data/forms.ts';
import { buttonId, pressOn, startSlack } from './support.ts';

test('a form that fails to open is one request: the library’s hundred retries are off', async () => {
  await using rig = await startSlack();
  const receipt = await rig.post();
  rig.answer = async () => ({ type: 'form', form: formOf({ ...buttonId, action: 'reject' }) });
  for (const fault of [
    { kind: 'reset', when: 'before' },
    { kind: 'status', status: 503, when: 'before' },
    { kind: 'rate_limited', retryAfterSeconds: 1 },
  ] as const) {
    const [opened, told] = [rig.calls('views.open').length, rig.asides().length];
    rig.emulator.fail('views.open', fault);
    assert.equal((await rig.emulator.press(pressOn(receipt, 'reject'))).acked, true);
    await rig.emulator.journal.until('the private word', () => (rig.asides().length > told ? true : undefined));
    assert.equal(rig.calls('views.open').length, opened + 1, fault.kind);
  }
});

test('each attempt to connect is one request', async () => {
  await using rig = await startSlack();
  rig.emulator.fail('apps.connections.open', { kind: 'status', status: 500, when: 'before' });
  rig.emulator.dropSockets();
  await rig.emulator.journal.until('the new connection', () =>
    rig.emulator.state().connections === 1 && rig.calls('apps.connections.open').length === 3 ? true : undefined,
  );
  // Our own retry logs this line; the library’s does not.
  assert.match(rig.log.text(), /no connection to Slack: presses do not arrive/);
});

test('an acknowledgement after Slack’s time limit is accepted, and throws nothing', async () => {
  await using rig = await startSlack();
  const receipt = await rig.post();
  const asked = Promise.withResolvers<void>();
  const slow = Promise.withResolvers<void>();
  rig.answer = async () => {
    asked.resolve();
    await slow.promise;
    return { type: 'accepted' };
  };
  const pressed = rig.emulator.press(pressOn(receipt));
  await asked.promise;
  // The person sees an error: the emulator stops waiting, as Slack’s client does after three seconds.
  rig.emulator.giveUpWaiting();
  assert.equal((await pressed).acked, false);
  slow.resolve();
  await rig.emulator.journal.until('the late acknowledgement', (entries) => entries.find(({ kind }) => kind === 'ack'));
  assert.equal(rig.presses.length, 1);
  assert.doesNotMatch(rig.log.text(), /a Slack listener failed/);
});

test('an expired response_url does not affect the press', async () => {
  await using rig = await startSlack();
  const receipt = await rig.post();
  rig.answer = async () => ({ type: 'refused', text: 'not for you' });
  rig.emulator.fail('chat.postEphemeral', { kind: 'error', error: 'user_not_in_channel' });
  rig.emulator.fail('response_url', { kind: 'status', status: 404, when: 'before' });
  assert.equal((await rig.emulator.press(pressOn(receipt))).acked, true);
  await rig.emulator.journal.until('the refused answer', () => rig.calls('response_url')[0]);
  await rig.slack.stop();
  assert.match(rig.log.text(), /a private answer was not delivered/);
});
