/** What another text of the policy file would do to what waits, and to what could be asked. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { backends, ids } from '../../../src/adapters.ts';
import { previewOf } from '../../../src/cli/policy-preview/preview.ts';
import type { Approval } from '../../../src/core/approval/approval.ts';
import type { Actor } from '../../../src/core/approval/parts/decision.ts';
import type { Pause } from '../../../src/core/approval/pause/pause.ts';
import { step } from '../../../src/core/approval/steps/step.ts';
import { noLookups } from '../../../src/core/policy/rules/belonging.ts';
import { createPolicy } from '../../../src/core/policy/rules/policy.ts';
import type { AnnounceDeps } from '../../../src/engine/ingest/announcements.ts';
import { reviewOf } from '../../../src/engine/ingest/policy-review.ts';
import { loadPolicy } from '../../../src/policy/load.ts';
import { after, announced, pauseOf, pressed } from '../../support/data/pauses.ts';

const source = 'countersign.yml';
const NOW = 5_000;

const first = `version: 1
people:
  mara: [slack:U0MARA001]
  jon: [slack:U0JON0001]
  ana: [slack:U0ANA0001]
groups:
  desk: [mara, jon]
  legal: [ana]
  oncall: [schedule:night]
rules:
  - name: reads
    match: { tool: get_* }
    rooms: [slack:C0OPS0001]
    standing: approve
  - name: refunds
    match: { tool: refund_* }
    rooms: [slack:C0OPS0001]
    approve: { by: [desk], not: [requester] }
schedules:
  night: { pagerduty: P1 }
`;
const mara: Actor = { platform: 'slack', id: 'U0MARA001', name: 'Mara' };
const request = { backend: 'runtype', kind: 'approval', description: null, asker: null, asker_id: null } as const;
const requests = [
  { ...request, name: 'refund', tool: 'refund_order', params: { amount: 42 } },
  { ...request, name: 'read', tool: 'get_order', params: {} },
  { ...request, name: 'odd', tool: 'odd_call', params: {} },
];

function policyOf(text: string) {
  const { document } = loadPolicy(text, { source, ids, backends: backends.map(({ name }) => name) });
  assert.ok(document);
  return createPolicy(document, noLookups);
}

/** As it waits under this policy, with these signatures. */
function waitingIn(text: string, pause: Pause, ...signers: readonly Actor[]): Approval {
  const policy = policyOf(text);
  const { requirement, places } = policy.route(pause, { now: NOW });
  let approval = after(announced({ pause, requirement, places }));
  for (const signer of signers) {
    const actor = policy.identify(signer);
    const signing = policy.signing(['approve'], { actor, roles: null }, approval);
    approval = after(announced({ pause, requirement, places }), pressed({ actor, signing }));
  }
  return approval;
}

function preview(text: string, approvals: readonly Approval[] = [], applied = first) {
  return previewOf({ text, applied, source, requests, approvals, now: NOW });
}

const [one] = [pauseOf()];
const odd = pauseOf({ tool: 'odd_call', parameters: { why: 'x'.repeat(500) } });
const twoPeople = first.replace('{ by: [desk], not', '{ by: [desk, legal], count: 2, each: 1, not');

