/** The schemas of the document, from those that the handlers parse with. Tested in test/backends/inbox/http/openapi.test.ts. */
import { z } from 'zod';
import { itemSchema } from '../../item.ts';
import { requestSchema, resolutionSchema } from '../body.ts';
import { problemSchema } from '../problem.ts';

/** A body that the inbox reads. */
const inputs = z.registry<{ id: string }>();
inputs.add(requestSchema, { id: 'Question' });
inputs.add(resolutionSchema, { id: 'Resolution' });

/** A body that it sends. */
const outputs = z.registry<{ id: string }>();
outputs.add(itemSchema, { id: 'Item' });
outputs.add(
  z.object({
    items: z.array(itemSchema).meta({ description: 'The latest first.' }),
    pending_count: z.int().min(0).meta({ description: 'How many there are, also beyond the limit.' }),
  }),
  { id: 'PendingItems' },
);
outputs.add(problemSchema, { id: 'Problem' });
outputs.add(
  z.object({
    type: z.literal('approval.resolved'),
    timestamp: z.string().meta({ format: 'date-time', description: 'When it was decided.' }),
    data: itemSchema,
  }),
  { id: 'Callback' },
);

const uri = (id: string) => `#/components/schemas/${id}`;

export function schemas(): Record<string, object> {
  const read = z.toJSONSchema(inputs, { uri, io: 'input', unrepresentable: 'any' });
  const sent = z.toJSONSchema(outputs, { uri, io: 'output', unrepresentable: 'any' });
  const all = Object.entries({ ...read.schemas, ...opened(sent.schemas) });
  return Object.fromEntries(all.map(([name, { $id: _id, $schema: _schema, ...schema }]) => [name, schema]));
}

/** A later version may send more: only what is read is closed. */
function opened<T>(schema: T): T {
  if (Array.isArray(schema)) return schema.map(opened) as T;
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).filter(([name, value]) => name !== 'additionalProperties' || value !== false);
  return Object.fromEntries(entries.map(([name, value]) => [name, opened(value)])) as T;
}
