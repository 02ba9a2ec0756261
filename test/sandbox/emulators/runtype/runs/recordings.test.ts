import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import test from 'node:test';
import type { RuntypeEmulator } from '../../../../../src/sandbox/emulators/runtype/types.ts';
import { dispatch, only, post, readEvents, withEmulator } from '../support.ts';

const folder = new URL('../../../../fixtures/runtype/', import.meta.url);
const LEGACY_NAMES = 53;
const UNIFIED_NAMES = 35;

/** Ids and times as they would be every time: counted ids, one moment. */
function stabilise(text: string): string {
  const seen = new Map<string, string>();
  const counts = new Map<string, number>();
  const stable = (id: string, prefix: string) => {
    const known = seen.get(id);
    if (known) return known;
    const count = (counts.get(prefix) ?? 0) + 1;
    counts.set(prefix, count);
    seen.set(id, `${prefix}_${String(count).padStart(4, '0')}`);
    return seen.get(id) ?? id;
  };
  return text
    .replaceAll(/\b(exec|appr|toolu)_[0-9a-f]{16}\b/g, stable)
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, '2026-09-01T10:00:00.000Z')
    .replaceAll(/"(durationMs|duration|executionTime)":\d+/g, '"$1":180')
    .replaceAll(/(runtime_[a-z_:]+_)\d+/g, '$11788256800000');
}

async function record(emulator: RuntypeEmulator): Promise<Record<string, string>> {
  const streamOf = async (name: string) => (await emulator.runToPause(name)).stream;
  const refund = await emulator.runToPause('refund-agent');
  const { executionId, approvalId } = only(readEvents(refund.stream), 'approval_start');
  const approved = await post(emulator, '/v1/dispatch/approve', { executionId, approvalId, decision: 'approved' });
  const whole = stabilise(`${refund.stream}\f${approved.text}`).split('\f');
  const awaits = await streamOf('parallel-awaits');
  emulator.vocabulary = 'legacy';
  return {
    'refund-to-pause.sse': whole[0] ?? '',
    'refund-continuation.sse': whole[1] ?? '',
    'awaits.sse': stabilise(awaits),
    'legacy-flow-approval.sse': stabilise(await streamOf('approval-flow')),
    'legacy-refund-to-pause.sse': stabilise(await streamOf('refund-agent')),
  };
}

test('the recorded streams are what the emulator sends', () =>
  withEmulator({}, async (emulator) => {
    for (const [name, stream] of Object.entries(await record(emulator))) {
      if (process.env['RECORD']) writeFileSync(new URL(name, folder), stream);
      assert.equal(readFileSync(new URL(name, folder), 'utf8'), stream, name);
    }
  }));

function readSamples(name: string): { type: string }[] {
  const lines = readFileSync(new URL(`${name}.ndjson`, folder), 'utf8')
    .trimEnd()
    .split('\n');
  return lines.map((line) => JSON.parse(line) as { type: string });
}

test('the samples name every event, and the emulator says no other', () =>
  withEmulator({}, async (emulator) => {
    for (const [vocabulary, count] of [
      ['unified', UNIFIED_NAMES],
      ['legacy', LEGACY_NAMES],
    ] as const) {
      const names = new Set(readSamples(vocabulary).map((event) => event.type));
      assert.equal(names.size, count, vocabulary);
      emulator.vocabulary = vocabulary;
      for (const script of emulator.scripts.keys()) {
        for (const { type } of await dispatch(emulator, script)) assert.ok(names.has(type), `${script}: ${type}`);
        const run = emulator.runs().at(-1);
        const { approvalId } = run?.pending[0] ?? {};
        if (!approvalId) continue;
        const body = { executionId: run?.executionId, approvalId, decision: 'approved' };
        const rest = readEvents((await post(emulator, '/v1/dispatch/approve', body)).text);
        for (const { type } of rest) assert.ok(names.has(type), `${script}: ${type}`);
      }
    }
  }));