describe('what waits', () => {
  test('an unchanged file changes nothing', () => {
    const [waiting] = preview(first, [waitingIn(first, one)]).waiting;
    assert.deepEqual(waiting?.now, waiting?.after);
    assert.equal(waiting?.anew, null);
    assert.equal(waiting?.now.people, 1);
    assert.deepEqual(waiting?.now.may, [
      { name: 'mara', right: 'allowed' },
      { name: 'jon', right: 'allowed' },
    ]);
    assert.match(waiting?.explanation ?? '', /^Request: refund_order[\s\S]*Rule 2 of 2 in countersign\.yml, “refunds”/);
  });

  test('keeps what it took when it was asked; asked anew it takes two', () => {
    const [waiting] = preview(twoPeople, [waitingIn(first, one)]).waiting;
    assert.equal(waiting?.after?.people, 1);
    assert.equal(waiting?.anew?.people, 2);
    assert.match(waiting?.anew?.verdict ?? '', /^2 different people must approve it: one from desk and one from/);
  });

  test('who belongs is what the draft says', () => {
    const [waiting] = preview(first.replace('desk: [mara, jon]', 'desk: [jon, ana]'), [waitingIn(first, one)]).waiting;
    assert.deepEqual(
      waiting?.after?.may.map(({ name }) => name),
      ['jon', 'ana'],
    );
  });

  test('what no one may decide, and what names no one any more, takes what the draft says', () => {
    const rest = '  - name: the rest\n    rooms: [slack:C0OPS0001]\n    approve: { by: [desk, legal], count: 2 }\n';
    const withRule = first.replace('schedules:', `${rest}schedules:`);
    const [denied] = preview(withRule, [waitingIn(first, odd)]).waiting;
    assert.deepEqual([denied?.now.decides, denied?.now.people], ['no one', 0]);
    assert.deepEqual([denied?.after?.rule, denied?.after?.people], ['the rest', 2]);
    assert.ok((denied?.facts.length ?? 0) <= 201);

    const renamed = twoPeople.replaceAll('desk', 'finance');
    const [lost] = preview(renamed, [waitingIn(first, one)]).waiting;
    assert.equal(lost?.after?.people, 2);
    assert.equal(lost?.anew, null);
  });

  test('a rule that decides leaves what waits to people', () => {
    const standing = first.replace('match: { tool: get_* }', 'match: { tool: [get_*, odd_*] }');
    const [denied] = preview(standing, [waitingIn(first, odd)]).waiting;
    assert.equal(denied?.after?.decides, 'no one');
    assert.deepEqual([denied?.anew?.decides, denied?.anew?.rule], ['rule', 'reads']);
  });

  test('a signature of someone who was removed does not count', () => {
    const waits = waitingIn(twoPeople, one, mara);
    const [as] = preview(twoPeople, [waits], twoPeople).waiting;
    assert.deepEqual(as?.now.signed, [{ name: 'mara', counts: true }]);
    const [without] = preview(twoPeople.replace('[mara, jon]', '[jon]'), [waits], twoPeople).waiting;
    assert.deepEqual(without?.after?.signed, [{ name: 'mara', counts: false }]);
  });

  test('the person who asked, and those whom only a look-up tells, are marked', () => {
    const pause = pauseOf({ requester: 'jon' });
    const onCall = first.replace('by: [desk], not', 'by: [desk, oncall], not');
    const [waiting] = preview(onCall, [waitingIn(onCall, pause)], onCall).waiting;
    assert.deepEqual(waiting?.now.may, [
      { name: 'mara', right: 'allowed' },
      { name: 'jon', right: 'requester' },
      { name: 'ana', right: 'unverified' },
    ]);
  });

  test('what is decided is not listed', () => {
    assert.deepEqual(preview(first, [after(announced(), pressed())]).waiting, []);
  });
});

/** As the engine has it once this text was loaded. */
function reviewed(approval: Approval, text: string): Approval {
  const deps = { policy: policyOf(text), clock: { now: () => NOW } } as unknown as AnnounceDeps;
  return step(approval, reviewOf(approval, deps), NOW).state ?? approval;
}

test('what is previewed is what the engine makes of it', () => {
  const rest = '  - name: the rest\n    rooms: [slack:C0OPS0001]\n    approve: { by: [legal] }\n';
  const texts = [
    first,
    twoPeople,
    twoPeople.replaceAll('desk', 'finance'),
    first.replace('desk: [mara, jon]', 'desk: [jon, ana]'),
    first.replace('schedules:', `${rest}schedules:`),
    first.replace('match: { tool: get_* }', 'match: { tool: [get_*, odd_*] }'),
    first.replace(
      'rooms: [slack:C0OPS0001]\n    approve',
      'when: params.amount > "x"\n    rooms: [slack:C0OPS0001]\n    approve',
    ),
  ];
  for (const applied of [first, twoPeople]) {
    const approvals = [waitingIn(applied, one), waitingIn(applied, odd), waitingIn(applied, one, mara)];
    for (const text of texts) {
      for (const approval of approvals.filter(({ phase }) => phase === 'open')) {
        const [before] = preview(text, [approval], applied).waiting;
        const [after] = preview(text, [reviewed(approval, text)], text).waiting;
        assert.deepEqual({ ...before?.after, signed: [] }, { ...after?.now, signed: [] }, text);
        // The engine drops what no longer counts.
        const counting = before?.after?.signed.filter(({ counts }) => counts);
        assert.deepEqual(counting, after?.now.signed, text);
      }
    }
  }
});

test('a file with errors names line, column and remedy; what waits is as it is', () => {
  const wrong = preview(first.replace('approve: { by', 'aprove: { by'), [waitingIn(first, one)]);
  assert.equal(wrong.version, null);
  const [{ line, column, wrong: what, remedy } = assert.fail()] = wrong.problems;
  assert.deepEqual([line, column], [18, 5]);
  assert.match(`${what} ${remedy}`, /"aprove" is not a key of a rule\. Did you mean approve\?/);
  assert.deepEqual([wrong.waiting[0]?.now.people, wrong.waiting[0]?.after], [1, null]);
  assert.equal(wrong.requests[0]?.rule, 'refunds', 'by the policy that applies');
});

test('new requests meet a rule, or none; people are named with their groups', () => {
  const { requests: met, people } = preview(twoPeople);
  assert.deepEqual(
    met.map(({ name, rule, decides, people: count }) => [name, rule, decides, count]),
    [
      ['refund', 'refunds', 'people', 2],
      ['read', 'reads', 'rule', 0],
      ['odd', null, 'no one', 0],
    ],
  );
  assert.deepEqual(people, { mara: ['desk'], jon: ['desk'], ana: ['legal'] });
});
