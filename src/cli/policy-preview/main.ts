/**
 * Answers what other texts of the policy file would do: a line of JSON for each line of JSON, for the sandbox's page. Its
 * argument is the bot's database. Tested in test/sandbox/page/http/policy.test.ts.
 */
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { Approval } from '../../core/approval/approval.ts';
import { coerceError } from '../../core/ports/errors.ts';
import { openHistory } from '../../store/sqlite/file/history.ts';
import { requestSchema } from '../policy/event.ts';
import { previewOf } from './preview.ts';

const questionSchema = z.strictObject({
  id: z.number(),
  text: z.string(),
  applied: z.string(),
  source: z.string(),
  requests: z.array(requestSchema.extend({ name: z.string() })),
});

const [file = ''] = process.argv.slice(2);

/** Empty where the bot has not started yet. */
function readApprovals(): Approval[] {
  if (!existsSync(file)) return [];
  const history = openHistory(file);
  try {
    return history.since(0);
  } finally {
    history.close();
  }
}

function answer(line: string): unknown {
  const { id, ...question } = questionSchema.parse(JSON.parse(line));
  try {
    return { id, preview: previewOf({ ...question, approvals: readApprovals(), now: Date.now() }) };
  } catch (thrown) {
    return { id, error: coerceError(thrown).message };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(answer(line))}\n`);
}
