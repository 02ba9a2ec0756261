/** Whose run a pause is of: only who opened it claims, also after a restart and behind any number of junk calls. */
import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { describe, test } from 'node:test';
import { contextOf } from '../../../../../src/backends/runtype/gateway/context.ts';
import { createRuntype } from '../../../../../src/backends/runtype/index.ts';
import { RunFactsCache } from '../../../../../src/backends/runtype/pause/run-facts.ts';
import { RunReader } from '../../../../../src/backends/runtype/stream/reader/reader.ts';
import type { Pause } from '../../../../../src/core/approval/pause/pause.ts';
import { createTestClock } from '../../../../support/clock.ts';
import { listenerAt, noGuard } from '../../../../support/http.ts';
import { captureLog } from '../../../../support/log.ts';
import { approval } from '../../support/answering.ts';
import {
  API_KEY,
  APP_KEY,
  decided,
  frame,
  RecordingIntake,
  readText,
  sendJson,
  sendStream,
  withGateway,
  withServer,
} from '../../support/backend.ts';
import { asked, beginStream, complete, open, post, start } from '../../support/caller.ts';

const STRANGER = 'rt_test_stranger_key_0003';
const path = '/v1/dispatch/approve';
const approve = { executionId: 'exec_1', approvalId: 'appr_1', decision: 'approved' };
const keys = { gateway: { keys: [APP_KEY, STRANGER] } };

/** `exec_1` is opened by APP_KEY and waits; every other call is answered by `upstream`. */
function paused(upstream: RequestListener): RequestListener {
  return async (request, response) => {
    await readText(request);
    if (request.url === '/v1/dispatch?opening') sendStream(response, frame(start) + frame(asked));
    else upstream(request, response);
  };
}

/** Another process on the same database: a backend that gets what was stored, and its gateway. */
async function restarted<T>(
  url: string,
  {
    stored,
    secret = 'of the database of a test',
    apiKey = API_KEY,
  }: { stored: Pause[]; secret?: string; apiKey?: string },
  use: (world: { intake: RecordingIntake; gateway: string }) => Promise<T>,
): Promise<T> {
  const intake = new RecordingIntake();
  for (const pause of stored) intake.stored.set(pause.key, pause);
  const shared = { url, apiKey, secret, guard: noGuard, ingestSecret: null, noteAsMessage: false, hold: { on: false } };
  const backend = createRuntype({ ...shared, ...keys, intake, clock: createTestClock(), log: captureLog().log });
  const open = stored.map(
    (pause) =>
      ({ ...decided(pause, 'approve'), phase: 'open', decision: null, mayHaveArrived: false, absent: false }) as const,
  );
  backend.reconcile?.(open, []);
  try {
    return await withServer(listenerAt(backend, '/v1/', captureLog().log), (gateway) =>
      use({ intake, gateway: gateway.url }),
    );
  } finally {
    await backend.stop();
  }
}

/** What was stored of the run that APP_KEY opened. */
async function openedPause(): Promise<Pause> {
  return withGateway(
    paused(() => {}),
    keys,
    async ({ gateway, intake }) => {
      await post(gateway.url, { path: '/v1/dispatch?opening' });
      return (await intake.delivery('announced')).pause;
    },
  );
}

describe('after a restart', () => {
  test('the opener claims, and no one else does', async () => {
    const stored = [await openedPause()];
    await withServer(
      (_, response) => sendJson(response, 403, { error: 'Forbidden' }),
      ({ url }) =>
        restarted(url, { stored }, async ({ intake, gateway }) => {
          intake.onDecision = ({ key }) => ({ type: 'recorded', approvalId: key });
          const others = [STRANGER, '', 'rt_test_nobody'];
          for (const key of others) assert.equal((await post(gateway, { path, key, body: approve })).status, 403);
          assert.deepEqual([intake.decisions, intake.deliveries], [[], []]);
          await post(gateway, { path, body: approve });
          assert.deepEqual(
            intake.decisions.map(({ key }) => key),
            ['approval:appr_1'],
          );
        }),
    );
  });

  test('with another Runtype key the opener still claims; on another database it does not', async () => {
    const stored = [await openedPause()];
    await withServer(
      (_, response) => sendJson(response, 403, { error: 'Forbidden' }),
      async ({ url }) => {
        for (const [more, claims] of [
          [{ apiKey: 'rt_test_a_new_key_0009' }, 1],
          [{ secret: 'of another database' }, 0],
        ] as const) {
          await restarted(url, { stored, ...more }, async ({ intake, gateway }) => {
            intake.onDecision = ({ key }) => ({ type: 'recorded', approvalId: key });
            await post(gateway, { path, body: approve });
            assert.equal(intake.decisions.length, claims, JSON.stringify(more));
          });
        }
      },
    );
  });
});

