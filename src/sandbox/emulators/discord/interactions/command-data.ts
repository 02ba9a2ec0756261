import type { Json } from '../types.ts';
import { asNumber, asText, jsonList } from '../wire/json.ts';

const SUBCOMMAND = 1;
const SUBCOMMAND_GROUP = 2;
const CHAT_INPUT = 1;

/**
 * The `data` of a slash command as Discord sends it; `name` is `run`, or `run start` with a subcommand.
 * @throws Error for a command, a subcommand, an option or a choice that the bot has not registered, or a required option
 *   left out
 */
export function commandData(registered: readonly Json[], name: string, given: Record<string, unknown>): Json {
  const [first = '', ...rest] = name.split(' ');
  const command = registered.find((one) => one['name'] === first);
  if (!command) throw new Error(`The bot has registered no command "/${first}"`);
  const guild = command['guild_id'] === undefined ? {} : { guild_id: command['guild_id'] };
  const options = optionData(jsonList(command['options']), rest, given, name);
  return { id: command['id'], name: first, type: CHAT_INPUT, ...guild, options };
}

function optionData(known: readonly Json[], path: string[], given: Record<string, unknown>, name: string): Json[] {
  const nested = known.filter((one) => [SUBCOMMAND, SUBCOMMAND_GROUP].includes(asNumber(one['type'])));
  const [next, ...rest] = path;
  if (nested.length > 0) {
    const meant = nested.find((one) => one['name'] === next);
    if (!meant) throw new Error(`"/${name}" needs a subcommand: ${nested.map((one) => one['name']).join(', ')}`);
    const options = optionData(jsonList(meant['options']), rest, given, name);
    return [{ name: meant['name'], type: meant['type'], options }];
  }
  if (next !== undefined) throw new Error(`"/${name}" has no subcommand "${next}"`);
  for (const key of Object.keys(given)) {
    if (!known.some((one) => one['name'] === key)) throw new Error(`"/${name}" has no option "${key}"`);
  }
  return known.flatMap((option) => {
    const value = given[asText(option['name'])];
    const choices = jsonList(option['choices']);
    if (value !== undefined && choices.length > 0 && !choices.some((choice) => choice['value'] === value)) {
      throw new Error(`"${asText(option['name'])}" is one of: ${choices.map((choice) => choice['value']).join(', ')}`);
    }
    if (value !== undefined) return [{ name: option['name'], type: option['type'], value }];
    if (option['required'] === true) throw new Error(`"/${name}" needs the option "${asText(option['name'])}"`);
    return [];
  });
}
