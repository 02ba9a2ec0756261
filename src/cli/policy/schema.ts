/** `npm run policy -- schema`: for editors. Tested in test/cli/policy/commands.test.ts. */
import { jsonSchemaText } from '../../policy/schema/json-schema.ts';
import { fileOption, type PolicyCommand } from './command.ts';

const usage = `Usage: npm run policy -- schema

Prints the JSON Schema of the policy file. countersign.schema.json holds it. In VS Code with the YAML extension, the line
  # yaml-language-server: $schema=./countersign.schema.json
at the top of the file gives completion and marks errors.`;

export const schema: PolicyCommand = {
  name: 'schema',
  summary: 'prints the JSON Schema of the policy file, for editors',
  usage,
  run(args, io) {
    fileOption(args, usage);
    io.print(jsonSchemaText().trimEnd());
    return 0;
  },
};