test('a pause without a known opener is claimed by no one: ingested, of an older version, or opened without a key', async () => {
  const { opener: _, ...older } = (await openedPause()).wire;
  const pauses = [
    approval(),
    { ...approval(), wire: older },
    { ...approval(), wire: { ...older, opener: 'V1StGXR8_Z5jdHi6B' } },
  ];
  for (const pause of pauses) {
    await withServer(
      (_, response) => sendJson(response, 403, { error: 'Forbidden' }),
      ({ url }) =>
        restarted(url, { stored: [pause] }, async ({ intake, gateway }) => {
          intake.onDecision = () => assert.fail('it was claimed');
          for (const key of [APP_KEY, STRANGER, '']) await post(gateway, { path, key, body: approve });
          // A stream that names the run later does not make its caller the opener.
          await post(gateway, { path: '/v1/dispatch?opening' });
          await post(gateway, { path, body: approve });
        }),
    );
  }
  await withGateway(
    paused((_, response) => sendJson(response, 403, { error: 'Forbidden' })),
    { gateway: { keys: 'any' } },
    async ({ gateway, intake }) => {
      intake.onDecision = () => assert.fail('it was claimed');
      const keyless = { headers: { authorization: 'Basic YTpi' } };
      await post(gateway.url, { path: '/v1/dispatch?opening', ...keyless });
      const { pause } = await intake.delivery('announced');
      assert.equal(pause.wire['opener'], null);
      await post(gateway.url, { path, body: approve, ...keyless });
      await post(gateway.url, { path, body: approve, headers: { authorization: 'Basic Yzpk' } });
    },
  );
});

describe('calls for runs that no stream has named', () => {
  const junk = (index: number) => ({ ...approve, executionId: `junk_${index}`, approvalId: `junk_${index}` });

  test('are forwarded, and claim nothing', () =>
    withGateway(
      paused((_, response) => sendJson(response, 404, { error: 'No paused execution' })),
      keys,
      async ({ gateway, intake }) => {
        intake.onDecision = ({ key }) => ({ type: 'recorded', approvalId: key });
        await post(gateway.url, { path: '/v1/dispatch?opening' });
        await intake.delivery('announced');
        for (let index = 0; index < 20; index += 1) {
          for (const key of [APP_KEY, STRANGER]) {
            assert.equal((await post(gateway.url, { path, key, body: junk(index) })).status, 404);
          }
        }
        assert.deepEqual([intake.decisions, intake.settled], [[], []]);
        await post(gateway.url, { path, body: approve });
        assert.equal(intake.decisions.length, 1);
      },
    ));

  test('displace no run and allocate nothing, be it 100,000, also where the answer is a stream that names nothing', () => {
    const runFacts = new RunFactsCache();
    runFacts.of('exec_1').opener = 'o2.opener';
    const [clock, { log }] = [createTestClock(), captureLog()];
    for (let index = 0; index < 100_000; index += 1) {
      const json = junk(index);
      const call = { route: 'approve', json: () => json, executionId: json.executionId, decides: true, unread: null };
      const context = contextOf(call as never, path, runFacts, 'o2.caller');
      // More than the runs that are kept: whatever such a stream says of its call, it does not name the run.
      if (index % 10 > 0) continue;
      const reader = new RunReader({ runFacts, clock, log, via: 'stream', opener: null, ...context });
      reader.event({ type: 'error', error: 'No paused execution' });
      reader.end('ended');
    }
    assert.equal(runFacts.size, 1);
    assert.equal(runFacts.find('exec_1')?.opener, 'o2.opener');
  });

  test('are kept once a stream, or a pause in it, shows that the run exists', () => {
    for (const event of [
      { type: 'execution_start', executionId: 'exec_9' },
      { type: 'await', toolName: 'x', toolCallId: 't' },
    ]) {
      const runFacts = new RunFactsCache();
      const json = { executionId: 'exec_9', toolOutputs: {}, clientTools: [{ name: 'show' }] };
      const call = { route: 'resume', json: () => json, executionId: 'exec_9', decides: true, unread: null };
      const context = contextOf(call as never, path, runFacts, 'o2.caller');
      const [clock, { log }] = [createTestClock(), captureLog()];
      const reader = new RunReader({ runFacts, clock, log, via: 'stream', opener: null, ...context });
      reader.event(event);
      assert.deepEqual([...(runFacts.find('exec_9')?.clientTools ?? [])], ['show'], event.type);
    }
  });
});

