/** What the operator reads in the rooms of ALERTS when something breaks: the real bot, everything outside an emulator. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DiscordMessage } from '../../../src/sandbox/emulators/discord/types.ts';
import type { SlackMessage } from '../../../src/sandbox/emulators/slack/types.ts';
import { calls, pressSlack, textOf } from '../../support/people/room.ts';
import { createWorld, dana, type World } from '../../support/worlds/world.ts';

const OPERATORS = 'C0000000002';

/** As a person reads it: Discord's escapes are not shown. */
const shown = (message: SlackMessage | DiscordMessage) => textOf(message).replaceAll('\\', '');

/** A world whose operator is told in a Slack channel of its own, and beside the cards in Discord. */
async function inAlertedWorld(
  run: (world: World & { alerts: () => { slack: SlackMessage[]; discord: DiscordMessage[] } }) => Promise<void>,
  options: Parameters<typeof createWorld>[0] = {},
) {
  const world = await createWorld({ ...options, alerts: true });
  const alerts = () => ({
    slack: world.slack.state().messages.filter(({ channel, blocks }) => channel === OPERATORS && blocks.length > 0),
    discord: world.discord.state().messages.filter((message) => textOf(message).includes('Countersign operator alert')),
  });
  try {
    await run({ ...world, alerts });
  } finally {
    await world.close();
  }
}

