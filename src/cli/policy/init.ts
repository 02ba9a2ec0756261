/** `npm run policy -- init`: the settings as a policy file. Tested in test/cli/policy/commands.test.ts. */
import { writeFileSync } from 'node:fs';
import { readConfig } from '../../config/config.ts';
import { SetupError } from '../../core/ports/errors.ts';
import { movedSettings, policyText } from '../../policy/lines.ts';
import { fileOption, type PolicyCommand, policyPath, withEnvFile } from './command.ts';

const usage = `Usage: npm run policy -- init [--file F]

Writes a policy file that decides as the settings of .env do. Never overwrites a file; --file - prints it.`;

export const init: PolicyCommand = {
  name: 'init',
  summary: 'writes a policy file that decides as .env does',
  usage,
  run(args, { environment, print }) {
    const option = fileOption(args, usage);
    const file = withEnvFile(environment);
    const { policySettings } = readConfig(environment, file);
    if (policySettings.reviewers.length === 0) {
      throw new SetupError(
        'REVIEWERS is empty, so no one could decide. Name someone there first, such as slack:U0123.',
      );
    }
    const text = policyText(policySettings);
    if (option === '-') {
      print(text.trimEnd());
      return 0;
    }
    const path = policyPath(option, environment);
    write(path, text);
    const given = movedSettings.filter((name) => environment[name]?.trim());
    print(`Wrote ${path}. Remove from .env what it says now: ${given.join(', ')}.`);
    return 0;
  },
};

function write(path: string, text: string): void {
  try {
    writeFileSync(path, text, { flag: 'wx' });
  } catch (thrown) {
    const { code } = thrown as { code?: unknown };
    if (code === 'EEXIST') throw new SetupError(`${path} exists, and is not overwritten. Name another: --file F`);
    throw new SetupError(`${path} can’t be written (${code}). Name another: --file F`);
  }
}
