/** What the page shows of Runtype's journal, and how it counts decisions. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { RuntypeCall, RuntypeEntry } from '../../../../src/sandbox/emulators/runtype/types.ts';
import { Journal } from '../../../../src/sandbox/emulators/shared/journal.ts';
import { runtypeLines } from '../../../../src/sandbox/page/state/runtype-lines.ts';
import { tallyOf } from '../../../../src/sandbox/page/state/tally.ts';

const call = (more: Partial<RuntypeCall>): RuntypeCall => ({
  kind: 'call',
  at: 0,
  method: 'POST',
  path: '/v1/dispatch/approve',
  authorization: 'Bearer bot',
  body: null,
  status: 200,
  effect: false,
  ...more,
});
const check = call({ method: 'GET', path: '/v1/agents/countersign/executions', status: 404 });

function runtypeWith(...entries: RuntypeEntry[]) {
  const journal = new Journal<RuntypeEntry>();
  for (const entry of entries) journal.record(entry);
  return { journal, apiKey: 'bot', applicationKey: 'app' };
}

describe('the lines', () => {
  test('health checks in a row are one line, which keeps the number of the first', () => {
    const run: RuntypeEntry = { kind: 'run', at: 0, executionId: 'exec_1', state: 'paused' };
    const lines = runtypeLines(runtypeWith(check, check, run, check));
    assert.deepEqual(
      lines.map((line) => (line.kind === 'call' ? [line.number, line.healthCheck, line.times] : [line.number])),
      [[0, true, 2], [2], [3, true, 1]],
    );
  });

  test('only the bot’s own look-up is a health check, and one that fails otherwise is a line of its own', () => {
    const lines = runtypeLines(
      runtypeWith(check, { ...check, status: 401 }, { ...check, authorization: 'Bearer app' }),
    );
    assert.deepEqual(
      lines.map((line) => line.kind === 'call' && [line.status, line.healthCheck, line.caller]),
      [
        [404, true, 'the bot'],
        [401, true, 'the bot'],
        [404, false, 'the application'],
      ],
    );
  });
});

test('only decisions that had an effect are counted, each by its kind', () => {
  const effect = (path: string, body: unknown) => call({ path, body, effect: true });
  const runtype = runtypeWith(
    call({ body: { decision: 'approved' } }),
    effect('/v1/dispatch/approve', { decision: 'approved' }),
    effect('/v1/dispatch/approve', { decision: 'denied' }),
    effect('/v1/dispatch/approve', { decision: 'denied', reason: 'Ask for the receipt' }),
    effect('/v1/dispatch/resume', { toolOutputs: {} }),
  );
  const none = { journal: new Journal<never>() };
  assert.deepEqual(tallyOf({ runtype, sonzai: none, hookpulse: none }), {
    approved: 1,
    rejectedWithReason: 1,
    answered: 1,
    decided: 4,
  });
});
