import type { Json } from '../../emulators/discord/types.ts';
import { asText, jsonList } from '../../emulators/discord/wire/json.ts';

const SUBCOMMAND = 1;

/**
 * Converts a typed line into what Discord's client sends. There a person picks a command and fills in its options;
 * here the options are positional, and the last one takes the rest of the line.
 * @param registered the bot's commands
 * @throws Error if the line is not a command; the emulator refuses unregistered commands
 */
export function typedCommand(
  registered: readonly Json[],
  typed: string,
): { name: string; options: Record<string, string> } {
  const words = typed.trim().replace(/^\//, '').split(/\s+/);
  const [first = ''] = words;
  if (!typed.trim().startsWith('/') || first === '') throw new Error('A command starts with a slash.');
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
