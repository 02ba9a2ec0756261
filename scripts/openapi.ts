/** `npm run openapi`: writes docs/openapi.json, the document that a bot serves at /openapi.json. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { apiParts } from '../src/adapters.ts';
import { createDocument } from '../src/http/openapi.ts';

const file = fileURLToPath(new URL('../docs/openapi.json', import.meta.url));
writeFileSync(file, `${JSON.stringify(createDocument(await apiParts()), null, 2)}\n`);
