/**
 * `npm run --silent sonzai -- create …`: creates an item in Sonzai's approvals inbox. Reads the bot's settings; needs
 * neither a platform nor a database.
 */
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { openSonzai } from '../backends/sonzai/client.ts';
import { createItem } from '../backends/sonzai/create.ts';
import * as sonzai from '../backends/sonzai/settings.ts';
import { readPart, readProxy } from '../config/config.ts';
import { coerceError, SetupError } from '../core/ports/errors.ts';
import { systemClock } from '../system/clock.ts';
import { loadEnvFile } from '../system/env-file.ts';
import { keepNewFilesPrivate } from '../system/private-files.ts';
import { isHelp, readDraft, USAGE, UsageError } from './sonzai-args.ts';

const EXIT = { created: 0, failed: 1, usage: 2, unknown: 3 } as const;

async function main(): Promise<number> {
  keepNewFilesPrivate();
  if (isHelp(process.argv.slice(2))) {
    process.stdout.write(`${USAGE}\n`);
    return EXIT.created;
  }
  const envFile = loadEnvFile(process.env);
  const draft = await readDraft(process.argv.slice(2), (file) => {
    return file === '-' ? text(process.stdin) : readFile(file, 'utf8');
  });
  const { url, token } = readPart(sonzai, process.env, envFile);
  const client = openSonzai({ url, token, proxy: readProxy(process.env, envFile), clock: systemClock });
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => interrupted.abort());
  try {
    const answer = await createItem(client, draft, interrupted.signal);
    if (answer.type === 'created') {
      process.stdout.write(`${answer.approvalId}\n`);
      return EXIT.created;
    }
    const unknown = answer.type === 'ambiguous';
    const advice = unknown ? ' It may be in the inbox anyway: check there before you try again.' : '';
    process.stderr.write(`${answer.reason}${advice}\n`);
    return unknown ? EXIT.unknown : EXIT.failed;
  } finally {
    client.release();
    client.close();
  }
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (thrown: unknown) => {
    const error = coerceError(thrown);
    // The caller can fix these from the message alone.
    const plain = error instanceof UsageError || error instanceof SetupError;
    process.stderr.write(`${plain ? error.message : (error.stack ?? error.message)}\n`);
    process.exitCode = plain ? EXIT.usage : EXIT.failed;
  },
);
