import type { Json } from '../../emulators/discord/types.ts';
import { asText, jsonList } from '../../emulators/discord/wire/json.ts';

const SUBCOMMAND = 1;

/**
 * A line that somebody typed, as Discord's own client would send it: there one picks the command and fills in its options
 * one by one; here they stand in their order, the last one with all the rest.
 * @param registered the bot's commands
 * @throws Error for what is no command at all; what the bot has not registered is for the emulator to refuse
 */
export function typedCommand(
  registered: readonly Json[],
  typed: string,
): { name: string; options: Record<string, string> } {
  const words = typed.trim().replace(/^\//, '').split(/\s+/);
  const [first = ''] = words;
  if (!typed.trim().startsWith('/') || first === '') throw new Error('A command begins with a slash.');
  const command = registered.find((one) => one['name'] === first);
  const sub = jsonList(command?.['options']).find((one) => one['type'] === SUBCOMMAND && one['name'] === words[1]);
  const path = sub === undefined ? [first] : [first, asText(sub['name'])];
  const known = jsonList((sub ?? command)?.['options']).filter((one) => one['type'] !== SUBCOMMAND);
  const rest = words.slice(path.length);
  const options: Record<string, string> = {};
  for (const [index, option] of known.entries()) {
    const value = index === known.length - 1 ? rest.slice(index).join(' ') : (rest[index] ?? '');
    if (value !== '') options[asText(option['name'])] = value;
  }
  return { name: path.join(' '), options };
}
