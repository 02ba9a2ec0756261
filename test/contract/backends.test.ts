/** The one suite that every backend runs, each towards its own emulator. */
import assert from 'node:assert/strict';
import { Webhook } from 'standardwebhooks';
import type { Action } from '../../src/core/approval/pause/pause.ts';
import { createRuntypeEmulator } from '../../src/sandbox/emulators/runtype/index.ts';
import type { RuntypeCall } from '../../src/sandbox/emulators/runtype/types.ts';
import { ACTION, withHookPulse } from '../backends/hookpulse/support.ts';
import { SECRET, withBackend } from '../backends/runtype/support/backend.ts';
import { RESOLVE, withSonzai } from '../backends/sonzai/support.ts';
import { postTo } from '../support/http.ts';
import { type BackendHarness, type BackendUnderTest, backendContract } from './backend.ts';

const PAYLOAD = 'nobody-but-reviewers-reads-this';

const APPROVE = '/v1/dispatch/approve';
const runtypeVerdicts: Record<string, Action> = { approved: 'approve', denied: 'reject' };

async function useRuntype<T>(run: (world: BackendUnderTest) => Promise<T>): Promise<T> {
  const runtype = await createRuntypeEmulator();
  const { url, apiKey } = runtype;
  const calls = () =>
    runtype.journal.entries.filter((one): one is RuntypeCall => one.kind === 'call' && one.path === APPROVE);
  try {
    return await withBackend(url, { apiKey }, ({ backend, intake, clock, log }) =>
      run({
        backend,
        async announce() {
          const { executionId, stream } = await runtype.runToPause('refund-agent');
          const at = new Date(clock.now());
          const headers = {
            'content-type': 'text/event-stream',
            'webhook-id': executionId,
            'webhook-timestamp': String(at.getTime() / 1000),
            'webhook-signature': new Webhook(SECRET).sign(executionId, at, stream),
          };
          assert.equal((await postTo(backend, '/ingest/runtype', headers, Buffer.from(stream))).status, 202);
          return intake.journal.until('the pause', () => intake.pauses.find(({ runId }) => runId === executionId));
        },
        effects: () => calls().flatMap(({ effect, body }) => (effect ? [runtypeVerdictOf(body)] : [])),
        decideElsewhere: ({ wire }) => runtype.decideElsewhere(String(wire['approvalId']), 'denied'),
        spoil: (fault) => runtype.fail(APPROVE, fault),
        received: () => calls().length,
        nextCall: () => nextEntry(runtype, () => calls().length),
        unplug: () => runtype.close(),
        logged: () => ({ text: log.text(), secrets: [apiKey, SECRET, 'Mara Lindqvist'] }),
      }),
    );
  } finally {
    await runtype.close();
  }
}

function runtypeVerdictOf(body: unknown): Action {
  const word = (body as { decision?: string }).decision ?? '';
  return runtypeVerdicts[word] ?? assert.fail(`what is ${word}?`);
}

/** Resolves once one more call than now has come. */
async function nextEntry(emulator: { onChange(listener: () => void): () => void }, count: () => number): Promise<void> {
  const before = count();
  await new Promise<void>((resolve) => {
    const stop = emulator.onChange(() => {
      if (count() === before) return;
      stop();
      resolve();
    });
  });
}

const useSonzai: BackendHarness['use'] = (run) =>
  withSonzai({}, {}, ({ backend, sonzai, announce, calls, log }) =>
    run({
      backend,
      announce: () => announce({ payload: { text: PAYLOAD }, context: PAYLOAD }),
      effects: () => calls('POST').flatMap(({ effect, body }) => (effect ? [actionOf(body)] : [])),
      decideElsewhere: ({ key }) => void sonzai.decideInDashboard(key, 'reject'),
      rewrite: ({ key }) => sonzai.rewrite(key, { contact_name: 'Mallory' }),
      spoil: (fault) => sonzai.fail(RESOLVE, fault),
      received: () => calls('POST').length,
      nextCall: () => nextEntry(sonzai, () => calls('POST').length),
      unplug: () => sonzai.close(),
      logged: () => ({ text: log.text(), secrets: [sonzai.token, PAYLOAD] }),
    }),
  );

const useHookPulse: BackendHarness['use'] = (run) =>
  withHookPulse({}, {}, ({ backend, hookpulse, announce, calls, log }) =>
    run({
      backend,
      announce: () => announce({ workflowName: PAYLOAD }),
      effects: () => calls('POST').flatMap(({ effect, body }) => (effect ? [actionOf(body)] : [])),
      decideElsewhere: ({ runId }) => void hookpulse.decideInDashboard(runId, 'reject'),
      rewrite: ({ runId }) => void hookpulse.rewrite(runId, { workflowName: 'Payroll' }),
      spoil: (fault) => hookpulse.fail(ACTION, fault),
      received: () => calls('POST').length,
      nextCall: () => nextEntry(hookpulse, () => calls('POST').length),
      unplug: () => hookpulse.close(),
      logged: () => ({ text: log.text(), secrets: [hookpulse.apiKey, hookpulse.brandUuid, PAYLOAD] }),
    }),
  );

function actionOf(body: unknown): Action {
  return (body as { action: Action }).action;
}

backendContract('Runtype', { keySetting: /RUNTYPE_API_KEY/, use: useRuntype });
backendContract('Sonzai', { keySetting: /SONZAI_TOKEN/, use: useSonzai });
backendContract('HookPulse', { keySetting: /HOOKPULSE_API_KEY.*HOOKPULSE_BRAND_UUID/, use: useHookPulse });
