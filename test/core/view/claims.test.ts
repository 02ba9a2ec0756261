/** No text claims what is not known: in any state that an approval can reach, and wherever a person reads about it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { lostBody } from '../../../src/backends/runtype/gateway/decisions/application-decisions.ts';
import type { Approval, Outcome } from '../../../src/core/approval/approval.ts';
import type { AuditRow } from '../../../src/core/approval/audit.ts';
import type { Ignored, Input } from '../../../src/core/approval/inputs.ts';
import { actions, type Pause } from '../../../src/core/approval/pause/pause.ts';
import { step } from '../../../src/core/approval/steps/step.ts';
import type { Card } from '../../../src/core/view/card.ts';
import { renderCard } from '../../../src/core/view/cards/approval-card.ts';
import { renderDigest } from '../../../src/core/view/cards/digest/card.ts';
import { stateOf } from '../../../src/core/view/cards/digest/states.ts';
import { statusOf } from '../../../src/core/view/cards/status/line.ts';
import { renderReminder } from '../../../src/core/view/cards/thread-notes.ts';
import { detailsText } from '../../../src/core/view/details/pages.ts';
import { detailsOf } from '../../../src/core/view/details/sections.ts';
import { bulkText } from '../../../src/core/view/forms/bulk-form.ts';
import { spanText } from '../../../src/core/view/line-text.ts';
import { doneText, itemOf } from '../../../src/core/view/lists/pending-item.ts';
import { refusalText } from '../../../src/core/view/refusals.ts';
import { undeliveredText } from '../../../src/engine/observe/alert-texts.ts';
import { anyInput } from '../../support/data/any-input.ts';
import { after, announced, dana, pauseOf, pressed, sentAs, slackRoom } from '../../support/data/pauses.ts';
import { mara, requirementOf, signed } from '../../support/data/requirements.ts';
import { runs } from '../../support/property.ts';

const BACKEND = 'Runtype';
const ignoredCodes: readonly Ignored[] = [
  'unknown',
  'not_allowed',
  'unverified',
  'already_decided',
  'held',
  'nothing_held',
  'changed',
  'not_possible',
  'not_confirmed',
  'not_read',
  'nothing_to_retry',
];

/** A fact about the verdict, and the outcomes that make it one. */
const facts: readonly [RegExp, readonly (Outcome | null)[]][] = [
  [/\bapproved\b/i, ['approved']],
  [/\b(?:rejected|denied)\b/i, ['rejected', 'taken_over']],
  [/\b(?:taken over|took (?:this |it )?over)\b/i, ['taken_over']],
  // A group of questions is sent once the others are answered: no fact about this one.
  [/\banswered (?:by|this)\b/i, ['answered']],
  [/\bexpired\b/i, ['expired']],
  [/\bdecided (?:by|in (?:Slack|Discord))\b/i, ['approved', 'rejected', 'taken_over', 'answered']],
];
const undelivered = /not (?:been )?delivered|did not (?:accept|reach)|not accepted/i;

function textOf(card: Card): string {
  const lines = [card.status, card.asker ?? [], ...card.footer].map((line) => line.map(spanText).join(''));
  return [card.summary, ...lines, ...card.cautions, card.remark?.label ?? '', card.body?.text ?? ''].join('\n');
}

function inDigest(state: Approval) {
  const digest = { id: 'b1', at: 0, runId: null };
  const slot = { kind: 'card' as const, place: slackRoom, receipt: null, deletions: 0, digest };
  const member: Approval = { ...state, slots: { 'card@slack:C0ROOM': slot } };
  return { ...digest, slotName: 'card@slack:C0ROOM', slot, members: [member] };
}

/** Of what the audit log keeps, that which the history reads. */
function rowOf(input: Input, at: number, ignored: Ignored | null): AuditRow {
  const facts: Record<string, unknown> = {
    ...('action' in input && { action: input.action }),
    ...(input.type === 'resolved' && { verdict: input.verdict, words: input.reason }),
    ...(input.type === 'sent' && { result: input.result.type }),
    ...(input.type === 'announced' && { fingerprint: input.fingerprint }),
  };
  const actor = 'actor' in input ? input.actor : null;
  return { at, approvalId: 'ap1', input: input.type, actor, facts, from: 'open', to: 'open', ignored };
}