describe('the call of a caller that did not open the run', () => {
  const answers: [string, RequestListener][] = [
    ['hangs before its headers', () => {}],
    ['hangs after them', (_, response) => beginStream(response)],
    ['is reset', (request) => void request.socket.destroy()],
    [
      'is cut',
      (_, response) =>
        void response.writeHead(200, { 'content-length': '99' }).write('{"succ', () => response.destroy()),
    ],
    ['fails', (_, response) => sendJson(response, 500, { error: 'Failed to process approval' })],
    ['is refused', (_, response) => sendJson(response, 401, { error: 'Unauthorized' })],
    ['is answered 200 with nothing', (_, response) => void response.writeHead(200).end()],
    ['is answered 200 with JSON of something else', (_, response) => sendJson(response, 200, { ok: true })],
    ['is answered 200 with a success that names nothing', (_, response) => sendJson(response, 200, { success: true })],
    [
      'is answered 200 with a page',
      (_, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<p>approved'),
    ],
    [
      'is answered 200 with events of something else',
      (_, response) => sendStream(response, 'data: {"token":"approved"}\n\n'),
    ],
    [
      'is answered 200 and an error',
      (_, response) => sendStream(response, frame({ type: 'error', error: 'approved' })),
    ],
    ['conflicts with something else', (_, response) => sendJson(response, 409, { error: 'Conflict' })],
  ];
  for (const [name, upstream] of answers) {
    test(`changes nothing on its card where it ${name}`, () =>
      withGateway(paused(upstream), { ...keys, timeouts: { idleMs: 60 } }, async ({ gateway, intake, clock }) => {
        intake.onDecision = () => assert.fail('it was claimed');
        await post(gateway.url, { path: '/v1/dispatch?opening' });
        await intake.delivery('run_paused');
        for (const key of [STRANGER, 'rt_test_without_cards']) {
          const { outgoing, answer } = open(gateway.url, { path, key, body: approve });
          outgoing.on('error', () => {});
          // What hangs ends by the limits of the bot.
          const answered = answer.then((response) => readText(response)).catch(() => '');
          clock.advance(60_000);
          if (name.startsWith('hangs')) setTimeout(() => outgoing.destroy(), 150);
          await answered;
        }
        assert.deepEqual([intake.decisions, intake.settled], [[], []]);
        assert.deepEqual(
          intake.deliveries.filter(({ type }) => type === 'resolved'),
          [],
        );
      }));
  }

  test('settles the card where the answer speaks of the pause, or of its run', async () => {
    const said = frame({ type: 'approval_complete', ...approve });
    const accepted: RequestListener[] = [
      (_, response) => sendStream(response, said),
      (_, response) => sendStream(response, frame({ type: 'turn_start', executionId: 'exec_1' }) + frame(complete)),
      (_, response) =>
        sendJson(response, 200, { success: true, status: 'completed', executionId: 'exec_1', result: 'x' }),
      (_, response) => sendJson(response, 409, { message: 'It was approved.', code: 'APPROVAL_ALREADY_RESOLVED' }),
    ];
    for (const upstream of accepted) {
      for (const key of [STRANGER, 'rt_test_without_cards']) {
        await withGateway(paused(upstream), keys, async ({ gateway, intake }) => {
          intake.onDecision = () => assert.fail('it was claimed');
          await post(gateway.url, { path: '/v1/dispatch?opening' });
          await intake.delivery('run_paused');
          await post(gateway.url, { path, key, body: approve });
          assert.equal((await intake.delivery('resolved')).key, 'approval:appr_1');
        });
      }
    }
  });
});

test('the opener’s claim does not count as recorded where a 200 has nothing of Runtype’s in it', async () => {
  const nonsense: RequestListener[] = [
    (_, response) => sendJson(response, 200, { ok: true }),
    (_, response) => sendStream(response, 'data: {"token":"approved"}\n\n'),
  ];
  for (const upstream of nonsense) {
    await withGateway(paused(upstream), keys, async ({ gateway, intake }) => {
      intake.onDecision = ({ key }) => ({ type: 'recorded', approvalId: key });
      await post(gateway.url, { path: '/v1/dispatch?opening' });
      await intake.delivery('run_paused');
      await post(gateway.url, { path, body: approve });
      const settled = await intake.journal.until('settled', () => intake.settled[0]);
      assert.equal(settled.result.type, 'ambiguous');
    });
  }
});

test('one call can’t answer more pauses than a run has', () =>
  withGateway(
    paused((_, response) => response.end()),
    keys,
    async ({ gateway }) => {
      const toolOutputs = Object.fromEntries(Array.from({ length: 1_001 }, (_, index) => [`t${index}`, 1]));
      const body = { executionId: 'exec_1', toolOutputs };
      assert.equal((await post(gateway.url, { path: '/v1/dispatch/resume', body })).status, 413);
    },
  ));
