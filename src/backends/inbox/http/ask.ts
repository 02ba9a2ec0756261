/** Asks a question: once for each Idempotency-Key. Tested in test/backends/inbox/http/routes.test.ts. */
import { createHash } from 'node:crypto';
import type { Clock, Intake } from '../../../core/ports/ports.ts';
import { canonical } from '../../../core/text/canonical.ts';
import type { Asker } from '../askers.ts';
import { INBOX, type InboxWire, inboxItem, inboxPause, inboxWire } from '../item.ts';
import { expiryProblem, readQuestion } from './body.ts';
import { type Items, sourceOf } from './items.ts';
import { agentQuestions, type Limits, PENDING_MAX, tokenQuestions } from './limits.ts';
import { invalid, json, problem } from './problem.ts';

/** @returns the answer to an asker. `key`: its Idempotency-Key, or null. `trace`: the trace context of the request, if it has one */
export function createAsk(options: {
  items: Items;
  limits: Limits;
  intake: Pick<Intake, 'deliver' | 'requesterNamed'>;
  clock: Pick<Clock, 'hash' | 'id' | 'now'>;
}): (asker: Asker, key: string | null, body: Uint8Array, trace?: string) => Promise<Response> {
  const { items, limits, intake, clock } = options;

  return async (asker, key, body, trace) => {
    const question = readQuestion(new TextDecoder().decode(body));
    if (question instanceof Response) return question;
    const { callbackUrl, expiresAt } = question;
    const unfit = callbackUrl === null ? null : asker.checkCallback(callbackUrl);
    if (unfit !== null) return invalid({ message: unfit, location: 'body.callback_url' });
    const approvalId = `apr_${key === null ? clock.id() : clock.hash(`${asker.id}\n${key}`)}`;
    const requestSha256 = createHash('sha256').update(body).digest('hex');
    const wire: InboxWire = { approvalId, asker: asker.id, askerName: asker.name, requestSha256, ...question };
    const known = key === null ? null : await items.receive(asker, approvalId);
    if (known === null) {
      // The end of a question that was asked already may have passed by now: it is answered all the same.
      const refused = expiryProblem(expiresAt, clock.now()) ?? (await limitedFor(asker, wire));
      if (refused !== null) return refused;
      const requester = requesterOf(asker, wire);
      if (requester instanceof Response) return requester;
      const delivered = await intake.deliver({
        type: 'announced',
        pause: { ...inboxPause(wire), ...requester, ...(trace !== undefined && { trace }) },
        via: 'ingest',
        streamOpen: false,
        // Two concurrent requests with one key create one item.
        inputId: `${INBOX}:${approvalId}`,
        source: { id: sourceOf(asker.id), name: asker.name },
      });
      if (delivered === 'too_many') return limits.pending(asker.name);
    }
    const approval = known ?? (await items.find(approvalId));
    if (approval === null) throw new Error('a recorded item is missing');
    if (!isSameQuestion(inboxWire(approval.pause), wire)) {
      return problem(422, 'This Idempotency-Key was used with another body.');
    }
    return json(inboxItem(approval));
  };

  /** The person whom it names as the one who asked, as the policy names people. */
  function requesterOf(asker: Asker, { draft }: InboxWire): { requester?: string } | Response {
    if (draft.requested_by === undefined) return {};
    const named = intake.requesterNamed(draft.requested_by, asker.name);
    return named.type === 'named' ? { requester: named.requester } : requesterProblem(named.type, asker.name);
  }

  async function limitedFor(asker: Asker, { draft }: InboxWire): Promise<Response | null> {
    if ((await items.pendingOf(asker, 0)).count >= PENDING_MAX) return limits.pending(asker.name);
    const agent = `${asker.name} ${draft.agent_id || draft.agent_name}`;
    return limits.take(agentQuestions, agent) ?? limits.take(tokenQuestions, asker.name);
  }
}

function requesterProblem(why: 'refused' | 'unknown', asker: string): Response {
  if (why === 'unknown') {
    const message =
      'the policy file has no person of this name: write a name under "people:", or an account such as slack:U0123';
    return invalid({ message, location: 'body.requested_by' });
  }
  return problem(
    403,
    `This asker may not say who asked. Add ${asker} to "requesters:" of the policy file, or leave out requested_by.`,
  );
}

/** The same content to the same address, however its JSON is written. */
function isSameQuestion(known: InboxWire | null, asked: InboxWire): boolean {
  const contentOf = ({ draft, callbackUrl, expiresAt }: InboxWire) =>
    canonical([draft, callbackUrl, expiresAt ?? null]);
  return known !== null && contentOf(known) === contentOf(asked);
}
