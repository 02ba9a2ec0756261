/** The arguments of `npm run sonzai -- create`, merged into one item. Tested in test/cli/sonzai.test.ts. */
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { SonzaiDraft } from '../backends/sonzai/create.ts';
import { coerceError } from '../core/ports/errors.ts';
import { spelled } from '../core/text/exact/fields.ts';
import { isNumberText, numberOf, parseExact, repeatedKeys } from '../core/text/exact/parse.ts';
import { isRecord, type RawNumber } from '../core/text/json.ts';

export const USAGE = `Usage: npm run --silent sonzai -- create [options]

Creates an item in Sonzai's approvals inbox, where Countersign finds it.

  --agent_id ID, --agent_name NAME       the agent that asks
  --user_id ID, --contact_name NAME      the contact it is about
  --channel TEXT                         app, WhatsApp, web, goal, handoff, ...
  --type TEXT                            message, goal or handoff
  --context TEXT                         what a reviewer reads
  --payload JSON                         what to do (default: null)
  --tag TEXT                             may be repeated (default: none)
  --confidence NUMBER                    from 0 to 1
  --item FILE                            all of these as one JSON object, - for stdin; options go before it
  --help                                 prints this

SONZAI_API_URL and one of SONZAI_TOKEN, SONZAI_TOKEN_FILE, SONZAI_TOKEN_COMMAND must be set, here or in .env.
Prints the approval's ID. Exit codes: 0 created, 1 not created, 2 wrong arguments or settings, 3 unknown (check the
inbox before you try again).

Example: npm run --silent sonzai -- create --item item.json`;

/** Whether only the usage is asked for. */
export function isHelp(args: readonly string[]): boolean {
  return args.some((argument) => argument === '--help' || argument === '-h');
}

/** Wrong arguments; the message says what to write. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const filled = z.string().trim().min(1, 'must not be empty');
const draftSchema = z.strictObject({
  agent_id: filled,
  agent_name: filled,
  user_id: filled,
  contact_name: filled,
  channel: filled,
  type: filled,
  context: filled,
  payload: z.unknown().transform((value) => value ?? null),
  tags: z.array(z.string()).nullable().default(null),
  confidence: spelled(z.number().min(0, 'must be from 0 to 1').max(1, 'must be from 0 to 1')),
});

const texts = ['agent_id', 'agent_name', 'user_id', 'contact_name', 'channel', 'type', 'context'] as const;

/**
 * @param readItem the text of the file that `--item` names
 * @throws UsageError that names everything that is wrong
 */
export async function readDraft(
  args: readonly string[],
  readItem: (file: string) => Promise<string>,
): Promise<SonzaiDraft> {
  const { values, positionals } = parse(args);
  const [command, ...others] = positionals;
  if (command !== 'create') throw new UsageError(USAGE);
  if (others.length > 0) throw new UsageError(`Unexpected argument "${others[0]}". Put texts in quotes.\n\n${USAGE}`);
  const given: Record<string, unknown> = values.item === undefined ? {} : await readObject(values.item, readItem);
  for (const name of texts) if (values[name] !== undefined) given[name] = values[name];
  if (values.payload !== undefined) given['payload'] = jsonOf(values.payload, '--payload');
  if (values.tag !== undefined) given['tags'] = values.tag;
  if (values.confidence !== undefined) given['confidence'] = numberFrom(values.confidence);
  // An item that was read from the inbox has its schema's address; it has no effect.
  delete given['$schema'];
  const draft = draftSchema.safeParse(given);
  if (draft.success) return draft.data;
  const faults = draft.error.issues.map((issue) => faultOf(issue, given));
  throw new UsageError(`Missing or wrong fields:\n${faults.map((fault) => `  - ${fault}`).join('\n')}\n\n${USAGE}`);
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const named = Object.fromEntries(texts.map((name) => [name, text])) as Record<(typeof texts)[number], typeof text>;
  const more = { payload: text, confidence: text, item: text, tag: { type: 'string', multiple: true } } as const;
  try {
    return parseArgs({ args: args.map(underscored), allowPositionals: true, options: { ...named, ...more } });
  } catch (thrown) {
    throw new UsageError(`${coerceError(thrown).message}\n\n${USAGE}`);
  }
}

/** `--agent-id` is accepted for `--agent_id`, the name on the wire. */
function underscored(argument: string): string {
  return argument.replace(/^--[a-z-]+/, (option) => `--${option.slice(2).replaceAll('-', '_')}`);
}

async function readObject(file: string, readItem: (file: string) => Promise<string>): Promise<Record<string, unknown>> {
  let text: string;
  try {
    text = await readItem(file);
  } catch (thrown) {
    throw new UsageError(`--item ${file} can't be read: ${coerceError(thrown).message}`);
  }
  const value = jsonOf(text, '--item');
  if (isRecord(value)) return { ...value };
  throw new UsageError('--item must hold one JSON object.');
}

function jsonOf(text: string, option: string): unknown {
  let value: unknown;
  try {
    value = parseExact(text);
  } catch {
    throw new UsageError(`${option} is not valid JSON. Write a text in double quotes: ${option} '"like this"'`);
  }
  const repeated = repeatedKeys(value);
  if (repeated.length > 0) throw new UsageError(`${option} gives a key twice: ${repeated.join(', ')}.`);
  return value;
}

function numberFrom(text: string): number | RawNumber {
  const written = text.trim();
  if (written === '') return Number.NaN;
  return isNumberText(written) ? numberOf(written) : Number(written);
}

function faultOf(issue: z.core.$ZodIssue, given: Record<string, unknown>): string {
  if (issue.code === 'unrecognized_keys') return `${issue.keys.join(', ')}: unknown field`;
  const name = issue.path.join('.');
  if (issue.code !== 'invalid_type') return `${name}: ${issue.message}`;
  return given[name] === undefined ? `${name}: missing` : `${name}: must be a ${issue.expected}`;
}
