/** The gallery's policy file, and what the bot adds by it to a request. Tested in test/browser/gallery.test.ts. */
import { backends, ids } from '../../adapters.ts';
import type { Approval } from '../../core/approval/approval.ts';
import type { Input, InputOf } from '../../core/approval/inputs.ts';
import type { Novelty } from '../../core/approval/parts/novelty.ts';
import type { Action, Pause } from '../../core/approval/pause/pause.ts';
import type { Absence } from '../../core/policy/absences/absence.ts';
import { noLookups } from '../../core/policy/rules/belonging.ts';
import { noveltyFacts } from '../../core/policy/rules/novelty-facts.ts';
import { createPolicy, type Policy } from '../../core/policy/rules/policy.ts';
import { loadPolicy } from '../../policy/load.ts';
import { ana, dana, jon, lea, MINUTE_MS, mara, sam } from './build-state.ts';

const text = `
version: 1
people:
  dana: [slack:${dana.id}]
  sam: [discord:${sam.id}]
  mara: [slack:${mara.id}]
  jon: [discord:${jon.id}]
  ana: [slack:${ana.id}]
  lea: [slack:${lea.id}]
groups:
  finance: [dana, mara]
  legal: [sam, jon]
  oncall: [mara]
  partners: [slack:group:S0PARTNERS]
rooms:
  here: [slack:C0000000001, discord:4100000000000000001]
  incidents: [slack:C0000000002]
schedules:
  weekend: { ical: https://calendar.example.com/weekend.ics }
rules:
  - name: large refunds
    match: { tool: refund_order }
    when: params.amount > 500
    rooms: [here]
    mention: [finance, legal]
    approve: { by: [finance, legal], count: 2, each: 1, not: [requester], note: optional }
    reject: { by: [finance, legal], reason: required, quick: [Wrong customer, Too expensive] }
    take_over: { by: [finance] }
  - name: refunds
    match: { tool: refund_order }
    when: params.amount <= 500
    rooms: [here]
    approve: { by: [finance] }
    grant: { after: 3, for: 30m, uses: 5 }
  - name: production
    match: { tool: run_sql }
    rooms: [here]
    approve: { by: [finance], confirm: true }
    remind: { after: [30m] }
    escalate: [{ after: 1h, rooms: [incidents], mention: [oncall] }]
    expire: { after: 2h, then: reject }
  - name: reads
    match: { tool: "get_*" }
    standing: approve
  - name: weekend
    match: { tool: restart_service }
    rooms: [here]
    approve: { by: [schedule:weekend] }
  - name: partners
    match: { tool: release_payout }
    rooms: [here]
    approve: { by: [partners] }
  - name: questions
    match: { tool: create_customer }
    rooms: [here]
    approve: { by: [finance] }
    answer: { by: [] }
  - name: small deletions
    match: { tool: delete_records }
    when: params.records < 10
    rooms: [here]
    approve: { by: [finance] }
  - name: trial
    match: { tool: outbound_message }
    rooms: [here]
    approve: { by: [finance] }
    mode: watch
`;

const { document, problems } = loadPolicy(text, {
  source: 'countersign.yml',
  ids,
  backends: backends.map(({ name }) => name),
});

/** With this person away, or everyone here. */
export function galleryPolicy(absences: readonly Absence[] = []): Policy {
  if (document === null) throw new Error(problems.map(({ wrong }) => wrong).join('\n'));
  return createPolicy(document, {
    ...noLookups,
    onDuty: () => ({ type: 'unknown', why: 'The calendar of the schedule weekend could not be read.' }),
    absences: () => absences,
  });
}

/** What the bot adds to an announcement. @param now when it is asked, ms since 1970 */
export function ruledBy(
  policy: Policy,
  pause: Pause,
  now: number,
  novelty?: Novelty,
): Pick<InputOf<'announced'>, 'requirement' | 'timing' | 'remindAfter' | 'confirm' | 'novelty'> {
  const facts = novelty && { novelty: noveltyFacts(novelty, now) };
  const { requirement, timing, remindAfter, confirm } = policy.route(pause, { now, ...facts });
  return { requirement, remindAfter, confirm, ...(timing && { timing }), ...(novelty && { novelty }) };
}

/** A press as the engine hands it on: with the right of its person, and in whose place they press. */
export function pressedBy(
  policy: Policy,
  action: Action,
  actor: InputOf<'pressed'>['actor'],
  text: string | null = null,
) {
  return (approval: Approval): Input => {
    const person = { actor: policy.identify(actor), roles: [] };
    const { right, inPlaceOf } = policy.judge(action, person, approval);
    return {
      type: 'pressed',
      action,
      actor: { ...person.actor, ...(inPlaceOf && { inPlaceOf }) },
      text,
      fingerprint: approval.fingerprint,
      right,
      signing: policy.signing([action], person, approval),
      confirmed: true,
    };
  };
}

/** Sam is away, and Lea stands in for him. */
export function samAway(now: number): Absence {
  return { absent: sam, deputy: lea, since: now - 60 * MINUTE_MS, until: now + 3 * 24 * 60 * MINUTE_MS };
}