describe('rows 26 and 32: a room that takes no more cards', () => {
  test('row 26: an archived channel is one alert in each place, however many cards it is; decisions go on', () =>
    inAlertedWorld(async (world) => {
      world.slack.archiveChannel(world.slack.channel);
      for (let run = 0; run < 5; run += 1) await world.dispatch('refund-agent');
      await world.until('an alert in both places', () => {
        const { slack, discord } = world.alerts();
        return slack.length > 0 && discord.length > 0 ? true : undefined;
      });
      await world.until('five cards in Discord', () =>
        world.discord.state().messages.filter(({ embeds }) => embeds.length > 0).length >= 6 ? true : undefined,
      );
      await world.until('Slack’s five to be given up', () => {
        const text = world.logText();
        const all = (text.match(/"msg":"job abandoned"/g) ?? []).length >= 5;
        return all || text.includes('can’t post to this channel') ? true : undefined;
      });
      const { slack, discord } = world.alerts();
      assert.deepEqual([slack.length, discord.length], [1, 1]);
      assert.equal(world.logText().match(/"msg":"alert: /g)?.length, 1, 'and none that waits for its turn');
      for (const alert of [slack[0], discord[0]]) {
        assert.ok(alert);
        const text = shown(alert);
        assert.match(text, /⚠️/);
        assert.match(text, new RegExp(`the Slack channel ${world.slack.channel}`));
        assert.match(text, /is_archived/);
        assert.match(text, /What to do/);
      }
    }));

  test('row 26: when the alerts’ own place is broken the other one tells it, and the bot goes on', () =>
    inAlertedWorld(async (world) => {
      world.slack.revokeToken();
      await world.dispatch('refund-agent');
      const told = await world.until('the alert in Discord', () => world.alerts().discord[0]);
      assert.match(shown(told), /token_revoked/);
      assert.equal(world.alerts().slack.length, 0);
      await world.discordCard();
    }));
});

describe('row 33 and 34: a decision that may not have arrived', () => {
  test('row 34: is told with whose it was, and nothing of its parameters', () =>
    inAlertedWorld(async (world) => {
      await world.dispatch('slot-flow', 'flow');
      const card = await world.slackCard();
      world.runtype.fail('/v1/dispatch/resume', { kind: 'reset', when: 'after' });
      await pressSlack(world, dana, card, 'Approve');
      const told = await world.until('the alert', () => world.alerts().slack[0]);
      assert.match(shown(told), /A decision is unconfirmed/);
      assert.match(shown(told), /dana\.reyes decided on “.+”, and it is not known whether Runtype received it/);
      assert.match(shown(told), /Try again/);
      assert.equal(calls(world, 'resume').length, 1);
      const { body } = await fetchMetrics(world);
      assert.match(body, /countersign_approvals_settled_total\{backend="runtype",outcome="unconfirmed"\} 1/);
      assert.match(body, /countersign_decisions_sent_total\{backend="runtype",result="ambiguous"\} 1/);
      assert.match(body, /countersign_alerts_total\{kind="undelivered"\} 1/);
    }));
});

describe('a run whose rest is not seen', () => {
  test('is on the counter and told, also before it has paused', () =>
    inAlertedWorld(async (world) => {
      world.runtype.fail('/v1/dispatch', { kind: 'cut', afterBytes: 400 });
      await world.dispatch('refund-agent').catch(() => '');
      const told = await world.until('the alert', () => world.alerts().slack[0]);
      assert.match(shown(told), /Lost track of a run/);
      assert.match((await fetchMetrics(world)).body, /countersign_runs_lost_total\{backend="runtype"\} 1/);
    }));

  test('is told after a decision, too: what came of it is not known', () =>
    inAlertedWorld(async (world) => {
      await world.dispatch('refund-agent');
      world.runtype.fail('/v1/dispatch/approve', { kind: 'cut', afterBytes: 100 });
      await pressSlack(world, dana, await world.slackCard(), 'Approve');
      const told = await world.until('the alert', () => world.alerts().slack[0]);
      assert.match(shown(told), /A run’s stream from Runtype was cut .*Refund order/);
      assert.match((await fetchMetrics(world)).body, /countersign_runs_lost_total\{backend="runtype"\} 1/);
    }));
});

describe('health, as the operator reads it', () => {
  test('row 32: a token that is refused turns readiness bad, and the calls stay few', () =>
    inAlertedWorld(async (world) => {
      assert.equal(await readyWhen(world, true), 200);
      // discord.js goes on to say that it is ready, and clicks keep coming.
      world.discord.revokeToken();
      assert.equal(await readyWhen(world, false), 503);
      const { checks } = (await (await fetch(`http://127.0.0.1:${world.app().port}/readyz`)).json()) as Readyz;
      const discord = checks.find(({ name }) => name === 'discord');
      assert.match(discord?.reason ?? '', /Discord does not accept the bot’s token/);
      const before = world.discord.journal.entries.length;
      const slackBefore = world.slack.journal.entries.length;
      for (let probe = 0; probe < 200; probe += 1)
        await (await fetch(`http://127.0.0.1:${world.app().port}/readyz`)).text();
      assert.ok(world.discord.journal.entries.length - before <= 4, 'probes call nobody');
      assert.ok(world.slack.journal.entries.length - slackBefore <= 20, 'only the check’s own pace does');
    }));

  test('a Slack whose connection is gone is not ready, though its token is good', () =>
    inAlertedWorld(async (world) => {
      assert.equal(await readyWhen(world, true), 200);
      world.slack.fail('apps.connections.open', { kind: 'error', error: 'internal_error' });
      world.slack.dropSockets();
      assert.equal(await readyWhen(world, false), 503);
      assert.equal(await readyWhen(world, true), 200, 'and it is, once presses arrive again');
    }));

  test('a backend that is down turns it bad by its name, and it comes back by itself', () =>
    inAlertedWorld(async (world) => {
      assert.equal(await readyWhen(world, true), 200);
      world.runtype.fail('GET /v1/agents/countersign/executions', { kind: 'status', status: 503, when: 'before' });
      assert.equal(await readyWhen(world, false), 503);
      assert.equal(await readyWhen(world, true), 200);
    }));
});

interface Readyz {
  checks: { name: string; ok: boolean; reason: string | null }[];
}

/** Asks until readiness is as wanted; the checks are made at a hundredth of their time here. */
async function readyWhen(world: World, ready: boolean): Promise<number> {
  const until = performance.now() + 8_000;
  let status = 0;
  while (performance.now() < until) {
    const answer = await fetch(`http://127.0.0.1:${world.app().port}/readyz`);
    await answer.text();
    status = answer.status;
    if ((status === 200) === ready) return status;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return status;
}

async function fetchMetrics(world: World): Promise<{ body: string }> {
  return { body: await (await fetch(`http://127.0.0.1:${world.app().port}/metrics`)).text() };
}
