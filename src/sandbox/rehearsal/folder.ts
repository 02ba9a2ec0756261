/** The folder of a rehearsal: a `.env` that connects a bot to the emulators, and a policy file to begin with. */
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { personas } from '../page/personas.ts';
import { POLICY_FILE } from '../policy/first-text.ts';

const BEGIN = '# ---- Written by the sandbox, anew with each of its starts ----';
const END = '# ---- What is below is yours, and stays ----';

export interface RehearsalRooms {
  slackChannel: string;
  discordChannel: string;
}

/**
 * Writes the folder's `.env`, and the policy file of the sandbox where the folder is new. What a person has written below the
 * sandbox's lines stays.
 * @throws Error where there is a `.env` that the sandbox has not written: it may hold real tokens
 */
export async function writeRehearsal(
  folder: string,
  { settings, rooms, policy }: { settings: Readonly<Record<string, string>>; rooms: RehearsalRooms; policy: string },
): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, '.env');
  const before = await textOf(file);
  const text = envText(before, { ...settings, ...askingBy(before) }, rooms);
  if (text === null) {
    throw new Error(
      `${file} was not written by the sandbox, and may hold real tokens. Name a folder without a .env, such as a new one.`,
    );
  }
  // In one step: a bot that starts meanwhile reads the old one or the new one.
  await writeFile(`${file}.new`, text, { mode: 0o600 });
  await chmod(`${file}.new`, 0o600);
  await rename(`${file}.new`, file);
  // Who has removed it rehearses without one.
  const isNew = before === null && (await textOf(join(folder, POLICY_FILE))) === null;
  if (isNew) await writeFile(join(folder, POLICY_FILE), policy, { flag: 'wx' });
}

/** A token for scripts, the same in each start: a terminal may have it in its environment. */
function askingBy(before: string | null): { ASK_TOKENS: string } {
  const [, kept] = /^ASK_TOKENS=(\S+)$/m.exec(before ?? '') ?? [];
  return { ASK_TOKENS: kept ?? randomBytes(24).toString('base64url') };
}

/** Null: the text before was not written by the sandbox. */
export function envText(
  before: string | null,
  settings: Readonly<Record<string, string>>,
  { slackChannel, discordChannel }: RehearsalRooms,
): string | null {
  const end = before?.indexOf(`\n${END}\n`) ?? -1;
  if (before !== null && (!before.startsWith(`${BEGIN}\n`) || end === -1)) return null;
  const own = before === null ? '' : before.slice(end + END.length + 2);
  const lines = [
    BEGIN,
    '# Slack, Discord and the backends are emulated while `npm run sandbox` runs. Nothing here is a real token.',
    ...Object.entries(settings).map(([name, value]) => `${name}=${value}`),
    '#',
    `# Without ${POLICY_FILE}, also: SLACK_CHANNEL=${slackChannel} and DISCORD_CHANNEL=${discordChannel}, and in REVIEWERS any of`,
    ...personas.map(({ name, slackId, discordId }) => `#   slack:${slackId}, discord:${discordId}   ${name}`),
    END,
  ];
  return `${lines.join('\n')}\n${own}`;
}

async function textOf(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
