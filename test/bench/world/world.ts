/** The product in its own process, and the emulators around it in this one. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createDiscordEmulator } from '../../../src/sandbox/emulators/discord/index.ts';
import type { DiscordEmulator } from '../../../src/sandbox/emulators/discord/types.ts';
import { createRuntypeEmulator } from '../../../src/sandbox/emulators/runtype/index.ts';
import type { RuntypeEmulator } from '../../../src/sandbox/emulators/runtype/types.ts';
import { createSlackEmulator } from '../../../src/sandbox/emulators/slack/index.ts';
import type {
  SlackEmulator,
  SlackMessage,
  SlackPressResult,
  SlackUser,
} from '../../../src/sandbox/emulators/slack/types.ts';
import { slackButtons } from '../../support/people/room.ts';
import type { Bench, ProductOptions, Server } from '../contract.ts';
import { SEEDED_AT } from './seed.ts';

const REVIEWERS = 40;
export const ASKERS = 64;
/** How long a press waits for its acknowledgement, ms: a late one is measured, too. */
const ACK_MS = 30_000;
/** Longer than anything that a case waits for takes. */
const WAIT_MS = 60_000;

/** A bot is calm that uses so little CPU within so long. */
const CALM_MS = 500;
const CALM_CPU_MS = 60;

export const reviewers: readonly SlackUser[] = Array.from({ length: REVIEWERS }, (_, at) => ({
  id: `U0BENCH${String(at + 1).padStart(3, '0')}`,
  handle: `reviewer.${at + 1}`,
  displayName: `Reviewer ${at + 1}`,
  groups: [],
}));

/** The token of an asker of the inbox, by its number. */
export const askerToken = (at: number): string => `bench-asker-token-of-many-letters-${String(at).padStart(3, '0')}`;
export const INGEST_SECRET = `whsec_${Buffer.from('a secret of the bench, 32 bytes.').toString('base64')}`;

export interface World {
  readonly slack: SlackEmulator;
  readonly discord: DiscordEmulator;
  readonly runtype: RuntypeEmulator;
  /** The settings of the product, without its database. */
  readonly settings: Readonly<Record<string, string>>;
  /** Starts the product on this database; Slack's presses go to it over HTTP. */
  start(file: string, options?: ProductOptions): Promise<Server>;
}

export interface WorldOptions {
  env?: Record<string, string>;
  /** Default: Slack alone. */
  onDiscord?: boolean;
  /** So many rooms in Slack, each with cards of one tool of its own, `refund_0` and so on. Default: one, for all. */
  rooms?: number;
  /** So many messages of the bot are in the channel: those of a seeded database. */
  messages?: number;
}

const policySettings = {
  REVIEWERS: reviewers.map(({ id }) => `slack:${id}`).join(),
  // Each request gets its own card.
  DIGEST_FROM: 'off',
};

/** The same policy, with a room for each tool. */
function policyFile({ folder }: Bench, channels: readonly { id: string; name: string }[]): string {
  const [reviewer] = reviewers;
  const rules = channels.map(({ name }, at) =>
    [
      `  - name: tool ${at}`,
      `    match: { tool: refund_${at} }`,
      `    rooms: [${name}]`,
      '    approve: { by: [reviewer] }',
      '    reject: { by: [reviewer] }',
    ].join('\n'),
  );
  const file = join(folder, 'countersign.yml');
  const text = `version: 1
people:
  reviewer: [slack:${reviewer?.id}]
rooms:
${channels.map(({ id, name }) => `  ${name}: [slack:${id}]`).join('\n')}
rules:
${rules.join('\n')}
defaults:
  digest: off
`;
  writeFileSync(file, text);
  return file;
}

