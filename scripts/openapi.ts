/** `npm run openapi`: see `usage`. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { apiParts } from '../src/adapters.ts';
import { createDocument } from '../src/http/openapi.ts';
import { parseCommandLine, runCommand } from '../test/support/command-line.ts';

const usage = `Usage: npm run openapi

Writes docs/openapi.json: the document that a bot serves at /openapi.json, from the schemas that it reads with.

  --help    prints this

Example: npm run openapi && git diff docs/openapi.json`;

const file = fileURLToPath(new URL('../docs/openapi.json', import.meta.url));

async function main(): Promise<void> {
  parseCommandLine(usage, {});
  writeFileSync(file, `${JSON.stringify(createDocument(await apiParts()), null, 2)}\n`);
}

await runCommand(main);
