/**
 * `npm run --silent ask -- "Deploy 1.4?"`: an approval for a shell script. ASK_TOKEN is one of the bot's ASK_TOKENS.
 *
 * Exit codes: 0 approved or answered; 1 rejected; 2 anything else (expired, cancelled, taken over, no answer in time, an
 * error); 129, 130 and 143 when it was interrupted, and the question was not decided in that moment.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { coerceError, SetupError } from '../core/ports/errors.ts';
import { faultsAbout } from '../core/text/settings/env-file.ts';
import { reveal } from '../core/text/visible/reveal.ts';
import { loadEnvFile } from '../system/env-file.ts';
import { keepNewFilesPrivate } from '../system/private-files.ts';
import { readSettings, USAGE } from './ask/args.ts';
import { AskError } from './ask/calls.ts';
import { ask } from './ask/client.ts';
import { type Item, sentenceOf } from './ask/item.ts';

const EXIT: Readonly<Record<string, number>> = { approved: 0, answered: 0, rejected: 1 };
const EXIT_OTHER = 2;
const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
/** A terminal, npm and the script that starts this one may each pass on the same Ctrl-C, ms. */
const SAME_SIGNAL_MS = 1_000;

const say = (text: string) => process.stderr.write(`${text}\n`);

/** The first signal asks to leave; a later one ends the process. */
function onSignals(): { interrupted: AbortSignal; exitCode: () => number | null } {
  const leaving = new AbortController();
  let first: { code: number; at: number } | null = null;
  for (const [signal, code] of Object.entries(SIGNALS)) {
    process.on(signal, () => {
      if (first !== null && performance.now() - first.at > SAME_SIGNAL_MS) process.exit(code);
      first ??= { code, at: performance.now() };
      leaving.abort();
    });
  }
  return { interrupted: leaving.signal, exitCode: () => first?.code ?? null };
}

async function main(): Promise<number> {
  keepNewFilesPrivate();
  // The terminal may be gone.
  for (const output of [process.stdout, process.stderr]) output.on('error', () => {});
  const faults = faultsAbout(loadEnvFile(process.env), ['ASK_TOKEN', 'ASK_URL', 'ALLOW_HTTP']);
  const settings = await readSettings(process.argv.slice(2), process.env, process.stdin);
  if (settings === null) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  if (faults.length > 0) throw new AskError(faults.join('\n'));
  const { json, question, ...rest } = settings;
  const { interrupted, exitCode } = onSignals();
  const item = await ask({
    ...rest,
    question,
    key: randomUUID(),
    fetch,
    sleep: (ms) => wait(ms, undefined, { signal: interrupted }).catch(() => {}),
    now: () => performance.now(),
    report: say,
    interrupted,
  });
  const code = exitCode();
  if (code !== null && (item === null || isLeft(item))) {
    say(`Interrupted.${item?.status === 'withdrawn' ? ' The request was withdrawn.' : ''}`);
    return code;
  }
  if (item === null) return EXIT_OTHER;
  print(item, json, question.options !== undefined || question.free_text === true);
  return EXIT[item.status] ?? EXIT_OTHER;
}

/** It ended because its asker left. */
function isLeft({ status }: Item): boolean {
  return status === 'withdrawn' || status === 'pending' || status === 'expired';
}

/** Standard output has the answer only, so that a script can take it. */
function print(item: Item, json: boolean, wantsAnswer: boolean): void {
  const { status, answer } = item;
  if (json) process.stdout.write(`${JSON.stringify(item)}\n`);
  else if (status === 'answered' && answer !== undefined)
    // Foreign text must not control a terminal; a script gets it as it is.
    process.stdout.write(`${process.stdout.isTTY ? reveal(answer) : answer}\n`);
  else if (wantsAnswer) say(sentenceOf(item));
  else process.stdout.write(`${sentenceOf(item)}\n`);
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (thrown: unknown) => {
    const error = coerceError(thrown);
    // The caller can fix an AskError from its message alone.
    say(error instanceof AskError || error instanceof SetupError ? error.message : (error.stack ?? error.message));
    process.exitCode = EXIT_OTHER;
  },
);
