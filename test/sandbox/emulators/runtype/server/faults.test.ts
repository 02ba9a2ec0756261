import assert from 'node:assert/strict';
import { request } from 'node:http';
import test from 'node:test';
import type { RuntypeEmulator } from '../../../../../src/sandbox/emulators/runtype/types.ts';
import { dispatch, effects, jsonOf, only, post, readEvents, typesOf, withEmulator } from '../support.ts';

const DISPATCH = '/v1/dispatch';
const APPROVE = '/v1/dispatch/approve';
const PLAIN = JSON.stringify({ agent: { agentId: 'plain' } });

/** Reads an answer chunk by chunk; `whole` tells whether it came to its proper end. */
function readChunks(emulator: RuntypeEmulator, body: string): Promise<{ chunks: Buffer[]; whole: boolean }> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const headers = { authorization: `Bearer ${emulator.apiKey}` };
    const sent = request(`${emulator.url}${DISPATCH}`, { method: 'POST', headers, agent: false }, (response) => {
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', () => undefined);
      response.on('close', () => resolve({ chunks, whole: response.complete }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

async function pausedRefund(emulator: RuntypeEmulator) {
  const { executionId, approvalId } = only(await dispatch(emulator, 'refund-agent'), 'approval_start');
  return { executionId, approvalId, decision: 'approved' };
}

test('a stream is cut after exactly so many bytes, and its run goes on', () =>
  withEmulator({}, async (emulator) => {
    const whole = Buffer.concat((await readChunks(emulator, PLAIN)).chunks);
    // Not at its very end: how long a run took is part of its last event, and has more digits on a busy machine.
    for (const afterBytes of [0, 1, 200, whole.length - 40]) {
      emulator.fail(DISPATCH, { kind: 'cut', afterBytes });
      const cut = await readChunks(emulator, PLAIN);
      assert.equal(Buffer.concat(cut.chunks).length, afterBytes);
      assert.equal(cut.whole, false);
    }
    emulator.fail(DISPATCH, { kind: 'cut', afterBytes: whole.length + 1000 });
    assert.equal((await readChunks(emulator, PLAIN)).whole, true);
    assert.ok(emulator.runs().every((run) => run.state === 'complete'));
  }));

test('a stalled stream stays open and says no more', () =>
  withEmulator({}, async (emulator) => {
    emulator.fail(DISPATCH, { kind: 'stall', afterBytes: 300 });
    const given = new AbortController();
    const headers = { authorization: `Bearer ${emulator.apiKey}` };
    const { signal } = given;
    const response = await fetch(`${emulator.url}${DISPATCH}`, { method: 'POST', headers, body: PLAIN, signal });
    const reader = response.body?.getReader();
    let bytes = 0;
    while (bytes < 300) bytes += (await reader?.read())?.value?.length ?? Number.NaN;
    assert.equal(bytes, 300);
    assert.equal(emulator.runs()[0]?.state, 'complete', 'the run itself goes on');
    // A whole further exchange goes by on the same loop, and still nothing more has come.
    await dispatch(emulator, 'plain');
    assert.equal(await Promise.race([reader?.read(), Promise.resolve('silent')]), 'silent');
    given.abort();
  }));

test('a sliced stream comes in small pieces and says the same', () =>
  withEmulator({}, async (emulator) => {
    emulator.fail(DISPATCH, { kind: 'slice', bytes: 7 });
    const { chunks, whole } = await readChunks(emulator, PLAIN);
    assert.ok(whole);
    assert.ok(chunks.length > 50 && chunks.every((chunk) => chunk.length <= 7));
    const events = readEvents(Buffer.concat(chunks).toString());
    assert.equal(events.at(-1)?.type, 'execution_complete');
  }));

test('reset before has no effect; reset after has one, and the answer is lost', () =>
  withEmulator({}, async (emulator) => {
    const pause = await pausedRefund(emulator);
    emulator.fail(APPROVE, { kind: 'reset', when: 'before' });
    await assert.rejects(post(emulator, APPROVE, pause));
    assert.equal(emulator.runs()[0]?.state, 'paused');
    emulator.fail(APPROVE, { kind: 'reset', when: 'after' });
    await assert.rejects(post(emulator, APPROVE, pause));
    assert.equal(emulator.runs()[0]?.state, 'complete');
    assert.equal((await post(emulator, APPROVE, pause)).status, 409);
    const calls = emulator.journal.entries.filter((entry) => entry.kind === 'call' && entry.path === APPROVE);
    assert.deepEqual(
      calls.map((entry) => entry.kind === 'call' && [entry.status, entry.effect]),
      [
        [0, false],
        [0, true],
        [409, false],
      ],
    );
  }));

test('a status before or after, with its own headers and body, so many times', () =>
  withEmulator({}, async (emulator) => {
    const pause = await pausedRefund(emulator);
    const headers = { 'retry-after': '2' };
    emulator.fail(APPROVE, { kind: 'status', status: 429, when: 'before', headers }, 2);
    for (const _ of [1, 2]) {
      const limited = await post(emulator, APPROVE, pause);
      assert.deepEqual([limited.status, limited.headers.get('retry-after')], [429, '2']);
    }
    const body = { error: 'Failed to process approval' };
    emulator.fail(APPROVE, { kind: 'status', status: 500, when: 'after', body });
    const failed = await post(emulator, APPROVE, pause);
    assert.deepEqual([failed.status, jsonOf(failed)], [500, body]);
    assert.equal(effects(emulator), 1);
    assert.equal((await post(emulator, APPROVE, pause)).status, 409);
  }));

test('a request that hangs is never answered; a route pattern catches every id', () =>
  withEmulator({}, async (emulator) => {
    const pause = await pausedRefund(emulator);
    emulator.fail('/v1/agents/:id/approve', { kind: 'hang', when: 'after' });
    const given = new AbortController();
    const hanging = fetch(`${emulator.url}/v1/agents/refund-agent/approve`, {
      method: 'POST',
      headers: { authorization: `Bearer ${emulator.apiKey}` },
      body: JSON.stringify(pause),
      signal: given.signal,
    });
    await emulator.journal.until('the end of the run', (entries) =>
      entries.find((entry) => entry.kind === 'run' && entry.state === 'complete'),
    );
    given.abort();
    await assert.rejects(hanging);
  }));

test('frames and raw text of a script reach the wire as they are', () =>
  withEmulator({}, async (emulator) => {
    emulator.scripts.set('odd', {
      name: 'odd',
      kind: 'agent',
      title: 'Odd events',
      steps: [
        { do: 'frame', event: { type: 'ping', timestamp: '2026-09-01T10:00:00.000Z' } },
        { do: 'raw', text: ': a comment\n\n' },
        { do: 'frame', event: { type: 'from_next_year', answer: 42 } },
        { do: 'complete', finalOutput: 'Odd, but done.' },
      ],
    });
    const reply = await post(emulator, DISPATCH, { agent: { id: 'odd' } });
    assert.ok(reply.text.includes('\n\n: a comment\n\n'));
    const types = typesOf(readEvents(reply.text));
    assert.deepEqual(types, ['execution_start', 'ping', 'from_next_year', 'execution_complete']);
  }));
