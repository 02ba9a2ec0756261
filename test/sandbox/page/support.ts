/** The page's server with real emulators behind it; the bot is a small script, or not started at all. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BotProcess } from '../../../src/sandbox/bot-process.ts';
import { createDiscordEmulator } from '../../../src/sandbox/emulators/discord/index.ts';
import { createHookPulseEmulator } from '../../../src/sandbox/emulators/hookpulse/index.ts';
import { createRuntypeEmulator } from '../../../src/sandbox/emulators/runtype/index.ts';
import { createSlackEmulator } from '../../../src/sandbox/emulators/slack/index.ts';
import { createSonzaiEmulator } from '../../../src/sandbox/emulators/sonzai/index.ts';
import { startPageServer } from '../../../src/sandbox/page/http/server.ts';
import { discordUsers, slackUsers } from '../../../src/sandbox/page/personas.ts';
import { Application } from '../../../src/sandbox/page/state/application.ts';
import { type DeskOptions, PolicyDesk } from '../../../src/sandbox/policy/desk.ts';
import { firstPolicy, POLICY_FILE } from '../../../src/sandbox/policy/first-text.ts';

/** A page over real emulators. Its application talks to Runtype without a gateway between. */
export async function startPage(desk: Partial<DeskOptions> = {}) {
  const slack = await createSlackEmulator({ users: slackUsers() });
  const discord = await createDiscordEmulator({ users: discordUsers() });
  const runtype = await createRuntypeEmulator();
  const sonzai = await createSonzaiEmulator();
  const hookpulse = await createHookPulseEmulator();
  const emulators = { slack, discord, runtype, sonzai, hookpulse };
  let touch = () => {};
  const onChange = () => touch();
  const bot = new BotProcess({ script: 'never-started', env: {}, folder: tmpdir(), port: 1, onChange });
  const application = new Application({
    gateway: () => runtype.url,
    key: runtype.applicationKey,
    vocabulary: () => runtype.vocabulary,
    onChange,
  });
  const folder = await mkdtemp(join(tmpdir(), 'countersign-page-'));
  const policy = await startDesk(folder, { scripts: () => runtype.scripts.values(), onChange, ...desk });
  const page = await startPageServer(0, { ...emulators, bot, application, policy });
  touch = page.touch;
  const stops = Object.values(emulators).map((emulator) => emulator.onChange(onChange));
  return {
    url: page.url,
    host: page.url.slice('http://'.length),
    ...emulators,
    application,
    policyFile: join(folder, POLICY_FILE),
    async close() {
      for (const stop of stops) stop();
      application.close();
      policy.close();
      await page.close();
      await Promise.all(Object.values(emulators).map((emulator) => emulator.close()));
      await rm(folder, { recursive: true });
    },
  };
}

/** A policy file in this folder, as the sandbox begins with it; no bot reads it. */
export async function startDesk(folder: string, options: Partial<DeskOptions> = {}): Promise<PolicyDesk> {
  const file = join(folder, POLICY_FILE);
  const first = firstPolicy({ slackChannel: 'C0SANDBOX', discordChannel: '100000000000000003', direct: false });
  await writeFile(file, first);
  const database = join(folder, 'countersign.db');
  return new PolicyDesk({
    ...{ file, first, database, scripts: () => [], bot: () => null, onChange: () => {} },
    ...options,
  });
}

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

/** A request with any headers at all, `Host` among them, which `fetch` would not send. */
export function ask(url: string, method: string, headers: Record<string, string>, body = ''): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, agent: false }, async (response) => {
      let text = '';
      for await (const chunk of response.setEncoding('utf8')) text += String(chunk);
      resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
    });
    sent.on('error', reject).end(body);
  });
}

/** A folder with a script in it that can stand in for the bot. */
export async function writeScript(code: string) {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-test-'));
  const script = join(folder, 'bot.mjs');
  await writeFile(script, code);
  return { folder, script, remove: () => rm(folder, { recursive: true, force: true }) };
}
