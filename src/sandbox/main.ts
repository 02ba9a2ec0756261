import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { POLICY_FILE } from './policy/first-text.ts';
import { type Sandbox, startSandbox } from './sandbox.ts';

const DEFAULT_PORT = '3000';

const usage = `Usage: npm run sandbox -- [flags]

Starts emulators of Slack, Discord, Runtype, Sonzai and HookPulse, the real bot in front of them with a policy file, and a
page that shows both rooms and edits the file. Nothing leaves this machine. It runs until Ctrl-C.

  --port N    the page's port; 0: any free one (default: SANDBOX_PORT, else 3000)
  --direct    also sends every card to finance by direct message, in a tab of its own (default: off)
  --rehearse FOLDER  starts no bot: FOLDER gets a .env and a policy file for a bot that you start there yourself, to try
              your own settings, policy and scripts; what you write below the sandbox's lines stays (default: off)
  --forum     makes Discord's channel a forum: each run is a post there (default: a text channel)
  --help      prints this

Example: npm run sandbox -- --port 3001`;

/** Wrong arguments: the message says what to write. */
class UsageError extends Error {}

function parse() {
  const options = {
    port: { type: 'string' },
    direct: { type: 'boolean' },
    forum: { type: 'boolean' },
    rehearse: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  } as const;
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : error}\n\n${usage}`);
  }
}

async function main(): Promise<void> {
  const values = parse();
  if (values.help) {
    console.log(usage);
    return;
  }
  const text = values.port ?? process.env['SANDBOX_PORT'] ?? DEFAULT_PORT;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new Error(`"${text}" is not a valid port. Use a number from 0 to 65535.`);

  if (values.rehearse === '') throw new UsageError(`--rehearse needs the name of a folder.\n\n${usage}`);
  const rehearsal = values.rehearse === undefined ? null : resolve(values.rehearse);
  const andBot = rehearsal === null ? ' and the bot' : '';
  console.log(`Starting Slack, Discord, Runtype, Sonzai and HookPulse (emulators)${andBot} ...`);
  const { direct = false, forum = false } = values;
  const starting = startSandbox({ port, direct, forum, rehearsal });
  // Both `npm` and a terminal may send the same signal: only the first one starts the shutdown.
  let closing = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (closing) return;
      closing = true;
      starting.then((sandbox) => sandbox.close()).then(() => process.exit(0), fail);
    });
  }
  const sandbox = await starting;
  console.log(rehearsal === null ? welcome(sandbox.url) : welcomeToRehearsal(sandbox, rehearsal));
}

function welcome(url: string): string {
  return `
  Countersign sandbox: ${url}

  1. Press "Refund an order": a card appears in Slack and in Discord.
  2. Press Approve on one of them: both cards update, the run continues, and its result is in the card's thread.
  3. Switch to Kit, who may not decide it, and press again; or stop the bot while a card is open.
  4. Open ${url}/policy: change who may decide what, and see what waits change.
  Nothing leaves this machine. Press Ctrl-C to stop.
`;
}

/** @param folder has the settings of the bot */
function welcomeToRehearsal({ url, bot }: Sandbox, folder: string): string {
  const program = `${fileURLToPath(new URL('../..', import.meta.url))}scripts/run.mjs`;
  // A clone starts the bot in its own folder, whose .env may hold real tokens.
  const [start, run] = import.meta.url.endsWith('.ts')
    ? [`node ${program} ${fileURLToPath(new URL('../main.ts', import.meta.url))}`, `node ${program} ${cli()}`]
    : ['countersign start', 'countersign'];
  return `
  Countersign sandbox: ${url}

  1. In a second terminal, start your bot with the settings of the sandbox:
       cd ${folder} && ${start}
  2. Put your own policy into ${join(folder, POLICY_FILE)}, with the people and rooms of the one that is there, and your own
     settings below the last line of ${join(folder, '.env')}. What follows works there, too:
       ${run} doctor
       ASK_URL=http://127.0.0.1:${bot.port} ASK_TOKEN="$(sed -n s/^ASK_TOKENS=//p .env)" ${run} ask "Deploy 1.4?"
  3. Decide on the cards at ${url}.
  Nothing leaves this machine. Stop the bot, then press Ctrl-C here. With the next start, start the bot again, too.
`;
}

function cli(): string {
  return fileURLToPath(new URL('../cli/main.ts', import.meta.url));
}

function fail(error: unknown): void {
  const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  if (taken) console.error('This port is in use. Choose another: npm run sandbox -- --port 3001 (0: any free one).');
  else console.error(error instanceof Error ? error.message : error);
  process.exit(error instanceof UsageError ? 2 : 1);
}

main().catch(fail);
