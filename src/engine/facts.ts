/** What the audit log keeps of each input. Tested in test/engine/engine.test.ts. */
import type { Input, InputOf } from '../core/approval/inputs.ts';
import type { MessageInput } from '../core/approval/steps/messages.ts';

/** What the audit log keeps of an input. The parameters are in the approval. */
export function factsOf(input: Input): Record<string, unknown> {
  switch (input.type) {
    case 'announced':
      return announcementFactsOf(input);
    case 'started':
      return { run: input.pause.tool, text: input.text, right: input.right };
    case 'noted':
      return { why: input.why, run: input.pause.runId, name: input.pause.tool };
    case 'names_shared':
    case 'named':
    case 'renamed':
      return nameFactsOf(input);
    case 'pressed':
      return pressFactsOf(input);
    case 'stood':
      return stoodFactsOf(input);
    case 'granted':
    case 'grant_changed':
      return grantFactsOf(input);
    case 'read':
      return { shown: input.fingerprint };
    case 'revealed':
      return { shown: input.fingerprint, mask: input.mask, path: input.path, right: input.right };
    case 'foreign_press':
      return { why: input.why, action: input.action };
    case 'digest_read':
      return { digest: input.digest };
    case 'retried':
      return { right: input.right };
    case 'claimed':
    case 'forbidden':
      return { action: input.action, ...(input.type === 'forbidden' && { run: input.runId }) };
    case 'held':
      return heldFactsOf(input);
    case 'sent':
      return sentFactsOf(input);
    case 'resolved':
    case 'cancelled':
    case 'unreachable':
      return { ...(input.type === 'resolved' && { verdict: input.verdict }), words: input.reason };
    case 'continued':
      return { continuation: input.continuation.state };
    case 'posted':
    case 'unposted':
    case 'gathered':
    case 'released':
    case 'content_refused':
    case 'resurfaced':
    case 'thread_waits':
      return messageFactsOf(input);
    case 'absent':
      return { begunAt: input.begunAt };
    case 'waiting':
      return { others: input.others, ...((input.claims?.length ?? 0) > 0 && { claims: input.claims?.length }) };
    case 'restored':
      return { resendable: input.resendable, listed: input.listed, waits: input.waits };
    case 'handed_back':
      return input.waited === undefined ? {} : { right: input.waited.right, shown: input.waited.shown };
    case 'form_not_shown':
    case 'form_closed':
      return { press: input.press };
    case 'policy_changed':
      return input.requirement === undefined ? {} : { rule: input.requirement.rule };
    case 'time_ended':
      return input.end === undefined ? {} : { end: input.end };
    case 'escalation_due':
      return { mention: input.mention, rooms: input.rooms };
    case 'unsigned':
    case 'redrawn':
    case 'withdrawn':
    case 'fetched':
    case 'hold_ended':
    case 'deadline_passed':
    case 'reminder_due':
    case 'recovered':
    case 'sending':
    case 'stream_ended':
      return {};
  }
}

function nameFactsOf(input: InputOf<'names_shared' | 'named' | 'renamed'>): Record<string, unknown> {
  if (input.type === 'names_shared') return { names: input.names };
  if (input.type === 'renamed') return { runId: input.runId };
  const { platform, id, name } = input.person;
  return { platform, id, name };
}

/** Of a signature, with the groups that it counts for. */
function pressFactsOf({ action, text, fingerprint, right, confirmed, signing }: InputOf<'pressed'>) {
  const facts = { action, text, shown: fingerprint, right };
  return {
    ...facts,
    ...(confirmed === true && { confirmed }),
    ...(signing !== undefined && { groups: signing.groups }),
  };
}

function stoodFactsOf({ action, fingerprint, standing }: InputOf<'stood'>) {
  return { action, shown: fingerprint, ...(standing !== undefined && { use: standing.use, of: standing.of }) };
}

function grantFactsOf(input: InputOf<'granted' | 'grant_changed'>) {
  if (input.type === 'grant_changed') return { what: input.what, ...input.facts };
  return { right: input.right, uses: input.uses, until: input.until };
}

function heldFactsOf({ until, fingerprint, right, press }: InputOf<'held'>) {
  return { until, shown: fingerprint, right, ...(press === undefined && { kept: true }) };
}

function announcementFactsOf(input: InputOf<'announced'>) {
  const { via, fingerprint, pause, beforeSending, afterCall, requirement, watched } = input;
  const { groupId } = pause;
  const rules = { ...(requirement && { rule: requirement.rule }), ...(watched && { watched }) };
  const proofs = { ...(beforeSending === true && { beforeSending }), ...(afterCall === true && { afterCall }) };
  return { via, fingerprint, groupId, ...proofs, ...rules };
}

function sentFactsOf({ result, last, late }: InputOf<'sent'>): Record<string, unknown> {
  return {
    result: result.type,
    last,
    ...(late === true && { late }),
    ...('reason' in result && { words: result.reason }),
  };
}

function messageFactsOf(input: MessageInput): Record<string, unknown> {
  const { slot } = input;
  switch (input.type) {
    case 'posted':
    case 'unposted':
      return { slot, receipt: input.receipt, ...(input.digest !== undefined && { bundle: input.digest }) };
    case 'gathered':
      return { slot, bundle: input.digest.id, receipt: input.receipt };
    case 'released':
      return { slot, ...(input.refused === true && { refused: true }) };
    case 'content_refused':
      return { slot, words: input.refused.reason, final: input.refused.final };
    case 'resurfaced':
      return { slot };
    case 'thread_waits':
      return { slot, count: input.count };
  }
}
