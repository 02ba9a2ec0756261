/** The bot as it ships, in a process of its own that may be killed or get a bad disk; Slack and Runtype beside it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRuntypeEmulator } from '../../../src/sandbox/emulators/runtype/index.ts';
import { createSlackEmulator } from '../../../src/sandbox/emulators/slack/index.ts';
import type { SlackMessage } from '../../../src/sandbox/emulators/slack/types.ts';
import { reviewerSetting, slackUsers } from '../../../src/sandbox/page/personas.ts';
import { type Child, type DiskFaults, onBadDisk, startChild } from '../disk/disk.ts';
import { slackButtons } from '../people/room.ts';
import { dana } from './world.ts';

const ASK_TOKEN = 'a-token-to-ask-with';
const WAIT_MS = 15_000;

export async function createBotWorld() {
  const slack = await createSlackEmulator({ users: slackUsers() });
  const runtype = await createRuntypeEmulator({});
  const folder = mkdtempSync(join(tmpdir(), 'countersign-bot-'));
  const children: Child[] = [];

  const environment = (file: string) => ({
    HOME: folder,
    PORT: '0',
    DATABASE_URL: `file:${file}`,
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_APP_TOKEN: slack.appToken,
    SLACK_CHANNEL: slack.channel,
    SLACK_API_URL: slack.url,
    RUNTYPE_API_URL: runtype.url,
    RUNTYPE_API_KEY: runtype.apiKey,
    ASK_TOKENS: ASK_TOKEN,
    REVIEWERS: reviewerSetting(),
    // Many alike, and each with its own card.
    DIGEST_FROM: 'off',
  });

  const cards = () => slack.state().messages.filter(({ blocks, onlyFor }) => blocks.length > 0 && onlyFor === null);

  async function until<T>(what: string, find: () => T | undefined): Promise<T> {
    let stops: (() => unknown)[] = [];
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<T>((resolve, reject) => {
        const look = () => {
          const found = find();
          if (found !== undefined) resolve(found);
        };
        stops = [slack.onChange(look), slack.journal.onEntry(look), runtype.journal.onEntry(look)];
        const log = () => children.at(-1)?.lines.slice(-20).join('\n');
        timer = setTimeout(() => reject(new Error(`Waited for ${what}. The bot's log:\n${log()}`)), WAIT_MS);
        look();
      });
    } finally {
      clearTimeout(timer);
      for (const stop of stops) stop();
    }
  }

  return {
    slack,
    runtype,
    folder,
    file: join(folder, 'data', 'countersign.db'),
    cards,
    until,
    /** Starts the bot and waits until it says that it is ready. */
    async start(faults: DiskFaults = {}, file = join(folder, 'data', 'countersign.db')) {
      const onDisk = Object.keys(faults).length === 0 ? {} : onBadDisk(file, faults);
      const child = startChild('src/main.ts', { ...environment(file), ...onDisk });
      children.push(child);
      const { port } = JSON.parse(await child.until(/"msg":"ready"/)) as { port: number };
      return { ...child, port };
    },
    /** Sends a dispatch through the gateway, and leaves the response to itself. */
    async dispatch(port: number, target: object = { agent: { agentId: 'refund-agent' } }) {
      const answer = await fetch(`http://127.0.0.1:${port}/v1/dispatch`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${runtype.applicationKey}`,
          'content-type': 'application/json',
          'x-countersign-hold': 'off',
        },
        body: JSON.stringify({
          ...target,
          messages: [{ role: 'user', content: 'Go.' }],
          options: { streamResponse: true },
        }),
      });
      await answer.text();
    },
    /** Asks for a signature over the inbox API. @returns the item's id */
    async ask(port: number, context: string): Promise<string> {
      const answer = await fetch(`http://127.0.0.1:${port}/api/v1/approvals`, {
        method: 'POST',
        headers: { authorization: `Bearer ${ASK_TOKEN}`, 'content-type': 'application/json' },
        body: JSON.stringify({ context }),
      });
      if (!answer.ok) throw new Error(`asking was answered ${answer.status}: ${await answer.text()}`);
      return ((await answer.json()) as { approval_id: string }).approval_id;
    },
    async item(port: number, id: string): Promise<{ status: string; detail?: string }> {
      const headers = { authorization: `Bearer ${ASK_TOKEN}` };
      const answer = await fetch(`http://127.0.0.1:${port}/api/v1/approvals/${id}`, { headers });
      return (await answer.json()) as { status: string };
    },
    press(message: SlackMessage, label = 'Approve', person: { slackId: string } = dana) {
      const button = slackButtons(message).find((each) => each.label.includes(label));
      if (button === undefined) throw new Error(`there is no button ${label}`);
      const { channel, ts } = message;
      return slack.press({ userId: person.slackId, channel, ts, actionId: button.actionId });
    },
    /** What only this person was told. */
    told: (person: { slackId: string } = dana) =>
      slack
        .state()
        .messages.filter(({ onlyFor }) => onlyFor === person.slackId)
        .map(({ text }) => text),
    /** The decisions that reached Runtype. */
    decisions: () =>
      runtype.journal.entries.flatMap((entry) =>
        entry.kind === 'call' && /\/(?:approve|resume)$/.test(entry.path.split('?')[0] ?? '') ? [entry] : [],
      ),
    async close() {
      for (const child of children) child.kill('SIGKILL');
      await Promise.all(children.map(({ ended }) => ended));
      await Promise.all([slack.close(), runtype.close()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export type BotWorld = Awaited<ReturnType<typeof createBotWorld>>;

/** Runs a test in a world of its own, and ends that world whatever happens. */
export async function inBotWorld(run: (world: BotWorld) => Promise<void>): Promise<void> {
  const world = await createBotWorld();
  try {
    await run(world);
  } finally {
    await world.close();
  }
}
