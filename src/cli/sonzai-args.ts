/** What `npm run sonzai -- create` is told: options and JSON, put together into one item. */
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { SonzaiDraft } from '../backends/sonzai/create.ts';
import { coerceError } from '../core/ports/errors.ts';

export const USAGE = `Usage: npm run --silent sonzai -- create [options]

  --agent_id ID, --agent_name NAME       the agent that proposes it
  --user_id ID, --contact_name NAME      the contact that it is about
  --channel TEXT                         app, WhatsApp, web, goal, handoff, ...
  --type TEXT                            message, goal or handoff
  --context TEXT                         what a reviewer reads
  --payload JSON                         what is to be done (default: null)
  --tag TEXT                             as often as you like (default: none)
  --confidence NUMBER                    from 0 to 1
  --item FILE                            all of these as one JSON object, - for stdin; options go before it

SONZAI_API_URL and one of SONZAI_TOKEN, SONZAI_TOKEN_FILE, SONZAI_TOKEN_COMMAND must be set, here or in .env.
Prints the approval's id. Exits 0 when it was created, 1 when it surely was not, 2 when it was called or set up
wrongly, 3 when nobody can say: look into the inbox before you try again.`;

/** The caller's own matter; the message says how it is written. */
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
  confidence: z.number().min(0, 'must be from 0 to 1').max(1, 'must be from 0 to 1'),
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
  if (command !== 'create') throw new UsageError(`Say what to do: create.\n\n${USAGE}`);
  if (others.length > 0) throw new UsageError(`What is "${others[0]}"? Put texts in quotes.\n\n${USAGE}`);
  const told: Record<string, unknown> = values.item === undefined ? {} : await readObject(values.item, readItem);
  for (const name of texts) if (values[name] !== undefined) told[name] = values[name];
  if (values.payload !== undefined) told['payload'] = jsonOf(values.payload, '--payload');
  if (values.tag !== undefined) told['tags'] = values.tag;
  if (values.confidence !== undefined) told['confidence'] = numberOf(values.confidence);
  // An item that was read from the inbox carries its schema's address; it is allowed and means nothing.
  delete told['$schema'];
  const draft = draftSchema.safeParse(told);
  if (draft.success) return draft.data;
  const faults = draft.error.issues.map((issue) => faultOf(issue, told));
  throw new UsageError(`This is not an item yet:\n${faults.map((fault) => `  - ${fault}`).join('\n')}\n\n${USAGE}`);
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const named = Object.fromEntries(texts.map((name) => [name, text])) as Record<(typeof texts)[number], typeof text>;
  const more = { payload: text, confidence: text, item: text, tag: { type: 'string', multiple: true } } as const;
  try {
    return parseArgs({ args: args.map(spelled), allowPositionals: true, options: { ...named, ...more } });
  } catch (thrown) {
    throw new UsageError(`${coerceError(thrown).message}\n\n${USAGE}`);
  }
}

/** `--agent-id`, as shells like it, is `--agent_id`, as the wire has it. */
function spelled(argument: string): string {
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
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new UsageError('--item must hold one JSON object.');
}

function jsonOf(text: string, option: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`${option} is no JSON. A text is written in double quotes: ${option} '"like this"'`);
  }
}

function numberOf(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text);
}

function faultOf(issue: z.core.$ZodIssue, told: Record<string, unknown>): string {
  if (issue.code === 'unrecognized_keys') return `${issue.keys.join(', ')}: Sonzai takes no such field`;
  const name = issue.path.join('.');
  if (issue.code !== 'invalid_type') return `${name}: ${issue.message}`;
  return told[name] === undefined ? `${name}: missing` : `${name}: must be a ${issue.expected}`;
}