/** The way into the states that few random inputs lead to: up to a call that may have arrived. */
function usual(kind: Pause['kind']): Input[] {
  const lost = sentAs({ type: 'ambiguous', reason: 'no answer' });
  return [announced({ pause: pauseOf({ kind }) }), pressed(), { type: 'sending', resendable: true }, lost];
}

/** Every text about it that a person reads, by where they read it. */
function textsOf(state: Approval, rows: readonly AuditRow[], now: number): Record<string, string> {
  const digest = inDigest(state);
  const member = digest.members[0] ?? state;
  const look = { number: 1, rights: new Map([['approve', 'allowed' as const]]), who: { actor: dana, roles: [] } };
  const query = { surface: 'message' as const, page: 0, filter: { type: 'mine' as const } };
  const reminder = renderReminder(state, BACKEND, { place: slackRoom, receipt: null });
  return {
    card: textOf(renderCard(state, { backend: BACKEND })),
    status: statusOf(state, BACKEND).line.map(spanText).join(''),
    ...(state.pause.kind !== 'run' && {
      'line of a digest': stateOf(member, 'b1'),
      digest: textOf(renderDigest(digest, { backend: BACKEND })),
    }),
    details: detailsText(detailsOf(state, [], BACKEND)),
    history: detailsText(detailsOf(state, rows, BACKEND)).split('History')[1] ?? '',
    ...(reminder !== null && { reminder: textOf(reminder) }),
    list: JSON.stringify(itemOf(state, { ...look, query, backend: BACKEND, now })),
    ...Object.fromEntries(ignoredCodes.map((code) => [`refusal ${code}`, refusalText(code, state)])),
    ...Object.fromEntries(
      ([...actions, 'retry'] as const).map((action) => [`notice ${action}`, doneText(action, state, BACKEND)]),
    ),
    bulk: ['approve', 'reject']
      .map((one) => bulkText(one as 'approve', digest, [{ approvalId: state.id, text: null }]))
      .join('\n'),
    ...((state.outcome === 'failed' || state.outcome === 'unconfirmed') && {
      alert: Object.values(undeliveredText(state, BACKEND)).join('\n'),
    }),
    ...(state.pause.kind !== 'run' && { 'answer to an application': String(lostBody(state)['message']) }),
  };
}

for (const kind of ['approval', 'await', 'item'] as const satisfies readonly Pause['kind'][]) {
  test(`no text about an ${kind} says more than is known`, () => {
    fc.assert(
      fc.property(fc.nat(4), fc.array(anyInput({ kind }), { maxLength: 20 }), (begun, any) => {
        const inputs = [...usual(kind).slice(0, begun), ...any];
        let state: Approval | null = null;
        const rows: AuditRow[] = [];
        for (const [now, input] of inputs.entries()) {
          const next: ReturnType<typeof step> = step(state, input, now);
          rows.push(rowOf(input, now, next.ignored ?? null));
          state = next.state;
          if (state === null) continue;
          for (const [where, text] of Object.entries(textsOf(state, rows, now))) check(state, where, text);
        }
      }),
      { numRuns: runs(150) },
    );
  });
}

function check(state: Approval, where: string, text: string): void {
  const about = `${where} (${state.phase}, ${state.outcome}): ${text}`;
  for (const [fact, outcomes] of facts) {
    if (!outcomes.includes(state.outcome)) assert.doesNotMatch(text, fact, about);
  }
  // The history says what each call came to.
  if (state.mayHaveArrived && state.outcome !== 'approved' && where !== 'history') {
    assert.doesNotMatch(text, undelivered, about);
  }
}

test('a reminder says who has signed, and for whom it waits', () => {
  const asked = announced({ requirement: requirementOf() });
  const note = renderReminder(after(asked, signed(mara)), BACKEND, { place: slackRoom, receipt: null });
  assert.equal(
    note?.status.map(spanText).join(''),
    'Still waiting for a decision. 1 of 2 approvals: Mara Lind; waits for legal.',
  );
  const none = renderReminder(after(asked), BACKEND, { place: slackRoom, receipt: null });
  assert.equal(none?.status.map(spanText).join(''), 'Still waiting for a decision.');
});
