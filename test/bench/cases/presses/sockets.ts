/** Presses over connections that the bot opens: Slack's Socket Mode and Discord's gateway. */
import { join } from 'node:path';
import type { PlatformName } from '../../../support/worlds/emulators.ts';
import type { Bench, Case, Figures, Server, Subject } from '../../contract.ts';
import { type Button, type Cards, copiesOf, createCards, reviewer } from './cards.ts';
import { measurePresses, pressesOf, pressMetrics } from './phases.ts';
import { RECORDED } from './servers/claims.ts';
import { checkRecorded } from './settled.ts';

/** @returns ms from the dispatch to the acknowledgement. @throws Error if there was none */
const press: Record<PlatformName, (cards: Cards, button: Button) => Promise<number>> = {
  async slack({ emulators }, { channel, message, id, value }) {
    const { afterMs } = await emulators.slack.press({
      ...{ userId: reviewer.slackId, channel, ts: message, actionId: id, value },
    });
    return acknowledged(afterMs);
  },
  async discord({ emulators }, { channel, message, id }) {
    // The emulator's own `afterMs` has no fractions.
    const startedAt = performance.now();
    const { acked } = await emulators.discord.press({
      ...{ userId: reviewer.discordId, channelId: channel, messageId: message, customId: id },
    });
    return acknowledged(acked ? performance.now() - startedAt : null);
  },
};

function acknowledged(afterMs: number | null): number {
  if (afterMs === null) throw new Error('a press was not acknowledged');
  return afterMs;
}

function measured(
  bench: Bench,
  cards: Cards,
  { platform, server, buttons }: { platform: PlatformName; server: Server; buttons: readonly Button[] },
): Promise<Figures> {
  const pressOne = (index: number) => press[platform](cards, buttons[index] as Button);
  return measurePresses({ bench, server, press: pressOne, idle: cards.idle });
}

const productOn = (platform: PlatformName): Subject => ({
  name: 'Countersign',
  kind: 'product',
  async measure(bench) {
    const count = pressesOf(bench);
    const cards = await createCards(bench, { platform, count });
    const server = await cards.startProduct();
    const figures = await measured(bench, cards, { platform, server, buttons: cards.buttons });
    cards.check(count);
    return figures;
  },
});

/** @param commits twice before the acknowledgement */
function floorOn(platform: PlatformName, name: string, commits: boolean): Subject {
  return {
    name,
    kind: 'floor',
    async measure(bench) {
      const count = pressesOf(bench);
      const cards = await createCards(bench, { platform, count: 1 });
      const [button] = cards.buttons;
      if (button === undefined) throw new Error('there is no card');
      const file = join(bench.folder, 'claims.db');
      const { slack, discord } = cards.emulators;
      const [script, args] =
        platform === 'slack'
          ? ['bolt-socket', [slack.url, slack.botToken, slack.appToken]]
          : ['discord-defer', [discord.url, discord.token]];
      const server = await bench.startServer(`test/bench/cases/presses/servers/${script}.ts`, {
        args: commits ? [...args, file] : args,
      });
      const figures = await measured(bench, cards, { platform, server, buttons: copiesOf(button, count) });
      if (commits) checkRecorded(file, RECORDED, count);
      return figures;
    },
  };
}

export const slackSockets: Case = {
  name: 'press-socket',
  title: 'A press on Slack over Socket Mode',
  metrics: pressMetrics([{ against: 'bolt, two commits', limit: 1.5 }], [{ against: 'bolt, no-op', limit: 0.4 }]),
  subjects: [productOn('slack'), floorOn('slack', 'bolt, no-op', false), floorOn('slack', 'bolt, two commits', true)],
};

export const discordGateway: Case = {
  name: 'press-discord',
  title: 'A press on Discord',
  metrics: pressMetrics(
    [{ against: 'deferUpdate(), two commits', limit: 1.5 }],
    [{ against: 'deferUpdate(), no-op', limit: 0.6 }],
  ),
  subjects: [
    productOn('discord'),
    floorOn('discord', 'deferUpdate(), no-op', false),
    floorOn('discord', 'deferUpdate(), two commits', true),
  ],
};
