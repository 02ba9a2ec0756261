/** What every adapter of the list has to be, so that a new entry needs no test of its own for it. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, test } from 'node:test';
import { z } from 'zod';
import { backends, ids, platforms, schedules } from '../src/adapters.ts';
import type { SharedSettings } from '../src/core/ports/adapter.ts';
import { secretOf, webhookSecretOf } from './support/data/secrets.ts';

const shared: SharedSettings = { exposedBy: null, directMessages: [], ids, runs: [] };

/** The least that configures each, with every setting of it that is a secret. */
const configured: Record<string, { set: Record<string, string>; secrets: readonly string[] }> = {
  runtype: {
    set: { RUNTYPE_API_KEY: 'rt-key', INGEST_SECRET: webhookSecretOf('ingest') },
    secrets: ['rt-key', webhookSecretOf('ingest')],
  },
  inbox: {
    set: { ASK_TOKENS: secretOf('ask') },
    secrets: [secretOf('ask')],
  },
  sonzai: { set: { SONZAI_TOKEN: 'sonzai-token' }, secrets: ['sonzai-token'] },
  hookpulse: {
    set: { HOOKPULSE_API_KEY: 'hp-key', HOOKPULSE_BRAND_UUID: '6f1c2d3e-0000-4000-8000-000000000001' },
    secrets: ['hp-key'],
  },
  slack: {
    set: { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1', SLACK_CHANNEL: 'C1' },
    secrets: ['xoxb-1', 'xapp-1'],
  },
  pagerduty: { set: { PAGERDUTY_TOKEN: 'pagerduty-token' }, secrets: ['pagerduty-token'] },
  opsgenie: { set: { OPSGENIE_TOKEN: 'opsgenie-token' }, secrets: ['opsgenie-token'] },
  discord: { set: { DISCORD_TOKEN: 'discord-token', DISCORD_CHANNEL: '4100' }, secrets: ['discord-token'] },
};

const adapters = [...backends, ...platforms, ...schedules];

function read(name: string, set: Record<string, string>, problems: string[]) {
  const adapter = adapters.find((one) => one.name === name);
  assert.ok(adapter);
  return adapter.read(z.object(adapter.settings).parse(set), shared, problems);
}

describe('the list of adapters', () => {
  test('names each folder of a backend, of a platform and of a source of schedules once', () => {
    const folders = (kind: string) =>
      readdirSync(new URL(`../src/${kind}`, import.meta.url)).filter((name) => name !== 'shared');
    assert.deepEqual(backends.map(({ name }) => name).sort(), folders('backends').sort());
    assert.deepEqual(platforms.map(({ name }) => name).sort(), folders('platforms').sort());
    assert.deepEqual(schedules.map(({ name }) => name).sort(), folders('schedules').sort());
  });

  test('lets no two adapters own the same setting', () => {
    const names = adapters.flatMap(({ settings }) => Object.keys(settings));
    assert.deepEqual([...new Set(names)], names);
  });

  test('knows the IDs of every platform', () => {
    assert.deepEqual(
      ids.map(({ platform }) => platform),
      platforms.map(({ name }) => name),
    );
  });
});

// A calendar has no settings.
for (const { name, needs } of adapters.filter(({ settings }) => Object.keys(settings).length > 0)) {
  describe(name, () => {
    test('is not configured, nor enabled, without its settings, and reports no problem', () => {
      const problems: string[] = [];
      const made = read(name, {}, problems);
      assert.deepEqual(problems, []);
      // Runtype is always there, because its gateway needs no key; alone it brings no approvals.
      assert.ok(made === null || ('enabled' in made.config && !made.config.enabled));
    });

    test('is configured by the settings that its needs name, and keeps its secrets out of the log', () => {
      const { set = {}, secrets = [] } = configured[name] ?? {};
      const problems: string[] = [];
      const made = read(name, set, problems);
      assert.deepEqual(problems, []);
      assert.equal(made?.name, name);
      for (const secret of secrets)
        assert.ok(made?.config.secrets.includes(secret), `${secret} is kept out of the log`);
      assert.ok(
        Object.keys(set).some((setting) => needs.includes(setting)),
        needs,
      );
    });
  });
}
