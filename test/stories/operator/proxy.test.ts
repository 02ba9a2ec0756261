/** The whole bot behind a proxy: nothing but the proxy is reached, over HTTP and over WebSockets. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createTestProxy, type TestProxy } from '../../support/network/proxy.ts';
import { pressDiscord, pressSlack, untilCardsSay } from '../../support/people/room.ts';
import { createWorld, dana, sam, type World } from '../../support/worlds/world.ts';

const portOf = (url: string) => Number(new URL(url).port);

async function behindProxy(use: (world: World, proxy: TestProxy) => Promise<void>) {
  const hosts: Record<string, number> = {};
  const proxy = await createTestProxy(hosts);
  const world = await createWorld({
    polled: true,
    origins: { slack: 'https://slack.test', discord: 'https://discord.test' },
    envOf: ({ slack, discord, runtype, sonzai, hookpulse }) => {
      for (const [name, { url }] of Object.entries({ slack, discord, runtype, sonzai, hookpulse })) {
        hosts[`${name}.test`] = portOf(url);
      }
      return {
        SLACK_API_URL: `https://slack.test${new URL(slack.url).pathname}`,
        DISCORD_API_URL: `https://discord.test${new URL(discord.url).pathname}`,
        RUNTYPE_API_URL: 'https://runtype.test',
        SONZAI_API_URL: 'https://sonzai.test',
        HOOKPULSE_API_URL: 'https://hookpulse.test',
        // In lower case, as many systems have it.
        https_proxy: proxy.url,
        NO_PROXY: 'localhost,127.0.0.1',
      };
    },
  });
  try {
    await use(world, proxy);
  } finally {
    await world.close();
    await proxy.close();
  }
}

describe('behind a proxy', () => {
  test('all backends, Slack and Discord are reached through it: cards appear, and presses are sent', () =>
    behindProxy(async (world, proxy) => {
      world.sonzai.seed({ context: 'A discount' });
      await pressSlack(world, dana, await world.slackCard(), 'Approve');
      await untilCardsSay(world, 'Approved by Dana Reyes');
      world.hookpulse.seed();
      await pressDiscord(world, sam, await world.discordCard(1), 'Approve');
      await untilCardsSay(world, 'Approved by Sam Okafor', 1);
      const reached = new Set(proxy.tunnels);
      for (const host of ['slack', 'discord', 'sonzai', 'hookpulse', 'runtype']) {
        if (host === 'runtype') await world.dispatch('refund-agent').catch(() => '');
        assert.ok(new Set(proxy.tunnels).has(`${host}.test:443`), `${host}: ${[...reached].join()}`);
      }
      assert.deepEqual(proxy.forwarded, [], 'nothing without TLS');
      assert.match(world.logText(), /outgoing connections use a proxy/);
    }));
});
