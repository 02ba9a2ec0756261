/** What `npm run ask` is called with. Tested in test/cli/ask.test.ts. */
import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { hostsIn, problemOfPlainHttp } from '../../config/plain-http.ts';
import { coerceError } from '../../core/ports/errors.ts';
import { isBlank } from '../../core/text/blank.ts';
import { parseDuration } from '../../core/text/settings/duration.ts';
import { AskError, type Question } from './calls.ts';

export const USAGE = `Usage: npm run --silent ask -- "Deploy 1.4?" [options]

Asks people in Slack and Discord, waits for their decision, and prints the answer.

  --option TEXT    ask for one of several, and print it (repeat it)
  --text           ask for a free answer, and print it
  --details FILE   what the reviewer should read; - reads standard input
  --context TEXT   a few words below the question
  --agent NAME     who asks (default: ask)
  --timeout TIME   how long to wait: 90s, 10m, 2h (default: 10m)
  --json           print the whole item as JSON
  --help           print this

ASK_TOKEN must be set; ASK_URL is where Countersign listens (default: http://127.0.0.1:3000).
Standard output has the answer only. Exits 0 when approved or answered, 1 when rejected, 2 otherwise.
A question that no one waits for any more (timeout, signal) is withdrawn.

Examples: npm run --silent ask -- "Deploy 1.4?" --timeout 10m && ./deploy.sh
          target=$(npm run --silent ask -- "Where to?" --option staging --option production)`;

export interface Settings {
  question: Question;
  timeoutMs: number;
  json: boolean;
  url: string;
  token: string;
}

/**
 * @param environment also `INIT_CWD`, the folder in which npm was called
 * @returns null: the usage was asked for
 * @throws AskError that says what is wrong and what to write
 */
export async function readSettings(
  args: readonly string[],
  environment: Record<string, string | undefined>,
  stdin: AsyncIterable<unknown>,
): Promise<Settings | null> {
  const { values, positionals } = parse(args);
  if (values.help === true) return null;
  const [text = '', ...others] = positionals;
  if (isBlank(text)) throw new AskError(`The question is missing.\n\n${USAGE}`);
  if (others.length > 0) throw new AskError(`Put the question in quotes: it is one argument.\n\n${USAGE}`);
  const { context, agent = 'ask', timeout = '10m', json = false, option: options } = values;
  const timeoutMs = durationOf(timeout);
  const server = serverOf(environment);
  const folder = environment['INIT_CWD'] ?? '.';
  const question = {
    context: context === undefined ? text : `${text}\n\n${context}`,
    agent_name: agent,
    ...(options !== undefined && { options }),
    ...(values.text === true && { free_text: true }),
    ...(values.details !== undefined && { details: await readDetails(values.details, folder, stdin) }),
  };
  const bytes = Buffer.byteLength(JSON.stringify(question));
  if (bytes > QUESTION_MAX_BYTES)
    throw new AskError(
      `The question and its details take ${bytes} bytes as JSON, and at most ${QUESTION_MAX_BYTES} fit.`,
    );
  return { question, timeoutMs, json, ...server };
}

function serverOf(environment: Record<string, string | undefined>): Pick<Settings, 'url' | 'token'> {
  const url = environment['ASK_URL']?.trim() || 'http://127.0.0.1:3000';
  if (!URL.canParse(url) || !/^https?:/.test(url)) throw new AskError('ASK_URL must be an http or https address.');
  const problem = problemOfPlainHttp(url, hostsIn(environment['ALLOW_HTTP'] ?? ''));
  if (problem !== null) throw new AskError(`ASK_URL ${problem}`);
  const token = environment['ASK_TOKEN']?.trim() ?? '';
  if (token === '')
    throw new AskError('ASK_TOKEN is missing: set it to a token of Countersign’s ASK_TOKENS or ASKERS.');
  if (!/^[\x21-\x7e]+$/.test(token))
    throw new AskError('ASK_TOKEN contains characters that are not allowed in a token.');
  return { url, token };
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
        option: { type: 'string', multiple: true },
        text: { type: 'boolean' },
        details: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (thrown) {
    throw new AskError(`${coerceError(thrown).message}\n\n${USAGE}`);
  }
}

/** The longest time that a timer can wait. */
const TIMEOUT_MAX_MS = 24 * 86_400_000;

function durationOf(text: string): number {
  const ms = parseDuration(text.trim());
  if (ms === null || ms === 0 || ms > TIMEOUT_MAX_MS)
    throw new AskError('--timeout must be a duration such as 90s, 10m or 2h, at most 24 days.');
  return ms;
}

/** As the inbox accepts: characters of the details, and bytes of the whole body with some for the rest of its fields. */
const DETAILS_MAX = 32_000;
const QUESTION_MAX_BYTES = 64 * 1024 - 200;
/** More is not read: each character takes four bytes at most. */
const DETAILS_MAX_BYTES = 4 * DETAILS_MAX;

async function readDetails(file: string, folder: string, stdin: AsyncIterable<unknown>): Promise<string> {
  const name = file === '-' ? 'standard input' : file;
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    const input = file === '-' ? stdin : createReadStream(resolve(folder, file));
    for await (const chunk of input) {
      chunks.push(Buffer.from(chunk as Uint8Array));
      size += (chunk as Uint8Array).length;
      if (size > DETAILS_MAX_BYTES) break;
    }
  } catch (thrown) {
    throw new AskError(`--details: ${name} can’t be read (${coerceError(thrown).message}).`);
  }
  const text = decoded(Buffer.concat(chunks), name, size);
  if (isBlank(text)) throw new AskError(`--details: ${name} is empty.`);
  return text;
}

function decoded(bytes: Buffer, name: string, size: number): string {
  const tooLong = (found: string) =>
    new AskError(
      `--details: ${name} has ${found}, and at most ${DETAILS_MAX} fit. Shorten it, or say where the rest can be read.`,
    );
  if (size > DETAILS_MAX_BYTES) throw tooLong(`more than ${DETAILS_MAX_BYTES} bytes`);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes).replaceAll('\r\n', '\n');
  } catch {
    throw new AskError(`--details: ${name} is not text in UTF-8.`);
  }
  if (text.length > DETAILS_MAX) throw tooLong(`${text.length} characters`);
  return text;
}
