import type { RequestListener } from 'node:http';
import { createInbox, type InboxOptions } from '../../../../src/backends/inbox/index.ts';
import { draftSchema, inboxPause } from '../../../../src/backends/inbox/item.ts';
import type { Approval } from '../../../../src/core/approval/approval.ts';
import type { Action } from '../../../../src/core/approval/pause/pause.ts';
import type { Backend } from '../../../../src/core/ports/ports.ts';
import { createTestClock, type TestClock } from '../../../support/clock.ts';
import { noGuard } from '../../../support/http.ts';
import { type CapturedLog, captureLog } from '../../../support/log.ts';
import { decided, type Listening, readText, withServer } from '../../runtype/support/backend.ts';

export const never = new AbortController().signal;
/** The ID of the asker of that name. */
export const DEPLOY = createTestClock().hash('asker by name\ndeploy');
export const CALLBACK_SECRET = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';

/** For an inbox that only sends outcomes. */
export const noQuestions: Pick<InboxOptions, 'askers' | 'resolvers' | 'intake' | 'store' | 'onPress' | 'guard'> = {
  askers: [],
  guard: noGuard,
  resolvers: new Map(),
  intake: { deliver: async () => 'recorded', requesterNamed: () => ({ type: 'refused' }) },
  store: { list: async () => [], awaited: async () => ({ count: 0, latest: [] }), onJobsAdded: () => () => {} },
  onPress: async () => ({ type: 'accepted' }),
};

export interface Received {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string;
}

export interface InboxBench {
  inbox: Backend;
  clock: TestClock;
  log: CapturedLog;
  received: Received[];
  receiver: Listening;
  /** A decided item with a callback to `url`; default: the receiver's. */
  item(action?: Action, url?: string | null): Approval;
}

/** The backend and a receiver on loopback that answers with `answer`. */
export function withReceiver<T>(
  answer: RequestListener,
  more: Partial<InboxOptions> & { hosts?: string[]; secret?: string | null },
  use: (bench: InboxBench) => Promise<T>,
): Promise<T> {
  const received: Received[] = [];
  const listener: RequestListener = async (request, response) => {
    const body = await readText(request);
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    received.push({ method: request.method ?? '', url: request.url ?? '', headers, body });
    answer(request, response);
  };
  return withServer(
    (request, response) => void listener(request, response),
    async (receiver) => {
      const clock = createTestClock();
      const log = captureLog();
      const { hosts = [`127.0.0.1:${receiver.port}`], secret = CALLBACK_SECRET, ...options } = more;
      const inbox = createInbox({
        ...noQuestions,
        askers: [{ name: 'deploy', tokens: ['t'], hosts, secret }],
        allowLoopback: true,
        clock,
        log: log.log,
        ...options,
      });
      const item = (action: Action = 'approve', url: string | null = `${receiver.url}/hook?run=7`) =>
        inboxApproval(action, url);
      try {
        return await use({ inbox, clock, log, received, receiver, item });
      } finally {
        await inbox.stop();
      }
    },
  );
}

export function inboxApproval(action: Action, callbackUrl: string | null): Approval {
  const draft = draftSchema.parse({
    context: 'Deploy 1.4?',
    agent_name: 'deploy.sh',
    payload: { key: 'for-reviewers' },
  });
  const wire = { approvalId: 'apr_1', asker: DEPLOY, askerName: 'deploy', requestSha256: 'a1b2', callbackUrl, draft };
  const pause = inboxPause(wire);
  return { ...decided(pause, action, action === 'approve' ? null : 'Not today'), via: 'ingest' };
}
