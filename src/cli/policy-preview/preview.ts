/**
 * What another text of the policy file would do: its errors, what each waiting request would take, and which rule new requests
 * would meet. Changes nothing. Tested in test/cli/policy-preview/preview.test.ts.
 */
import { backends, ids } from '../../adapters.ts';
import type { Approval } from '../../core/approval/approval.ts';
import { explain } from '../../core/policy/explain/explain.ts';
import { explainStored } from '../../core/policy/explain/stored.ts';
import { explanationText, requestText } from '../../core/policy/explain/text.ts';
import { isReplayed } from '../../core/policy/replay/replay.ts';
import type { PolicyDocument } from '../../core/policy/rules/document.ts';
import { noveltyFacts } from '../../core/policy/rules/novelty-facts.ts';
import { createPolicy, type Policy } from '../../core/policy/rules/policy.ts';
import type { Route } from '../../core/policy/rules/route.ts';
import { parametersLine } from '../../core/text/parameters.ts';
import { revealLine } from '../../core/text/visible/reveal.ts';
import { loadPolicy } from '../../policy/load.ts';
import type { PolicyProblem } from '../../policy/problems.ts';
import { pauseOfRequest, type WrittenRequest } from '../policy/event.ts';
import { fileLookups } from '../policy/lookups.ts';
import { type Takes, takesOf } from './takes.ts';

export interface PreviewInput {
  /** As it would be saved. */
  text: string;
  /** As it applies now. */
  applied: string;
  /** Its name, for people. */
  source: string;
  requests: readonly (WrittenRequest & { name: string })[];
  approvals: readonly Approval[];
  /** ms since 1970 */
  now: number;
}

export interface Preview {
  /** Null: it has errors. */
  version: string | null;
  problems: readonly PolicyProblem[];
  /** The groups that each person is named in. */
  people: Record<string, readonly string[]>;
  waiting: readonly Waiting[];
  requests: readonly Met[];
}

/** An open request. */
export interface Waiting {
  id: string;
  tool: string;
  /** Its parameters on one line. */
  facts: string;
  asker: string | null;
  requester: string | null;
  askedAt: number;
  /** By the policy that applies. */
  now: Takes;
  /** Once the text is saved; null: it has errors. */
  after: Takes | null;
  /** Asked anew after that; null: the same as `after`, or the text has errors. */
  anew: Takes | null;
  /** The whole explanation, as of once the text is saved. */
  explanation: string;
}

/** A request that has not been asked, and the rule that it would meet. */
export interface Met extends Pick<Takes, 'rule' | 'decides' | 'verdict' | 'people'> {
  name: string;
}

/** Longest line of parameters, UTF-16 units. */
const FACTS_MAX = 200;

/** @throws Error where the text that applies has errors */
export function previewOf({ text, applied, source, requests, approvals, now }: PreviewInput): Preview {
  const load = (one: string) => loadPolicy(one, { source, ids, backends: backends.map(({ name }) => name) });
  const current = policyOf(load(applied).document, now);
  const { document, problems } = load(text);
  if (current === null) throw new Error('The policy that applies has errors.');
  const draft = policyOf(document, now);
  const shown = draft ?? current;
  return {
    version: document?.version ?? null,
    problems,
    people: groupsOf(shown.document),
    waiting: approvals.filter(isWaiting).map((approval) => waitingOf(approval, current, draft, now)),
    requests: requests.map((request) => metOf(request, shown, now)),
  };
}

function policyOf(document: PolicyDocument | null, now: number): Policy | null {
  return document === null ? null : createPolicy(document, fileLookups(document, now));
}

function isWaiting(approval: Approval): boolean {
  return approval.phase === 'open' && isReplayed(approval);
}

function groupsOf({ people, groups }: PolicyDocument): Record<string, string[]> {
  const named = (person: string) =>
    [...groups].flatMap(([group, all]) =>
      all.some((who) => who.kind === 'person' && who.name === person) ? [group] : [],
    );
  return Object.fromEntries([...people.keys()].map((person) => [person, named(person)]));
}

function waitingOf(approval: Approval, current: Policy, draft: Policy | null, now: number): Waiting {
  const { id, pause, askedAt } = approval;
  const before = storedOf(approval, current, now);
  const after = draft === null ? null : storedOf(approval, draft, now);
  const anew = draft === null ? null : ruledBy(approval, draft, routeOf(approval, draft, now), now);
  const facts = parametersLine(pause.parameters);
  return {
    ...{ id, tool: revealLine(pause.tool), asker: pause.asker, requester: pause.requester ?? null, askedAt },
    facts: revealLine(facts.length > FACTS_MAX ? `${facts.slice(0, FACTS_MAX)}…` : facts),
    now: before.takes,
    after: after?.takes ?? null,
    anew: after === null || anew === null || anew.takes.verdict === after.takes.verdict ? null : anew.takes,
    explanation: `${requestText(pause)}\n\n${(after ?? before).text}`,
  };
}

/** What an open request takes once this policy applies. What was stored stays, unless no one can decide by it. */
function storedOf(approval: Approval, policy: Policy, now: number): { takes: Takes; text: string } {
  const { pause, requirement, signatures } = approval;
  if (requirement === undefined || policy.isOutdated(approval)) {
    const route = routeOf(approval, policy, now);
    const rule = policy.document.rules.find(({ name }) => name === route.requirement.rule) ?? null;
    // A rule decides only as a request is announced: what waits is left to people.
    return ruledBy(approval, policy, { ...route, rule, standing: null }, now);
  }
  const explanation = explainStored(approval, policy, now);
  const takes = takesOf({ policy, pause, requirement, signatures, explanation });
  return { takes, text: explanationText(explanation, { state: explanation.state }) };
}

function routeOf({ pause, novelty }: Approval, policy: Policy, now: number): Route {
  return policy.route(pause, { now, ...(novelty && { novelty: noveltyFacts(novelty, now) }) });
}

function ruledBy({ pause, novelty, signatures }: Approval, policy: Policy, route: Route, now: number) {
  const { document } = policy;
  const circumstances = { now, ...(novelty && { novelty: noveltyFacts(novelty, now) }) };
  const explanation = explain({ pause, route, document, ...circumstances });
  const takes = takesOf({ policy, pause, requirement: route.requirement, signatures, explanation });
  return { takes, text: explanationText(explanation) };
}

function metOf({ name, ...written }: PreviewInput['requests'][number], policy: Policy, now: number): Met {
  const pause = pauseOfRequest(written);
  const route = policy.route(pause, { now });
  const explanation = explain({ pause, route, document: policy.document, now });
  const { requirement } = route;
  const { rule, decides, verdict, people } = takesOf({ policy, pause, requirement, signatures: [], explanation });
  return { name, rule, decides, verdict, people };
}
