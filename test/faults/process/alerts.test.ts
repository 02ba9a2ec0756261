/** The alerts that the operator gets in the rooms of ALERTS: the real bot, with emulators of everything outside it. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DiscordMessage } from '../../../src/sandbox/emulators/discord/types.ts';
import type { SlackMessage } from '../../../src/sandbox/emulators/slack/types.ts';
import { calls, pressSlack, textOf } from '../../support/people/room.ts';
import { createWorld, dana, type World } from '../../support/worlds/world.ts';

const OPERATORS = 'C0000000002';

/** The visible text, without Discord's escapes. */
const visibleText = (message: SlackMessage | DiscordMessage) => textOf(message).replaceAll('\\', '');

/** A world with alerts in a separate Slack channel, and in the channel of the cards in Discord. */
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

describe('rows 26 and 32: a room that accepts no more cards', () => {
  test('row 26: an archived channel is one alert in each place for any number of cards; decisions continue', () =>
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
      await world.until('the five Slack jobs to be abandoned', () => {
        const text = world.logText();
        const all = (text.match(/"msg":"job abandoned"/g) ?? []).length >= 5;
        return all || text.includes('can’t post to this channel') ? true : undefined;
      });
      const { slack, discord } = world.alerts();
      assert.deepEqual([slack.length, discord.length], [1, 1]);
      assert.equal(world.logText().match(/"msg":"alert: /g)?.length, 1, 'and no alert is queued');
      for (const alert of [slack[0], discord[0]]) {
        assert.ok(alert);
        const text = visibleText(alert);
        assert.match(text, /⚠️/);
        assert.match(text, new RegExp(`the Slack channel ${world.slack.channel}`));
        assert.match(text, /is_archived/);
        assert.match(text, /What to do/);
      }
    }));

  test('row 26: when one place for alerts is broken the other one reports it, and the bot continues', () =>
    inAlertedWorld(async (world) => {
      world.slack.revokeToken();
      await world.dispatch('refund-agent');
      const alert = await world.until('the alert in Discord', () => world.alerts().discord[0]);
      assert.match(visibleText(alert), /token_revoked/);
      assert.equal(world.alerts().slack.length, 0);
      await world.discordCard();
    }));
});

describe('row 33 and 34: a decision that may not have arrived', () => {
  test('row 34: is reported with its reviewer, and without its parameters', () =>
    inAlertedWorld(
      async (world) => {
        await world.dispatch('slot-flow', 'flow');
        const card = await world.slackCard();
        world.runtype.fail('/v1/dispatch/resume', { kind: 'reset', when: 'after' });
        await pressSlack(world, dana, card, 'Approve');
        const alert = await world.until('the alert', () => world.alerts().slack[0]);
        assert.match(visibleText(alert), /A decision is unconfirmed/);
        assert.match(
          visibleText(alert),
          /Dana Reyes pressed Approve for “.+”, and it is not known whether Runtype received it/,
        );
        assert.match(visibleText(alert), /Try again/);
        assert.equal(calls(world, 'resume').length, 1);
        const { body } = await fetchMetrics(world);
        assert.match(
          body,
          /countersign_approvals_settled_total\{backend="runtype",route="everything",outcome="unconfirmed"\} 1/,
        );
        assert.match(body, /countersign_decisions_sent_total\{backend="runtype",result="ambiguous"\} 1/);
        assert.match(body, /countersign_alerts_total\{kind="undelivered"\} 1/);
      },
      { env: { AWAIT_YES_NO: 'pick_*' } },
    ));
});

describe('a lost run', () => {
  test('is counted and reported, even before it has paused', () =>
    inAlertedWorld(async (world) => {
      world.runtype.fail('/v1/dispatch', { kind: 'cut', afterBytes: 400 });
      await world.dispatch('refund-agent').catch(() => '');
      const alert = await world.until('the alert', () => world.alerts().slack[0]);
      assert.match(visibleText(alert), /Lost track of a run/);
      assert.match((await fetchMetrics(world)).body, /countersign_runs_lost_total\{backend="runtype"\} 1/);
    }));

  test('is reported after a decision, too: its outcome is unknown', () =>
    inAlertedWorld(async (world) => {
      await world.dispatch('refund-agent');
      world.runtype.fail('/v1/dispatch/approve', { kind: 'cut', afterBytes: 100 });
      await pressSlack(world, dana, await world.slackCard(), 'Approve');
      const alert = await world.until('the alert', () => world.alerts().slack[0]);
      assert.match(
        visibleText(alert),
        /The connection to a run in Runtype broke and can’t be resumed \(“Refund order”\)\. Whether it paused again is not known\./,
      );
      assert.match((await fetchMetrics(world)).body, /countersign_runs_lost_total\{backend="runtype"\} 1/);
    }));
});

describe('health', () => {
  test('row 32: a refused token makes the bot not ready, and there are few calls', () =>
    inAlertedWorld(async (world) => {
      assert.equal(await readyWhen(world, true), 200);
      // discord.js still reports that it is ready, and clicks still arrive.
      world.discord.revokeToken();
      assert.equal(await readyWhen(world, false), 503);
      const { checks } = (await (await fetch(`http://127.0.0.1:${world.app().port}/readyz`)).json()) as Readyz;
      const discord = checks.find(({ name }) => name === 'discord');
      assert.match(discord?.reason ?? '', /Discord rejected the bot’s token/);
      const before = world.discord.journal.entries.length;
      const slackBefore = world.slack.journal.entries.length;
      for (let probe = 0; probe < 200; probe += 1)
        await (await fetch(`http://127.0.0.1:${world.app().port}/readyz`)).text();
      assert.ok(world.discord.journal.entries.length - before <= 4, 'probes make no calls');
      assert.ok(world.slack.journal.entries.length - slackBefore <= 20, 'only the check’s own interval does');
    }));

  test('Slack without a connection is not ready, although its token is valid', () =>
    inAlertedWorld(async (world) => {
      assert.equal(await readyWhen(world, true), 200);
      world.slack.fail('apps.connections.open', { kind: 'error', error: 'internal_error' });
      world.slack.dropSockets();
      assert.equal(await readyWhen(world, false), 503);
      assert.equal(await readyWhen(world, true), 200, 'ready again, once presses arrive');
    }));

  test('a backend that is down is named and makes the bot not ready; it recovers automatically', () =>
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

/** Polls until readiness is as expected; the checks run at a hundredth of their interval here. */
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
