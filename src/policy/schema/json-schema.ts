/** The JSON Schema of the policy file, for editors. `countersign.schema.json` holds it. */
import { z } from 'zod';
import { fileSchema } from './file.ts';

export function jsonSchemaText(): string {
  return `${JSON.stringify(z.toJSONSchema(fileSchema, { io: 'input' }), null, 2)}\n`;
}
