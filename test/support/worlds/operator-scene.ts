/** A world with something on every page for operators: what waits, was decided, or failed. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SlackMessage } from '../../../src/sandbox/emulators/slack/types.ts';
import { secretOf } from '../data/secrets.ts';
import { calls, pressSlack, slackButtons } from '../people/room.ts';
import type { Emulators } from './emulators.ts';
import { createWorld, dana, sam, type World } from './world.ts';

export const ADMIN_TOKEN = secretOf('admin');

export interface OperatorScene {
  world: World;
  /** Of the bot. */
  url: string;
  /** How many calls with a decision have reached Runtype. */
  decisions(): number;
  close(): Promise<void>;
}

const policyOf = ({ slack, discord }: Emulators) => `version: 1
people:
  dana: [slack:${dana.slackId}, discord:${dana.discordId}]
  sam: [slack:${sam.slackId}]
groups:
  desk: [dana, sam]
rooms:
  orders: [slack:${slack.channel}, discord:${discord.channel}]
rules:
  - name: large refunds
    match: { tool: refund_order }
    when: params.amount > 1000
    rooms: [orders]
    approve: { by: [desk], count: 2 }
    remind: { after: [10m] }
    expire: { after: 2h, then: reject }
  - name: everything else
    rooms: [orders]
    approve: { by: [desk] }
    reject: { by: [desk] }
    answer: { by: [desk] }
operators: [dana]
`;

export async function startOperatorScene(env: Record<string, string> = {}): Promise<OperatorScene> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-scene-'));
  const world = await createWorld({
    envOf(emulators) {
      const file = join(folder, 'countersign.yml');
      writeFileSync(file, policyOf(emulators));
      return { ADMIN_TOKEN, POLICY_FILE: file, REVIEWERS: '', RUNS: '', RUN_STARTERS: '', ...env };
    },
  });
  return {
    world,
    url: `http://127.0.0.1:${world.app().port}`,
    decisions: () => calls(world, 'approve').length + calls(world, 'resume').length,
    async close() {
      await world.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Decided, and confirmed. */
export async function approved(scene: OperatorScene): Promise<void> {
  await decided(scene, 'Approve', 'Approved');
}

/** A decision that Runtype has refused: a dead letter that can be retried. */
export async function undelivered(scene: OperatorScene): Promise<void> {
  const body = { error: 'The key may not approve.' };
  scene.world.runtype.fail('/v1/dispatch/approve', { kind: 'status', status: 403, when: 'before', body });
  await decided(scene, 'Approve', 'Not delivered');
}

/** A request whose card Slack refuses, as it does all others from then on. */
export async function unposted({ world }: OperatorScene): Promise<void> {
  world.slack.fail('chat.postMessage', { kind: 'error', error: 'restricted_action' }, 1_000);
  start(world, 'approval-flow');
  await world.until('a card that was given up', () =>
    world.logText().includes('can’t post to this channel') ? true : undefined,
  );
}

export async function waiting({ world }: OperatorScene, agent: string): Promise<void> {
  await nextCard(world, agent);
}

/** Its answer stays open until its run ends. */
function start(world: World, agent: string): void {
  world.dispatch(agent, agent.endsWith('flow') ? 'flow' : 'agent').catch(() => {});
}

async function nextCard(world: World, agent: string): Promise<SlackMessage> {
  const cards = () => world.slack.state().messages.filter((message) => slackButtons(message).length > 0);
  const before = cards().length;
  start(world, agent);
  return world.until(`a card of ${agent}`, () => cards()[before]);
}

async function decided({ world }: OperatorScene, label: string, text: string): Promise<void> {
  const card = await nextCard(world, 'refund-agent');
  await pressSlack(world, dana, card, label);
  await says(world, card, text);
}

async function says(world: World, card: SlackMessage, text: string): Promise<void> {
  await world.until(`a card that says ${text}`, () =>
    JSON.stringify(world.slack.state().messages.find(({ ts }) => ts === card.ts)).includes(text) ? true : undefined,
  );
}
