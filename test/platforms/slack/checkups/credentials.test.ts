import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { signingFound } from '../../../../src/platforms/slack/checkups/credentials.ts';
import { createSlackEmulator } from '../../../../src/sandbox/emulators/slack/index.ts';
import { startSlack } from '../support.ts';
import { assertFound, lookAfter, only, wantedOf } from './support.ts';

describe('a bot token that', () => {
  const cases = [
    ['token_revoked', /was revoked/, /Install the app again/],
    ['account_inactive', /removed from the workspace/, /Install the app again/],
    ['token_expired', /token rotation is on/, /create the app anew/],
  ] as const;
  for (const [code, what, remedy] of cases) {
    test(`is refused as ${code} is the one finding`, async () => {
      const { findings, fine } = await lookAfter(({ revokeToken }) => revokeToken(code));
      assert.deepEqual(fine, [], 'nothing else was looked at');
      assertFound(only(findings), { check: 'slack.token', level: 'fault', what, remedy });
    });
  }

  test('Slack does not know, or that is of another kind', async () => {
    const unknown = await lookAfter(() => {}, { botToken: 'xoxb-1' });
    assertFound(only(unknown.findings), {
      check: 'slack.token',
      level: 'fault',
      what: /does not know SLACK_BOT_TOKEN/,
      remedy: /OAuth & Permissions/,
    });
    const emulator = await createSlackEmulator();
    const other = await lookAfter(({ fail }) => fail('auth.test', { kind: 'error', error: 'not_allowed_token_type' }));
    assert.match(only(other.findings).what, /another kind/);
    await emulator.close();
  });

  test('can’t be asked about is the one finding, with the cause', async () => {
    const { findings } = await lookAfter(() => {}, { apiUrl: 'http://127.0.0.1:9/api/' });
    assertFound(only(findings), {
      check: 'slack.token',
      level: 'fault',
      what: /unreachable at http:\/\/127\.0\.0\.1:9.*refused/,
      remedy: /SLACK_API_URL/,
    });
  });

  test('gets an answer that is not Slack’s', async () => {
    const { findings } = await lookAfter(({ fail }) =>
      fail('auth.test', { kind: 'status', status: 502, when: 'before' }, 9),
    );
    assert.match(only(findings).what, /HTTP status 502/);
  });
});

describe('an app-level token that', () => {
  test('lacks connections:write is a fault', async () => {
    const { findings } = await lookAfter(({ revokeAppScope }) => revokeAppScope());
    assertFound(only(findings), {
      check: 'slack.app_token',
      level: 'fault',
      what: /lacks connections:write/,
      remedy: /App-Level Tokens/,
    });
  });

  test('Slack does not know is a fault', async () => {
    const { findings } = await lookAfter(() => {}, { delivery: { kind: 'socket', appToken: 'xapp-1' } });
    assert.match(only(findings).what, /does not know SLACK_APP_TOKEN/);
  });

  test('is not asked about where a connection is open', async () => {
    await using rig = await startSlack();
    const opened = rig.calls('apps.connections.open').length;
    const checkups = rig.slack.checkups?.(wantedOf(rig.emulator)) ?? [];
    for (const { look } of checkups) assert.deepEqual(await look(new AbortController().signal), []);
    assert.equal(rig.calls('apps.connections.open').length, opened);
  });
});

describe('a signing secret', () => {
  test('is judged by what came: nothing says nothing, and one right signature says that it is right', () => {
    assert.deepEqual(signingFound({ signed: 0, refused: 0 }), []);
    assert.deepEqual(signingFound({ signed: 1, refused: 9 }), []);
    const [found] = signingFound({ signed: 0, refused: 3 });
    assert.match(found?.what ?? '', /None of 3 requests/);
  });

  test('that could not be judged is said, and no app-level token is asked for', async () => {
    const { findings, untold } = await lookAfter(() => {}, {
      delivery: { kind: 'http', signingSecret: 'a'.repeat(32) },
    });
    assert.deepEqual(findings, []);
    assert.ok(untold.some(({ what }) => /SLACK_SIGNING_SECRET/.test(what)));
  });

  test('that was right once is not among what can’t be told', async () => {
    await using rig = await startSlack({ overHttp: true });
    await rig.emulator.command('U0000000001', '/approvals', '');
    const checkups = rig.slack.checkups?.(wantedOf(rig.emulator)) ?? [];
    const untold = checkups.flatMap((checkup) => checkup.untold ?? []).map(({ what }) => what);
    assert.ok(!untold.some((what) => /SLACK_SIGNING_SECRET/.test(what)), untold.join('\n'));
  });
});
