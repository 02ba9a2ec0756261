/**
 * Which rule applies to a pause, and what follows from it: the first that matches. A pure function of the document and the
 * facts. Default deny: without a rule, or where an expression fails, no one may decide. Tested in
 * test/core/policy/rules/route.test.ts.
 */
import type { Requirement, Timing } from '../../approval/parts/requirement.ts';
import type { Place } from '../../approval/parts/slot.ts';
import { mayStand } from '../../approval/steps/stood.ts';
import type { Subject } from '../../approval/subject.ts';
import { directPlace } from '../direct-messages.ts';
import { isPicked } from '../tags.ts';
import type { Lookups } from './belonging.ts';
import type { PolicyDocument, Rule, Who } from './document.ts';
import { factsOf, matches, type Routed } from './match.ts';
import { denial, requirementOf, timingOf } from './requirement.ts';
import { reviewersIn } from './who.ts';

/** What is known of a pause besides its own fields. */
export interface Circumstances {
  /** ms since 1970 */
  now: number;
  /** What the audit says is new about it. Default: nothing is known, and a rule that asks does not fit. */
  novelty?: Readonly<Record<string, unknown>>;
}

/** A rule that only watches, and would have applied. `failed`: why its expression could not be evaluated. */
export interface Watched {
  rule: Rule;
  failed: string | null;
}

export interface Route {
  /** The rule that applies, also where it decides itself; `requirement` is then that of the next one. Null: none matches. */
  rule: Rule | null;
  /** Rooms and direct messages that get its card. */
  places: readonly Place[];
  /** Approving it asks for a confirmation. */
  confirm: boolean;
  /** So long after it was asked people are reminded, ms, rising. */
  remindAfter: readonly number[];
  requirement: Requirement;
  /** Null: nothing is due. */
  timing: Timing | null;
  /** This rule decides it; where it does not, people do by the next rule that matches. */
  standing: 'approve' | 'reject' | null;
  /** Where the card goes if the rule decides it. Absent: where it goes anyway. */
  standingPlaces?: readonly Place[];
  watched: readonly Watched[];
}

export function routeOf(
  pause: Routed,
  { now, novelty = {} }: Circumstances,
  document: PolicyDocument,
  onDuty: Lookups['onDuty'],
): Route {
  const watched: Watched[] = [];
  const confirm = asksTwice(pause, document);
  const silent = { confirm, remindAfter: [], timing: null, watched };
  let own: Pick<Route, 'standing' | 'standingPlaces'> = { standing: null };
  let decider: Rule | null = null;
  for (const rule of document.rules) {
    if (!matches(rule, pause)) continue;
    const verdict = rule.when?.evaluate(factsOf(pause, { now, novelty })) ?? { type: 'fits' };
    if (verdict.type === 'fits_not' || verdict.type === 'missing') continue;
    const failed = verdict.type === 'failed' ? verdict.message : null;
    if (rule.mode === 'watch') {
      if (decider === null) watched.push({ rule, failed });
      continue;
    }
    const places = placesOf(rule, document, onDuty);
    if (failed === null && rule.standing !== null) {
      if (decider === null && mayStand({ pause, confirm }, rule.standing)) {
        decider = rule;
        own = { standing: rule.standing, ...(rule.rooms.length > 0 && { standingPlaces: places }) };
      }
      continue;
    }
    if (failed !== null) {
      const text = `${rule.when?.text ?? ''}: ${failed}`;
      return {
        ...silent,
        ...own,
        rule: decider ?? rule,
        places,
        requirement: denial(rule.name, document, { code: 'expression', text }),
      };
    }
    return {
      rule: decider ?? rule,
      places,
      confirm: confirm || confirmsByRule(rule.verbs, pause),
      remindAfter: rule.remind?.afterMs ?? [],
      requirement: requirementOf(rule, document),
      timing: timingOf(rule),
      ...own,
      watched,
    };
  }
  const requirement = unmatched(watched, decider, document);
  return { ...silent, ...own, rule: decider, places: roomsOfLast(document), requirement };
}

/** Where only a rule that watches fits, it is named: people look for it in the file. */
function unmatched(watched: readonly Watched[], decider: Rule | null, document: PolicyDocument): Requirement {
  const only = decider === null ? watched.find(({ failed }) => failed === null) : undefined;
  return only === undefined
    ? denial('', document, { code: 'no_rule', text: null })
    : denial(only.rule.name, document, { code: 'mode', text: null });
}

function placesOf(rule: Rule, document: PolicyDocument, onDuty: Lookups['onDuty']): Place[] {
  const rooms = rule.rooms.length > 0 ? rule.rooms : roomsOfLast(document);
  const people = reviewersIn(rule.direct, document, (name) => onDutyOf(name, onDuty));
  return [...rooms, ...people.filter(({ kind }) => kind === 'user').map(directPlace)];
}

/** Whom a schedule names now; no one where it could not be looked up. */
export function onDutyOf(schedule: string, onDuty: Lookups['onDuty']): readonly Who[] {
  const found = onDuty(schedule);
  return found.type === 'known' ? found.who : [];
}

/** An answer may be the approval, so that a rule that confirms answers confirms both. */
export function confirmsByRule(
  { approve, answer }: { [verb in 'approve' | 'answer']?: { confirm: boolean } | undefined },
  { kind }: Pick<Subject, 'kind'>,
): boolean {
  return approve?.confirm === true || (kind === 'await' && answer?.confirm === true);
}

/** Whatever its rule says: what its backend does not describe, and the tools and tags that the document lists. */
export function asksTwice(pause: Subject, { confirm }: Pick<PolicyDocument, 'confirm'>): boolean {
  return pause.unknownCall === true || isPicked(pause, confirm);
}

/** Where to post what has no room of its own: the last rule is the one for everything else. */
export function roomsOfLast({ rules }: Pick<PolicyDocument, 'rules'>): readonly Place[] {
  return rules.findLast(({ rooms, mode }) => rooms.length > 0 && mode === 'enforce')?.rooms ?? [];
}
