/**
 * A long run between two pauses, an event that is too long, and a third pause behind it; then what is still held of it.
 * In a process of its own, so that no other memory counts.
 *
 *     node --expose-gc test/fuzz/limits/memory-child.ts
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { RunFactsCache } from '../../../src/backends/runtype/pause/run-facts.ts';
import { ContinuationHub } from '../../../src/backends/runtype/stream/continuation-hub.ts';
import { openSession } from '../../../src/backends/runtype/stream/open-session.ts';
import type { Delivery } from '../../../src/core/ports/ports.ts';
import { createTestClock } from '../../support/clock.ts';
import { quiet } from '../arbitrary.ts';

const DELTAS = 100_000;
const LONG_EVENT = 10 * 1024 * 1024;
/** What a reading may keep: the ends of what was said last, and numbered frames; far less than went through it. */
const KEPT_MB = 16;

let pauses = 0;
const deliver = async (delivery: Delivery) => {
  if (delivery.type === 'announced') pauses += 1;
  return true;
};
const options = {
  runFacts: new RunFactsCache(),
  clock: createTestClock(),
  log: quiet,
  hub: new ContinuationHub(),
  forPeople: () => true,
  intake: { waiting: async () => [] },
  isReadByAnother: () => false,
  reconnect: async () => {},
  records: { endOf: async () => null, callEndOf: async () => null },
  stopping: new AbortController().signal,
  deliver,
};
const reading = openSession(options, {}, {});
const tell = (event: object) => reading.feed(Buffer.from(`data: ${JSON.stringify(event)}\n\n`));
const pause = (number: number) =>
  tell({ type: 'approval_start', executionId: 'exec_1', approvalId: `appr_${number}`, toolName: 'refund_order' });

async function heapMb(): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let look = 0; look < 5; look += 1) {
    globalThis.gc?.();
    await sleep(10);
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    least = Math.min(least, heapUsed + arrayBuffers);
  }
  return least / 1024 / 1024;
}

tell({ type: 'execution_start', executionId: 'exec_1', seq: 0 });
pause(1);
await reading.drained();
const before = await heapMb();
for (let seq = 1; seq <= DELTAS; seq += 1) {
  tell({ type: 'text_delta', executionId: 'exec_1', seq, id: 't', delta: `piece ${seq} of a long story; ` });
}
pause(2);
const long = Buffer.from(`data: {"type":"step_complete","result":"${'x'.repeat(LONG_EVENT)}"}\n\n`);
for (let at = 0; at < long.length; at += 65_536) reading.feed(long.subarray(at, at + 65_536));
pause(3);
await reading.drained();
const kept = (await heapMb()) - before;
process.stdout.write(`pauses ${pauses}\n`);
process.stdout.write(kept < KEPT_MB ? `kept less than ${KEPT_MB} MB\n` : `kept ${Math.round(kept)} MB\n`);
