/** `countersign doctor`: see `USAGE`. Tested in test/cli/doctor.test.ts. */
import { parseArgs } from 'node:util';
import { coerceError } from '../core/ports/errors.ts';
import { examineHere } from '../doctor/here.ts';
import { EXIT, exitCodeOf } from '../doctor/report.ts';
import { textOf } from '../doctor/text.ts';
import { systemClock } from '../system/clock.ts';
import { createLog } from '../system/log.ts';
import { keepNewFilesPrivate } from '../system/private-files.ts';
import { readRelease } from '../system/release.ts';

const USAGE = `Usage: npm run doctor [-- --local] [-- --json]

Checks the settings, the policy file, the files and the database, and what they name in Slack, in Discord and at the
backends. Says what is wrong, where, and what to do; changes nothing. Asks the bot that runs with this database; without
one it looks itself. docs/doctor.md lists all checks.

  --local           only this machine: no call leaves it
  --allow-warnings  exit code ${EXIT.fine} also with warnings
  --json            as one JSON object
  --help            prints this

Exit codes: ${EXIT.fine} nothing found, ${EXIT.faults} at least one fault, ${EXIT.warnings} only warnings, 2 a wrong argument, 70 an unexpected error.

Example: npm run doctor -- --local --allow-warnings`;

const EXIT_USAGE = 2;
const EXIT_CRASH = 70;

const options = {
  local: { type: 'boolean', default: false },
  'allow-warnings': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

async function main({ local, json, ...more }: ReturnType<typeof parse>): Promise<number> {
  const report = await examineHere({
    environment: process.env,
    clock: systemClock,
    // What the adapters would log is among the findings.
    log: createLog('silent'),
    release: readRelease(),
    local,
  });
  const colours = process.stdout.isTTY && process.stdout.hasColors() && !process.env['NO_COLOR'];
  process.stdout.write(`${json ? JSON.stringify(report, null, 2) : textOf(report, colours)}\n`);
  return exitCodeOf(more['allow-warnings'] ? { ...report, warnings: 0 } : report);
}

function parse() {
  return parseArgs({ options }).values;
}

keepNewFilesPrivate();
try {
  const values = parse();
  if (values.help) process.stdout.write(`${USAGE}\n`);
  else process.exitCode = await main(values);
} catch (thrown) {
  const error = coerceError(thrown);
  const isUsage = String((thrown as { code?: unknown }).code).startsWith('ERR_PARSE_ARGS');
  process.stderr.write(isUsage ? `${error.message}\n\n${USAGE}\n` : `${error.stack ?? error.message}\n`);
  process.exitCode = isUsage ? EXIT_USAGE : EXIT_CRASH;
}
