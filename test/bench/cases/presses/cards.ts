/** The emulators of a case about presses, with the cards on which people press. */

import { join } from 'node:path';
import { discordUsers, personaOf, slackUsers } from '../../../../src/sandbox/page/personas.ts';
import { discordButtons, slackButtons } from '../../../support/people/room.ts';
import { createEmulators, type Emulators, type PlatformName } from '../../../support/worlds/emulators.ts';
import type { Bench, Server } from '../../contract.ts';
import { copyCards } from './copy-cards.ts';
import { oneCard, refunds } from './one-card.ts';
import { checkRecorded, createIdle } from './settled.ts';

export const reviewer = personaOf('dana');
const reviewers = { slack: `slack:${reviewer.slackId}`, discord: `discord:${reviewer.discordId}` };

/** How long a press waits for its acknowledgement, ms: a late one is measured, too. */
const ACK_MS = 30_000;
/** After a start the bot looks at its open cards. */
const AFTER_START_MS = 500;

export interface Button {
  channel: string;
  message: string;
  /** What names it: `action_id` and `custom_id`. */
  id: string;
  value: string;
}

export interface Cards {
  emulators: Emulators;
  /** *Approve*, on each card. */
  buttons: readonly Button[];
  /** Starts the product on the database of these cards. Resolves when it has nothing more to do. */
  startProduct(): Promise<Server>;
  /** Resolves once it does nothing more. */
  idle: (server: Server) => Promise<void>;
  /** @throws Error unless the product has recorded as many decisions */
  check(decided: number): void;
}

/** @param http the presses of Slack come as signed requests */
export async function createCards(
  bench: Bench,
  { platform, count, http = false }: { platform: PlatformName; count: number; http?: boolean },
): Promise<Cards> {
  const emulators = await createEmulators({
    slack: { users: slackUsers(), ackLimitMs: ACK_MS },
    discord: { users: discordUsers(), interactionBudgetMs: ACK_MS },
  });
  const { slack, discord, runtype } = emulators;
  const { SLACK_APP_TOKEN: _, ...withoutSockets } = emulators.settings([platform]);
  const file = join(bench.folder, 'product.db');
  const settings = {
    ...(http ? { ...withoutSockets, SLACK_SIGNING_SECRET: slack.signingSecret } : emulators.settings([platform])),
    REVIEWERS: reviewers[platform],
    // Each request gets its own card.
    DIGEST_FROM: 'off',
    OPEN_MAX: '50000',
  };
  runtype.scripts.set(refunds.name, refunds);
  const card = await oneCard(bench, emulators, { platform, settings });
  const copies = await copyCards(emulators, card, { platform, file, count });
  const shown = platform === 'slack' ? slackApprovals(emulators) : discordApprovals(emulators);
  const buttons = shown.filter(({ message }) => copies.has(message));
  if (buttons.length !== count) throw new Error(`${buttons.length} cards have a button, not ${count}`);
  const idle = createIdle([slack.journal, discord.journal, runtype.journal]);
  return {
    emulators,
    buttons,
    async startProduct() {
      const server = await bench.startProduct({ ...settings, DATABASE_URL: `file:${file}` });
      await idle(server, AFTER_START_MS);
      return server;
    },
    idle,
    check: (decided) => checkRecorded(file, `SELECT ${count} - count(*) FROM approvals WHERE phase = 'open'`, decided),
  };
}

function slackApprovals({ slackCards }: Emulators): Button[] {
  return slackCards().flatMap((card) =>
    slackButtons(card)
      .filter(({ label }) => label.includes('Approve'))
      .map(({ actionId, value }) => ({ channel: card.channel, message: card.ts, id: actionId, value })),
  );
}

function discordApprovals({ discord }: Emulators): Button[] {
  return discord.state().messages.flatMap((card) =>
    discordButtons(card)
      .filter(({ label }) => label.includes('Approve'))
      .map(({ customId }) => ({ channel: card.channelId, message: card.id, id: customId, value: customId })),
  );
}

/** The button of one card, as if it was on as many cards of other approvals: a floor has no cards of its own. */
export function copiesOf({ id, value, ...rest }: Button, count: number): Button[] {
  const [version = '', approval = '', ...others] = value.split('.');
  return Array.from({ length: count }, (_, index) => {
    const name = String(index).padStart(approval.length, 'x');
    const own = [version, name, ...others].join('.');
    return { ...rest, id: id === value ? own : id, value: own };
  });
}
