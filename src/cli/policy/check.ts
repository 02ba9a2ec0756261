/** `npm run policy -- check`: all that is wrong with a policy file. Tested in test/cli/policy/commands.test.ts. */
import { counted } from '../../core/text/numbers.ts';
import { codeFrame, problemLine } from '../../policy/problems.ts';
import { fileOption, loadFile, type PolicyCommand, policyPath, withEnvFile } from './command.ts';

const usage = `Usage: npm run policy -- check [--file F]

Loads the policy file and prints each error with its line, column, and what to write. --file - reads it from the input, as
in --file - < new.yml. Exit code 0: it is valid; 1: it has errors, or can't be read. Warnings name what does less than it says.
It needs no tokens and asks no platform.`;

export const check: PolicyCommand = {
  name: 'check',
  summary: 'prints all that is wrong with the policy file',
  usage,
  run(args, io) {
    const option = fileOption(args, usage);
    if (option === null) withEnvFile(io.environment);
    const { name, text, loaded } = loadFile(policyPath(option, io.environment));
    const { document, problems, warnings } = loaded;
    for (const problem of problems) io.complain(`${problemLine(name, problem)}\n${codeFrame(text, problem)}\n`);
    if (document === null) {
      io.complain(`${name}: ${counted(problems.length, 'error')}.`);
      return 1;
    }
    for (const one of warnings) io.complain(`Warning: ${problemLine(name, one)}\n${codeFrame(text, one)}\n`);
    const { rules, people, groups } = document;
    const parts = [counted(rules.length, 'rule'), `${people.size} people`, counted(groups.size, 'group')];
    io.print(`${name} is valid: ${parts.join(', ')}. Version ${document.version}.`);
    return 0;
  },
};
