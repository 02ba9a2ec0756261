/** The command line of a rig: `--help` prints its usage, and what it does not know is an error that shows it. */
import { type ParseArgsConfig, parseArgs } from 'node:util';

type Options = NonNullable<ParseArgsConfig['options']>;

/** What is printed, and with which exit code the process ends. */
export class Usage extends Error {
  readonly exitCode: number;

  constructor(text: string, exitCode: number) {
    super(text);
    this.name = 'Usage';
    this.exitCode = exitCode;
  }
}

/**
 * Parses the arguments. `--help` and `-h` are known to every command.
 * @param usage the command and all its flags, one a line
 * @throws Usage for `--help` (exit code 0), and for arguments that the command does not know (2)
 */
export function parseCommandLine<const O extends Options>(
  usage: string,
  options: O,
  { args = process.argv.slice(2), positionals = false }: { args?: readonly string[]; positionals?: boolean } = {},
) {
  const known = { ...options, help: { type: 'boolean', short: 'h', default: false } } as const;
  try {
    const parsed = parseArgs({ args: [...args], options: known, allowPositionals: positionals });
    if ((parsed.values as { help?: boolean }).help === true) throw new Usage(usage, 0);
    return parsed;
  } catch (error) {
    if (error instanceof Usage) throw error;
    throw wrongUsage(error instanceof Error ? error.message : String(error), usage);
  }
}

export function wrongUsage(what: string, usage: string): Usage {
  return new Usage(`${what}\n\n${usage}`, 2);
}

/** @throws Usage where it is not a whole number from `from` */
export function wholeNumber(flag: string, text: string, from: number, usage: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(value) && value >= from) return value;
  throw wrongUsage(`--${flag} needs a whole number from ${from}, not "${text}".`, usage);
}

/** The same for a program without a main function: prints the usage, and ends the process. */
export function commandLineOrExit<const O extends Options>(...given: Parameters<typeof parseCommandLine<O>>) {
  try {
    return parseCommandLine<O>(...given);
  } catch (error) {
    if (!(error instanceof Usage)) throw error;
    print(error);
    process.exit(error.exitCode);
  }
}

function print({ message, exitCode }: Usage): void {
  if (exitCode === 0) console.log(message);
  else console.error(message);
}

/** Runs a command, and prints its usage where it asks for that. */
export async function runCommand(command: () => Promise<void> | void): Promise<void> {
  try {
    await command();
  } catch (error) {
    if (!(error instanceof Usage)) throw error;
    print(error);
    process.exitCode = error.exitCode;
  }
}
