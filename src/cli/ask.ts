/**
 * `npm run --silent ask -- "Deploy 1.4?"`: an approval for a shell script. ASK_TOKEN is one of the bot's ASK_TOKENS.
 *
 * Exit codes: 0 approved; 1 rejected; 2 anything else (expired, cancelled, taken over, no answer in time, an error);
 * 130 and 143 when it was interrupted.
 */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { hostsIn, problemOfPlainHttp } from '../config/plain-http.ts';
import { coerceError } from '../core/ports/errors.ts';
import { isBlank } from '../core/text/blank.ts';
import { keepNewFilesPrivate } from '../system/private-files.ts';
import { AskError, ask, sentenceOf } from './ask-client.ts';

const EXIT = { approved: 0, rejected: 1, other: 2 } as const;
const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
const UNITS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const USAGE = `Usage: npm run --silent ask -- "Deploy 1.4?" [options]

  --context TEXT   details for the reviewer, below the question
  --agent NAME     who asks (default: ask)
  --timeout TIME   how long to wait: 90s, 10m, 2h (default: 10m)
  --json           print the whole item as JSON

ASK_TOKEN must be set; ASK_URL is where Countersign listens (default: http://127.0.0.1:3000).
Exits 0 when approved, 1 when rejected, 2 otherwise.`;

interface Settings {
  question: string;
  more: string | undefined;
  agent: string;
  timeoutMs: number;
  json: boolean;
  url: string;
  token: string;
}

/** @throws AskError that says what is wrong and what to write */
function readSettings(args: readonly string[], environment: Record<string, string | undefined>): Settings {
  const { values, positionals } = parse(args);
  const [question = '', ...others] = positionals;
  if (isBlank(question)) throw new AskError(`The question is missing.\n\n${USAGE}`);
  if (others.length > 0) throw new AskError(`Put the question in quotes: it is one argument.\n\n${USAGE}`);
  const url = environment['ASK_URL']?.trim() || 'http://127.0.0.1:3000';
  if (!URL.canParse(url) || !/^https?:/.test(url)) throw new AskError('ASK_URL must be an http or https address.');
  const problem = problemOfPlainHttp(url, hostsIn(environment['ALLOW_HTTP'] ?? ''));
  if (problem !== null) throw new AskError(`ASK_URL ${problem}`);
  const token = environment['ASK_TOKEN']?.trim() ?? '';
  if (token === '')
    throw new AskError('ASK_TOKEN is missing: set it to a token of Countersign’s ASK_TOKENS or ASKERS.');
  if (!/^[\x21-\x7e]+$/.test(token))
    throw new AskError('ASK_TOKEN contains characters that are not allowed in a token.');
  const { context: more, agent = 'ask', timeout = '10m', json = false } = values;
  return { question, more, agent, timeoutMs: durationOf(timeout), json, url, token };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        context: { type: 'string' },
        agent: { type: 'string' },
        timeout: { type: 'string' },
        json: { type: 'boolean' },
      },
    });
  } catch (thrown) {
    throw new AskError(`${coerceError(thrown).message}\n\n${USAGE}`);
  }
}

/** The longest time that a timer can wait. */
const TIMEOUT_MAX_MS = 24 * 86_400_000;

function durationOf(text: string): number {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text.trim()) ?? [];
  const ms = Number(number || Number.NaN) * (UNITS[unit] ?? Number.NaN);
  if (!(ms > 0 && ms <= TIMEOUT_MAX_MS))
    throw new AskError('--timeout must be a duration such as 90s, 10m or 2h, at most 24 days.');
  return ms;
}

async function main(): Promise<number> {
  keepNewFilesPrivate();
  if (existsSync('.env')) process.loadEnvFile('.env');
  const { question, more, agent, timeoutMs, json, url, token } = readSettings(process.argv.slice(2), process.env);
  const say = (text: string) => process.stderr.write(`${text}\n`);
  for (const [signal, code] of Object.entries(SIGNALS)) {
    process.once(signal, () => {
      say('Interrupted. The request stays open, but this command no longer waits for it.');
      process.exit(code);
    });
  }
  const item = await ask({
    url,
    token,
    question: { context: more === undefined ? question : `${question}\n\n${more}`, agent_name: agent },
    key: randomUUID(),
    timeoutMs,
    fetch,
    sleep: (ms) => wait(ms),
    now: () => performance.now(),
    report: say,
  });
  process.stdout.write(`${json ? JSON.stringify(item) : sentenceOf(item)}\n`);
  if (item.status === 'approved') return EXIT.approved;
  return item.status === 'rejected' ? EXIT.rejected : EXIT.other;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (thrown: unknown) => {
    const error = coerceError(thrown);
    // The caller can fix an AskError from its message alone.
    process.stderr.write(`${error instanceof AskError ? error.message : (error.stack ?? error.message)}\n`);
    process.exitCode = EXIT.other;
  },
);
