/** `npm run policy -- COMMAND`: see each command's usage. Tested in test/cli/policy/commands.test.ts. */
import { coerceError, SetupError } from '../../core/ports/errors.ts';
import { keepNewFilesPrivate } from '../../system/private-files.ts';
import { test } from './cases.ts';
import { check } from './check.ts';
import type { PolicyCommand } from './command.ts';
import { explain } from './explain.ts';
import { init } from './init.ts';
import { replay } from './replay.ts';
import { schema } from './schema.ts';

const commands: readonly PolicyCommand[] = [check, init, schema, explain, test, replay];

const USAGE = `Usage: npm run policy -- COMMAND [flags]

Checks, writes, explains and tries the policy file, which says who may decide what.

Commands:
${commands.map(({ name, summary }) => `  ${name.padEnd(10)}${summary}`).join('\n')}

  --file F  the policy file; otherwise POLICY_FILE, or countersign.yml
  --help    prints this

Example: npm run policy -- check --file countersign.yml

COMMAND --help prints the flags of one command. docs/policy.md explains the file.`;

async function main(): Promise<number> {
  keepNewFilesPrivate();
  const [name, ...args] = process.argv.slice(2);
  const command = commands.find((one) => one.name === name);
  if (command === undefined) {
    const isAsked = name === '--help' || name === '-h';
    if (!isAsked && name !== undefined) throw new SetupError(`"${name}" is not a command.\n\n${USAGE}`);
    process.stdout.write(`${USAGE}\n`);
    return isAsked ? 0 : 1;
  }
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(`${command.usage}\n`);
    return 0;
  }
  return command.run(args, {
    environment: process.env,
    print: (text) => process.stdout.write(`${text}\n`),
    complain: (text) => process.stderr.write(`${text}\n`),
  });
}

try {
  process.exitCode = await main();
} catch (thrown) {
  const error = coerceError(thrown);
  process.stderr.write(`${error instanceof SetupError ? error.message : (error.stack ?? error.message)}\n`);
  process.exitCode = 1;
}
