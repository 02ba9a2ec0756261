/**
 * What of a pending approval says who can read it and who may decide it. Many approvals share one audience, so a list asks
 * the policy and the rooms once for each audience, and the store counts and orders what is in it. Pure. Tested in
 * test/core/view/lists/audience.test.ts.
 *
 * It is stored as text. A change of what it is made of needs a migration that makes the table `pending` again.
 */
import { z } from 'zod';
import type { Approval } from '../../approval/approval.ts';
import { type Requirement, type VerbRule, verbs } from '../../approval/parts/requirement.ts';
import { type Place, placeKey, placeSchema } from '../../approval/parts/slot.ts';
import { actions, pauseSchema } from '../../approval/pause/pause.ts';
import { endToShow } from '../../approval/steps/time/expiry.ts';
import type { Shown } from '../../approval/subject.ts';
import type { Asked } from '../../policy/rules/rights.ts';
import { canonical } from '../../text/canonical.ts';
import { describe } from './pending-item.ts';

const verbSchema = z.object({ by: z.array(z.string()), notRequester: z.boolean() });

const audienceSchema = z.object({
  backend: z.string(),
  kind: pauseSchema.shape.kind,
  actions: z.array(z.enum(actions)),
  requester: z.string().optional(),
  /** Where its cards are, or will be. */
  cards: z.array(placeSchema),
  /**
   * Of what is required: all that names people. Null: nothing is required of it yet, so that the policy decides by all of
   * the approval with this ID. Such an audience has one approval.
   */
  required: z
    .object({
      denied: z.boolean(),
      verbs: z.partialRecord(z.enum(verbs), verbSchema),
      also: z.array(z.string()),
    })
    .nullable(),
  alone: z.string().optional(),
});
export type Audience = z.infer<typeof audienceSchema>;

/** How many pending approvals have an audience. */
export interface AudienceCount {
  id: number;
  audience: Audience;
  count: number;
}

/** What a filter finds an approval by. */
export interface PendingNames {
  /** For those who may decide it. */
  deciders: readonly string[];
  /** For all others. */
  others: readonly string[];
}

/** A pending approval, as lists are made of it. */
export interface PendingRow {
  /** Until when people may decide; infinity: there is no end. */
  endAt: number;
  askedAt: number;
  audience: Audience;
  names: PendingNames;
}

/** What waits for a person: soonest end first, then what was asked first, then by ID. */
export function isPending({ phase, pause }: Shown): boolean {
  return phase === 'open' && pause.kind !== 'run';
}

/** Null for what is in no list. */
export function pendingRowOf(approval: Approval): PendingRow | null {
  if (!isPending(approval)) return null;
  return {
    endAt: endToShow(approval) ?? Number.POSITIVE_INFINITY,
    askedAt: approval.askedAt,
    audience: audienceOf(approval),
    names: namesOf(approval),
  };
}

/** A change keeps the pause of its approval, so it has the same names. */
const named = new WeakMap<Approval['pause'], PendingNames>();

function namesOf(approval: Approval): PendingNames {
  const known = named.get(approval.pause);
  const names = known ?? { deciders: describe(approval, true), others: describe(approval, false) };
  named.set(approval.pause, names);
  return names;
}

export function audienceOf({ id, pause, requirement, slots }: Approval): Audience {
  const { backend, kind, requester } = pause;
  const cards = Object.values(slots).flatMap(({ kind: sheet, place }) => (sheet === 'card' ? [place] : []));
  return {
    backend,
    kind,
    actions: [...pause.actions],
    ...(requester !== undefined && { requester }),
    cards: [...new Map(cards.map(({ platform, room }) => [placeKey({ platform, room }), { platform, room }])).values()],
    ...(requirement === undefined ? { required: null, alone: id } : { required: requiredIn(requirement) }),
  };
}

function requiredIn({ denied, verbs: all, escalated }: Requirement): NonNullable<Audience['required']> {
  const named = Object.entries(all).map(([verb, { by, notRequester }]) => [verb, { by, notRequester }]);
  const also = [...new Set(escalated.flatMap(({ mention }) => mention))];
  return { denied: denied !== null, verbs: Object.fromEntries(named), also };
}

/** The same for equal audiences. */
export function audienceText(audience: Audience): string {
  return canonical({ ...audience, cards: audience.cards.toSorted(byKey) });
}

function byKey(one: Place, other: Place): number {
  return placeKey(one) < placeKey(other) ? -1 : 1;
}

/** @throws for what `audienceText` did not make */
export function parseAudience(text: string): Audience {
  return audienceSchema.parse(JSON.parse(text));
}

/** What the policy is asked about: it reads nothing else of an approval whose requirement is stored. */
export function askedOf(audience: Audience): Asked {
  const { backend, kind, actions: possible, requester, required } = audience;
  return {
    pause: {
      ...{ backend, kind, actions: possible, ...(requester !== undefined && { requester }) },
      ...{ key: '', runId: '', tool: '', description: null, asker: null, reason: null, parameters: {}, hidden: [] },
    },
    requirement: required === null ? undefined : requirementOf(required),
    signatures: [],
  };
}

function requirementOf({ denied, verbs: named, also }: NonNullable<Audience['required']>): Requirement {
  const rules = Object.entries(named).map(([verb, rule]): [string, VerbRule] => [
    verb,
    { ...rule, count: 1, each: 0, confirm: false, note: 'off', quick: [] },
  ]);
  return {
    rule: '',
    version: '',
    verbs: Object.fromEntries(rules),
    mention: [],
    denied: denied ? { code: 'no_rule', text: null } : null,
    claimMs: null,
    expire: null,
    escalations: [],
    escalated: also.length === 0 ? [] : [{ at: 0, places: [], mention: also }],
    remindTo: 'thread',
    quiet: null,
    grant: null,
  };
}
