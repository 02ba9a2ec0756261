/** A payload of another app, or on a message that is not ours, reaches no handler and is reported. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { encodeButtonId } from '../../../../src/core/view/button-id.ts';
import { appIdIn, attemptIn, OurApp } from '../../../../src/platforms/slack/inbound/our-app.ts';
import { createSlack } from '../../../../src/platforms/slack/index.ts';
import { createSlackEmulator } from '../../../../src/sandbox/emulators/slack/index.ts';
import { systemClock } from '../../../../src/system/clock.ts';
import { noLists } from '../../../support/data/lists.ts';
import { captureLog } from '../../../support/log.ts';
import { buttonId, dana, startSlack } from '../support.ts';

const self = { appId: 'A0000000001', botId: 'B1', botUserId: 'U1' };
const approve = { actionId: 'countersign.approve', userId: dana };

describe('a payload', () => {
  const ours = { api_app_id: self.appId };
  for (const [name, body, reason] of [
    ['of our app', ours, null],
    ['on a message of our bot', { ...ours, message: { bot_id: 'B1' } }, null],
    ['on a message of our bot in another workspace', { ...ours, message: { bot_id: 'B9', app_id: self.appId } }, null],
    ['on a message of our bot user', { ...ours, message: { user: 'U1' } }, null],
    ['of another app', { api_app_id: 'A0000000009' }, 'application'],
    ['that names no app', { message: { bot_id: 'B1' } }, 'application'],
    ['whose app is no text', { api_app_id: 7 }, 'application'],
    ['that is no object', null, 'application'],
    ['on a message of another bot', { ...ours, message: { bot_id: 'B9', app_id: 'A9', user: 'U9' } }, 'message'],
    ['on a message of nobody', { ...ours, message: {} }, 'message'],
  ] as const) {
    test(`${name}: ${reason ?? 'ours'}`, () => assert.equal(new OurApp(self).foreignReason(body), reason));
  }

  test('names the app where no call does: the first one does, as all of them are signed or over our connection', () => {
    const app = new OurApp({ ...self, appId: null });
    assert.equal(app.foreignReason({}), 'application');
    assert.equal(app.foreignReason({ api_app_id: 'A7' }), null);
    assert.equal(app.foreignReason({ api_app_id: 'A8' }), 'application');
    assert.equal(app.foreignReason({ api_app_id: 'A7' }), null);
  });

  test('that is refused names its person and its button, of a card or of a form', () => {
    const value = encodeButtonId(buttonId);
    const user = { id: 'U9', name: 'mallory' };
    const actor = { platform: 'slack', id: 'U9', name: 'mallory' };
    assert.deepEqual(attemptIn({ user, actions: [{ value }] }, 'workspace'), { actor, why: 'workspace', buttonId });
    const view = { private_metadata: JSON.stringify({ aim: value, channel: null, thread: null }) };
    assert.deepEqual(attemptIn({ user, view }, 'workspace')?.buttonId, buttonId);
    assert.equal(attemptIn({ user, view: { private_metadata: '{' } }, 'workspace')?.buttonId, null);
    assert.equal(attemptIn({ actions: [{ value }] }, 'workspace'), null);
    const typed = { user_id: 'U9', user_name: 'mallory', command: '/approvals' };
    assert.deepEqual(attemptIn(typed, 'workspace'), { actor, why: 'workspace', buttonId: null });
  });
});

test('the app-level token names its app, as these tokens have it', () => {
  assert.equal(appIdIn('xapp-1-A0123ABCDEF-5678901234567-abcdef'), 'A0123ABCDEF');
  for (const token of ['xapp-sandbox', 'xapp-1-B0123ABCDEF-1-a', 'xapp-1-A1-1', '']) assert.equal(appIdIn(token), null);
});

for (const overHttp of [false, true]) {
  test(`of another app or on another’s message, it decides nothing over ${overHttp ? 'HTTP' : 'a socket'}`, async () => {
    await using rig = await startSlack({ overHttp });
    const { room: channel, message: ts } = await rig.post();
    const at = { ...approve, channel, ts };
    assert.equal(
      (await rig.emulator.press({ ...at, appId: 'A0000000009' })).acked,
      true,
      'so that nothing is sent again',
    );
    await rig.emulator.press({ ...at, messageBy: { bot_id: 'B9', user: 'U9' } });
    await rig.emulator.press({ ...at, teamId: 'T0ELSEWHERE' });
    await rig.emulator.press({ ...at, value: 'cs9.forged' });
    await rig.emulator.command(dana, '/approvals', '', { appId: 'A0000000009' });
    await rig.emulator.command(dana, '/countersign', 'run x', { appId: 'A0000000009' });
    await rig.emulator.command(dana, '/approvals', '', { teamId: 'T0ELSEWHERE' });
    await rig.emulator.command(dana, '/countersign', 'run x', { teamId: 'T0ELSEWHERE' });
    // They are reported once they are answered.
    for (let turns = 0; rig.foreign.length < 8 && turns < 10_000; turns += 1) await setImmediate();
    assert.deepEqual(
      rig.foreign.map(({ why, actor, buttonId: button }) => [why, actor.id, button?.approvalId ?? null]),
      [
        ['application', dana, 'ap_1'],
        ['message', dana, 'ap_1'],
        ['workspace', dana, 'ap_1'],
        ['unreadable', dana, null],
        ['application', dana, null],
        ['application', dana, null],
        ['workspace', dana, null],
        ['workspace', dana, null],
      ],
    );
    assert.deepEqual(rig.presses, []);
    assert.equal((await rig.emulator.press(at)).acked, true);
    assert.equal(rig.presses.length, 1);
  });
}

test('tokens of two apps end the start with both of their names', async () => {
  const emulator = await createSlackEmulator();
  try {
    const { botToken, url: apiUrl } = emulator;
    const delivery = { kind: 'socket', appToken: 'xapp-1-A0000000009-1-a' } as const;
    const slack = createSlack({ botToken, delivery, apiUrl, log: captureLog().log, clock: systemClock });
    const handlers = { ...noLists, onPress: async () => ({ type: 'accepted' }) as const };
    await assert.rejects(
      slack.start({ ...handlers, onCommand: async () => ({ text: '', rooms: [] }) }),
      /SLACK_APP_TOKEN is of the app A0000000009 and SLACK_BOT_TOKEN of A0000000001/,
    );
    await slack.stop();
  } finally {
    await emulator.close();
  }
});
