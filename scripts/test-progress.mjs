// A reporter for `scripts/test.mjs`: writes which test began last into the file that TEST_PROGRESS names, so that a run that
// hangs can say where.
import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';

const file = process.env.TEST_PROGRESS;

// biome-ignore lint/correctness/useYield: it reports to a file only.
export default async function* progress(events) {
  for await (const { type, data } of events) {
    if (type !== 'test:dequeue' || file === undefined) continue;
    writeFileSync(file, `${relative('.', data.file ?? '')}\n${data.name}`);
  }
}
