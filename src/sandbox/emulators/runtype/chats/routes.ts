import type { z } from 'zod';
import type { Account } from '../server/account.ts';
import { approve, type Refusal, resume } from '../server/decisions.ts';
import { type Answer, type Call, checked, type Route, refused, streamed } from '../server/routes.ts';
import type { Script } from '../types.ts';
import { chatApproveBody, chatBody, chatResumeBody, feedbackBody, initBody } from './bodies.ts';
import { type ChatSession, CLIENT_TOKEN, type Website } from './website.ts';

const ORIGIN: Refusal = {
  status: 403,
  body: { error: 'Origin not allowed', hint: 'Add the origin of this page to the client token.' },
};
const SESSION: Refusal = { status: 401, body: { error: 'Session expired' } };
const NO_PAUSE: Refusal = { status: 404, body: { error: 'No paused execution found for this executionId' } };

/** The calls of a website's visitors: no key, a session in the body, and an origin that the client token names. */
export function createChatRoutes(account: Account, website: Website | null): Route[] {
  /** Checks the body, the origin and the session, in this order. */
  function inSession<T extends { sessionId: string }>(
    schema: z.ZodType<T>,
    answer: (body: T, session: ChatSession, website: Website) => Answer,
  ) {
    return (call: Call): Answer =>
      checked(schema, call, (body) => {
        if (website !== null && !website.allows(call.origin)) return refusal(ORIGIN);
        const session = website?.find(body.sessionId);
        return session === undefined || website === null ? refusal(SESSION) : answer(body, session, website);
      });
  }

  const init = (call: Call): Answer =>
    checked(initBody, call, ({ token, flowId }) => {
      if (website === null || token !== CLIENT_TOKEN) return refused(401, { error: 'Invalid client token' });
      if (!website.allows(call.origin)) return refusal(ORIGIN);
      const script = account.scripts.get(flowId ?? website.options.subject);
      if (script === undefined) return refused(404, { error: 'Flow not found' });
      const { sessionId, expiresAt } = website.begin(script.name);
      const body = {
        sessionId,
        expiresAt: new Date(expiresAt).toISOString(),
        flow: { id: script.name, name: script.title, description: null },
        config: { welcomeMessage: null, placeholder: 'Ask us anything', theme: null },
      };
      return { kind: 'json', status: 200, body };
    });

  const chat = inSession(chatBody, (body, session, site) => {
    const { clientTools, clientToolsFingerprint: fingerprint } = body;
    if (clientTools === undefined && fingerprint !== undefined && fingerprint !== session.toolsFingerprint) {
      return refused(409, { error: 'client_tools_resend_required' });
    }
    if (clientTools !== undefined) session.toolsFingerprint = fingerprint ?? null;
    const script = account.scripts.get(session.subject);
    const mayApprove = body.capabilities?.endUserApproval === true;
    if (site.options.ownerGates === 'refused' && hasGateFor(script, mayApprove ? 'owner' : 'anyone')) {
      const error = 'This agent asks for approvals, which this chat can’t collect';
      return refused(501, { error, code: 'APPROVAL_MODE_UNSUPPORTED' });
    }
    const named = script?.kind === 'flow' ? { flow: { id: session.subject } } : { agent: { id: session.subject } };
    const segment = account.dispatch({ ...named, messages: body.messages });
    if (segment === undefined) return refused(404, { error: 'Agent not found' });
    site.own(segment.run);
    return streamed(segment);
  });

  const decide = inSession(chatApproveBody, (body, _, site) => {
    const run = account.find(body.executionId);
    if (!site.owns(run)) return refusal(NO_PAUSE);
    const call = run.pending.find((one) => one.kind === 'approval' && one.approvalId === body.approvalId);
    if (call?.kind === 'approval' && call.step.approver !== 'end-user') {
      const error = 'This approval needs the business owner, not the chat visitor';
      return refused(403, { error, code: 'APPROVAL_APPROVER_NOT_END_USER' });
    }
    return streamed(approve(run, body), body.streamResponse);
  });

  const answerTools = inSession(chatResumeBody, (body, _, site) => {
    const run = account.find(body.executionId);
    return site.owns(run) ? streamed(resume(run, body.toolOutputs ?? {}), body.streamResponse) : refusal(NO_PAUSE);
  });

  const feedback = inSession(feedbackBody, () => ({ kind: 'json', status: 200, body: { success: true } }));

  const routes = { init, chat, approve: decide, resume: answerTools, feedback };
  return Object.entries(routes).map(([name, answer]) => ({
    method: 'POST',
    path: `/v1/client/${name}`,
    isPublic: true,
    answer,
  }));
}

function hasGateFor(script: Script | undefined, whom: 'owner' | 'anyone'): boolean {
  const gates = (script?.steps ?? []).flatMap((step) => {
    if (step.do === 'pauses') return step.approvals;
    return step.do === 'approval' ? [step] : [];
  });
  return gates.some(({ approver }) => whom === 'anyone' || approver !== 'end-user');
}

function refusal({ status, body }: Refusal): Answer {
  return refused(status, body);
}