/** Nothing of it is closed: the process ends with its subject. */
export async function createWorld(bench: Bench, options: WorldOptions = {}): Promise<World> {
  const { env = {}, onDiscord = false, rooms = 1, messages = 0 } = options;
  let now: () => number = () => SEEDED_AT;
  const channels = Array.from({ length: rooms }, (_, at) => ({ id: `C000000000${at + 1}`, name: `approvals-${at}` }));
  const slack = await createSlackEmulator({ users: [...reviewers], channels, ackLimitMs: ACK_MS, now: () => now() });
  for (let count = 0; count < messages; count += 1) slack.forge({ metadata: {}, user: slack.botUserId });
  now = Date.now;
  const [discord, runtype] = await Promise.all([createDiscordEmulator(), createRuntypeEmulator()]);
  const settings = {
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_SIGNING_SECRET: slack.signingSecret,
    SLACK_CHANNEL: slack.channel,
    SLACK_API_URL: slack.url,
    ...(onDiscord && {
      DISCORD_TOKEN: discord.token,
      DISCORD_CHANNEL: discord.channel,
      DISCORD_API_URL: discord.url,
    }),
    RUNTYPE_API_URL: runtype.url,
    RUNTYPE_API_KEY: runtype.apiKey,
    GATEWAY_KEYS: runtype.applicationKey,
    INGEST_SECRET,
    ASKERS: Array.from({ length: ASKERS }, (_, at) => `asker-${at} token=${askerToken(at)}`).join('; '),
    OPEN_MAX: '50000',
    ...(rooms === 1 ? policySettings : { POLICY_FILE: policyFile(bench, channels) }),
    ...env,
  };
  return {
    ...{ slack, discord, runtype, settings },
    async start(file, more) {
      const product = await bench.startProduct({ ...settings, DATABASE_URL: `file:${file}` }, more);
      slack.sendOverHttp(`http://127.0.0.1:${product.port}/slack/events`);
      return product;
    },
  };
}

/** Asks for an approval over the inbox's API. @returns the item's ID */
export async function ask(port: number, asker: number, question: object): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/approvals`, {
    method: 'POST',
    headers: { authorization: `Bearer ${askerToken(asker)}`, 'content-type': 'application/json' },
    body: JSON.stringify(question),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`a question was answered ${response.status}: ${text}`);
  return (JSON.parse(text) as { approval_id: string }).approval_id;
}

/** The newest card that contains this text. */
export async function cardWith(slack: SlackEmulator, mark: string): Promise<SlackMessage> {
  const find = () =>
    slack.state().messages.findLast(({ blocks }) => blocks.length > 0 && JSON.stringify(blocks).includes(mark));
  return until(`a card with ${mark}`, find);
}

export async function approve(
  slack: SlackEmulator,
  { channel, ts, ...message }: SlackMessage,
): Promise<SlackPressResult> {
  const button = slackButtons({ channel, ts, ...message }).find(({ label }) => label.includes('Approve'));
  const [person] = reviewers;
  if (button === undefined || person === undefined) throw new Error(`there is no button on ${message.text}`);
  const pressed = await slack.press({ userId: person.id, channel, ts, actionId: button.actionId });
  if (!pressed.acked) throw new Error('a press was not acknowledged');
  return pressed;
}

/** @throws Error when it does not come about */
export async function until<T>(what: string, find: () => T | undefined, everyMs = 2, withinMs = WAIT_MS): Promise<T> {
  const giveUpAt = performance.now() + withinMs;
  for (;;) {
    const found = find();
    if (found !== undefined) return found;
    if (performance.now() > giveUpAt) throw new Error(`there never was ${what}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

/** Resolves once the bot has done what follows from its start: that has cases of its own. */
export async function settledDown(product: Server): Promise<void> {
  const giveUpAt = performance.now() + WAIT_MS;
  for (let before = product.cpuMs(), used = Number.POSITIVE_INFINITY; used > CALM_CPU_MS; ) {
    if (performance.now() > giveUpAt) throw new Error('the bot was never calm');
    await new Promise((resolve) => setTimeout(resolve, CALM_MS));
    used = product.cpuMs() - before;
    before += used;
  }
}

/** The value below which this part of them is. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);
