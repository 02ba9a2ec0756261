import { parseArgs } from 'node:util';
import { startSandbox } from './sandbox.ts';

const DEFAULT_PORT = '3000';

const usage = `Usage: npm run sandbox -- [flags]

Starts emulators of Slack, Discord, Runtype, Sonzai and HookPulse, the real bot in front of them with a policy file, and a
page that shows both rooms and edits the file. Nothing leaves this machine. It runs until Ctrl-C.

  --port N    the page's port; 0: any free one (default: SANDBOX_PORT, else 3000)
  --direct    also sends every card to finance by direct message, in a tab of its own (default: off)
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

  console.log('Starting Slack, Discord, Runtype, Sonzai and HookPulse (emulators) and the bot ...');
  const starting = startSandbox({ port, direct: values.direct ?? false, forum: values.forum ?? false });
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
  console.log(`
  Countersign sandbox: ${sandbox.url}

  1. Press "Refund an order": a card appears in Slack and in Discord.
  2. Press Approve on one of them: both cards update, the run continues, and its result is in the card's thread.
  3. Switch to Kit, who may not decide it, and press again; or stop the bot while a card is open.
  4. Open ${sandbox.url}/policy: change who may decide what, and see what waits change.
  Nothing leaves this machine. Press Ctrl-C to stop.
`);
}

function fail(error: unknown): void {
  const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  if (taken) console.error('This port is in use. Choose another: npm run sandbox -- --port 3001 (0: any free one).');
  else console.error(error instanceof Error ? error.message : error);
  process.exit(error instanceof UsageError ? 2 : 1);
}

main().catch(fail);
