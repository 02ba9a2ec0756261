import type { AddressInfo } from 'node:net';
import { Journal } from '../shared/journal.ts';
import { createChatRoutes } from './chats/routes.ts';
import { CLIENT_TOKEN, Website } from './chats/website.ts';
import type { Run, Settings } from './runs/run.ts';
import { exampleScripts } from './scripts/examples.ts';
import { Account } from './server/account.ts';
import { approve } from './server/decisions.ts';
import { Faults } from './server/faults.ts';
import { createRecordRoutes } from './server/records.ts';
import { createRoutes } from './server/routes.ts';
import { createRuntypeServer } from './server/server.ts';
import type { RuntypeEmulator, RuntypeEntry, RuntypeOptions } from './types.ts';

const API_KEY = 'rt_test_countersign_sandbox';
const APPLICATION_KEY = 'rt_test_application_sandbox';

/**
 * A Runtype on 127.0.0.1: the routes, events and errors of its dispatch API, played from scripts.
 * @throws Error if the port is taken.
 */
export async function createRuntypeEmulator(options: RuntypeOptions = {}): Promise<RuntypeEmulator> {
  const journal = new Journal<RuntypeEntry>();
  const faults = new Faults();
  const closing = new AbortController();
  const scripts = new Map(exampleScripts().map((script) => [script.name, script]));
  const settings: Settings = {
    vocabulary: options.vocabulary ?? 'unified',
    paceMs: options.paceMs ?? 0,
    newToolCallIdAfterApproval: options.newToolCallIdAfterApproval ?? false,
    bareData: options.bareData ?? false,
    resumedStart: options.resumedStart ?? true,
    virtualIdAtPause: options.virtualIdAtPause ?? false,
    ignoreCursor: options.ignoreCursor ?? false,
    distort: options.distort ?? {},
  };
  const account = new Account(scripts, settings, closing.signal, ({ executionId, state }) => {
    journal.record({ kind: 'run', at: Date.now(), executionId, state });
  });
  const keys = new Set([`Bearer ${API_KEY}`, `Bearer ${APPLICATION_KEY}`]);
  const website = options.website === undefined ? null : new Website(options.website);
  const { agentRoutes = false, asynchronous = false, compression = null, readsCompressed = false } = options;
  const routes = [
    ...createRoutes(account, { agentRoutes, asynchronous }),
    ...(options.records === true ? createRecordRoutes(account) : []),
    ...createChatRoutes(account, website),
  ];
  const allowsOrigin = (origin: string) => website?.allows(origin) === true;
  const server = createRuntypeServer({
    routes,
    allowsOrigin,
    keys,
    faults,
    journal,
    compression,
    readsCompressed,
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}`,
    apiKey: API_KEY,
    applicationKey: APPLICATION_KEY,
    clientToken: CLIENT_TOKEN,
    journal,
    scripts,
    get vocabulary() {
      return settings.vocabulary;
    },
    set vocabulary(vocabulary) {
      settings.vocabulary = vocabulary;
    },
    runs: () => account.runs.map(describeRun),
    async runToPause(name) {
      const script = scripts.get(name);
      if (!script) throw new Error(`Unknown script ${name}.`);
      const segment = account.start(script, name, null);
      await segment.start();
      return { executionId: segment.run.executionId, stream: segment.stream.text };
    },
    decideElsewhere(approvalId, decision) {
      const run = account.runs.find((one) =>
        one.pending.some((call) => call.kind === 'approval' && call.approvalId === approvalId),
      );
      const segment = approve(run, { approvalId, decision });
      if ('status' in segment) throw new Error(`No approval ${approvalId} is open.`);
      void segment.start();
    },
    expire(executionId) {
      const run = account.find(executionId);
      if (run?.state !== 'paused') throw new Error(`Run ${executionId} is not paused.`);
      run.expire();
    },
    fail: (path, fault, times = 1) => faults.plan(path, fault, times),
    heal: (path) => faults.heal(path),
    onChange: (listener) => journal.onEntry(listener),
    async close() {
      closing.abort();
      for (const run of account.runs) run.stop();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

function describeRun(run: Run): ReturnType<RuntypeEmulator['runs']>[number] {
  const pending = run.pending.map((call) => {
    const { toolCallId, toolName } = call;
    if (call.kind === 'approval') return { approvalId: call.approvalId, toolCallId, toolName };
    return call.keyless ? { toolName } : { toolCallId, toolName };
  });
  return { executionId: run.executionId, name: run.script.name, state: run.state, pending };
}
