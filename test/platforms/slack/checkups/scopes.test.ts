import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { features } from '../../../../src/platforms/slack/checkups/scopes.ts';
import { assertFound, decider, lookAfter, only } from './support.ts';

describe('the scopes of the token', () => {
  for (const file of ['manifest.yml', 'manifest.http.yml']) {
    test(`are compared with those of ${file}`, () => {
      const manifest = parse(readFileSync(file, 'utf8')) as { oauth_config: { scopes: { bot: string[] } } };
      const known = features.flatMap(({ scopes }) => scopes);
      assert.deepEqual(known.toSorted(), manifest.oauth_config.scopes.bot.toSorted());
    });
  }

  const direct = { people: [decider('U0000000001', { direct: true })], rules: [] };
  const cases = [
    ['chat:write', 'fault', /no card can be posted/, {}],
    ['commands', 'warning', /\/approvals and \/countersign/, {}],
    ['usergroups:read', 'fault', /who is in a user group is not known/, {}],
    ['users:read', 'warning', /named by their handles/, {}],
    ['channels:read', 'warning', /who can read a channel is not known/, {}],
    ['groups:history', 'warning', /may be posted twice/, {}],
    ['im:history', 'warning', /direct message is not found/, direct],
  ] as const;
  for (const [scope, level, what, wanted] of cases) {
    test(`that lack ${scope} are one finding, with what is lost`, async () => {
      const { findings } = await lookAfter(({ revokeScope }) => revokeScope(scope), { wanted });
      assertFound(only(findings), { check: 'slack.scopes', level, what, remedy: /manifest\.yml/ });
      assert.match(only(findings).what, new RegExp(`lacks ${scope}:`));
    });
  }

  test('need not have what nothing uses', async () => {
    const { findings } = await lookAfter(
      ({ revokeScope }) => {
        for (const scope of ['usergroups:read', 'im:write', 'im:history']) revokeScope(scope);
      },
      { wanted: { people: [decider('U0000000001')], rules: [] } },
    );
    assert.deepEqual(findings, []);
  });

  test('that allow more than is used are a warning', async () => {
    const { findings } = await lookAfter(({ grantScope }) => grantScope('files:write'));
    assertFound(only(findings), {
      check: 'slack.scopes',
      level: 'warning',
      what: /does not use: files:write/,
      remedy: /Remove them/,
    });
  });
});
