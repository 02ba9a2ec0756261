/**
 * Follows a run that was started without a stream, or reports that it can't be followed.
 * Tested in test/backends/runtype/gateway/answer/asynchronous.test.ts.
 */
import type { HttpRequest, Intake, Log } from '../../../../core/ports/ports.ts';
import { isRecord } from '../../../../core/text/json.ts';
import { BACKEND } from '../../pause/pause.ts';
import { emptyFacts } from '../../pause/run-facts.ts';
import type { RunContext } from '../../stream/reader/reader.ts';
import type { StreamSessions } from '../../stream/sessions.ts';
import { executionIn } from '../../wire/json-body.ts';
import type { Call } from '../call.ts';
import type { Caller } from '../caller.ts';
import { headerOf } from '../headers.ts';

export interface StartedCall {
  call: Call;
  request: HttpRequest;
  caller: Caller;
  context: () => RunContext;
}

/** The row before the first one of a run. */
const FIRST_ROW = '0';

/**
 * Runtype keeps the events of a saved agent in a conversation: such a run is read like one whose stream broke. Of any
 * other run nothing more is heard.
 */
export function createFollowStarted(deps: {
  sessions: Pick<StreamSessions, 'continueFrom'>;
  intake: Pick<Intake, 'deliver'>;
  canReplay: boolean;
  log: Log;
}): (json: unknown, started: StartedCall) => Promise<void> {
  const { sessions, intake, canReplay, log } = deps;
  return async (json, { call, request, caller, context }) => {
    const runId = executionIn(json);
    if (runId === null && !isAsked(call, request)) return;
    const { clientTools = [], replay = null, requester = null } = context();
    if (runId !== null && replay !== null && canReplay) {
      log.info({ run: runId }, 'following a run that was started without a stream');
      const facts = { ...emptyFacts(), clientTools: new Set(clientTools), replay, opener: caller.hash, requester };
      void sessions.continueFrom({ run: { id: runId, facts } }, FIRST_ROW, false, true);
      return;
    }
    log.warn({ run: runId }, 'a run was started without a stream, and can’t be followed');
    await intake.deliver({ type: 'unfollowed', backend: BACKEND, runId, reason: 'asynchronous', name: nameIn(call) });
  };
}

/** Whether a call starts a run for certain: the answer need not name it then. */
function isAsked({ route, json }: Call, { rawHeaders }: HttpRequest): boolean {
  const body = json();
  const isAsync = isRecord(body) && body['async'] === true;
  return route === 'dispatch' || isAsync || /\brespond-async\b/i.test(headerOf(rawHeaders, 'prefer') ?? '');
}

/** The agent or flow that a call names. */
function nameIn({ json }: Call): string | null {
  const body = json();
  const subject = isRecord(body) ? (body['agent'] ?? body['flow']) : null;
  if (!isRecord(subject)) return null;
  const { name, agentId, id } = subject;
  return ([name, agentId, id].find((one) => typeof one === 'string' && one !== '') as string | undefined) ?? null;
}
