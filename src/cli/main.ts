/** `countersign COMMAND`: finds the command, and loads nothing but its modules. Tested in test/cli/main.test.ts. */
import { nearNames } from '../core/text/settings/near-names.ts';

interface Command {
  name: string;
  /** One line of the usage. */
  summary: string;
  /** Runs it: each is a program, which reads `process.argv` and sets the exit code itself. */
  load: () => Promise<unknown>;
}

const commands: readonly Command[] = [
  { name: 'start', summary: 'runs the bot with the settings of .env', load: () => import('../main.ts') },
  { name: 'ask', summary: 'asks for an approval, for a script', load: () => import('./ask.ts') },
  { name: 'policy', summary: 'checks, writes and explains the policy file', load: () => import('./policy/main.ts') },
  { name: 'doctor', summary: 'checks everything, and says what to do', load: () => import('./doctor.ts') },
  { name: 'backup', summary: 'copies the database, also while the bot runs', load: () => import('./backup.ts') },
  { name: 'move', summary: 'moves a stopped bot from its file into PostgreSQL', load: () => import('./move.ts') },
  { name: 'audit', summary: 'searches the audit log, also while the bot runs', load: () => import('./audit.ts') },
  { name: 'sonzai', summary: 'creates an item in Sonzai’s inbox', load: () => import('./sonzai.ts') },
  {
    name: 'sandbox',
    summary: 'the bot before emulators, in a browser, without any account',
    load: () => import('../sandbox/main.ts'),
  },
  { name: 'version', summary: 'says which release this is, and what it runs on', load: () => import('./version.ts') },
];

const USAGE = `Usage: npm run countersign -- COMMAND [arguments]

Puts a human approval in front of what AI agents and flows do.

Commands:
${commands.map(({ name, summary }) => `  ${name.padEnd(10)}${summary}`).join('\n')}

  --help     prints this
  --version  prints the version alone

Example: npm run countersign -- policy check

COMMAND --help says more about one command.`;

/** As for a wrong argument of a command. */
const EXIT_USAGE = 2;

async function main(): Promise<void> {
  const [given, ...rest] = process.argv.slice(2);
  // `help COMMAND` and `--version` are other ways to say the same.
  const isHelp = (word = '') => ['help', '--help', '-h'].includes(word);
  const asksForHelp = isHelp(given);
  const about = isHelp(rest[0]) ? undefined : rest[0];
  const [name, args] = asksForHelp
    ? [about, ['--help']]
    : given === '--version'
      ? ['version', ['--short']]
      : [given, rest];
  if (name === undefined) {
    if (asksForHelp) process.stdout.write(`${USAGE}\n`);
    else refuse(USAGE);
    return;
  }
  const command = commands.find((one) => one.name === name);
  if (command === undefined) {
    const [meant] = nearNames(
      name,
      commands.map((one) => one.name.toUpperCase()),
    );
    const remedy = meant === undefined ? '' : ` Did you mean "${meant.toLowerCase()}"?`;
    refuse(`"${name}" is not a command.${remedy}\n\n${USAGE}`);
    return;
  }
  process.argv.splice(2, Number.POSITIVE_INFINITY, ...args);
  await command.load();
}

function refuse(text: string): void {
  process.stderr.write(`${text}\n`);
  process.exitCode = EXIT_USAGE;
}

await main();
