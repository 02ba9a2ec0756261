import type { Verb } from '../../../src/core/approval/parts/requirement.ts';
import { type Lookups, noLookups } from '../../../src/core/policy/rules/belonging.ts';
import type { Account, Facts, PolicyDocument, Rule, Verdict, Who } from '../../../src/core/policy/rules/document.ts';
import { documentOfSettings, type PolicySettings } from '../../../src/core/policy/rules/document-of-settings.ts';
import { createPolicy, type Policy } from '../../../src/core/policy/rules/policy.ts';
import { whoOf } from '../../../src/core/policy/rules/who.ts';
import { slackRoom } from './pauses.ts';

/** `{ mara: ['slack:U1', 'discord:2'] }` */
export function accountsOf(people: Record<string, readonly string[]>): ReadonlyMap<string, readonly Account[]> {
  return new Map(Object.entries(people).map(([name, accounts]) => [name, accounts.map(accountOf)]));
}

function accountOf(text: string): Account {
  const [platform = '', id = ''] = text.split(':');
  return { platform, id };
}

/** What an entry names where it is written; a name without a colon is a person's, and one in capitals a group's. */
export function who(text: string): Who {
  const found = whoOf(text, { people: new Map(), groups: new Map(), schedules: new Map() });
  if (found !== null) return found;
  if (text.startsWith('schedule:')) return { kind: 'schedule', name: text.slice('schedule:'.length), text };
  return /^[A-Z]/.test(text) ? { kind: 'group', name: text, text } : { kind: 'person', name: text, text };
}

type Verbs = Rule['verbs'];

/** The same rule for these verbs; default: for all. */
export function verbOf(
  by: readonly string[],
  more: Partial<NonNullable<Verbs[Verb]>> = {},
  only: readonly Verb[] = ['approve', 'reject', 'answer', 'take_over'],
): Verbs {
  const one = {
    by: by.map(who),
    count: 1,
    each: 0,
    notRequester: false,
    confirm: false,
    note: 'off',
    quick: [],
  } as const;
  return Object.fromEntries(only.map((verb) => [verb, { ...one, quick: [], ...more }]));
}

export function ruleOf(
  more: Partial<Omit<Rule, 'mention' | 'direct'>> & { mention?: string[]; direct?: string[] } = {},
): Rule {
  const { mention = [], direct = [], ...rest } = more;
  return {
    name: 'everything',
    match: {},
    when: null,
    rooms: [slackRoom],
    direct: direct.map(who),
    mention: mention.map(who),
    verbs: verbOf(['slack:U1']),
    expire: null,
    remind: null,
    escalate: [],
    quiet: null,
    standing: null,
    grant: null,
    mode: 'enforce',
    ...rest,
  };
}

/** `Finance: ['mara', 'slack:group:S1']` */
export function groupsOf(groups: Record<string, readonly string[]>): PolicyDocument['groups'] {
  return new Map(Object.entries(groups).map(([name, entries]) => [name, entries.map(who)]));
}

export function documentOf(more: Partial<PolicyDocument> = {}): PolicyDocument {
  return {
    version: 'v1',
    source: 'countersign.yml',
    people: new Map(),
    groups: new Map(),
    schedules: new Map(),
    rules: [ruleOf()],
    links: true,
    requesters: [],
    operators: [],
    runs: [],
    questions: { tools: [], yesNo: [] },
    mask: { keys: [], patterns: [] },
    digestFrom: null,
    confirm: [],
    claimMs: 1_800_000,
    ...more,
  };
}

/** A `when` whose verdict this function gives. */
export function when(evaluate: (facts: Facts) => Verdict, text = 'params.amount > 500') {
  return { text, evaluate };
}

/** The policy of these settings. Default: no reviewers, no rooms, and nothing can be looked up. */
export function policyOf(settings: Partial<PolicySettings> = {}, lookups: Partial<Lookups> = {}): Policy {
  const document = documentOfSettings({ reviewers: [], places: [], ...settings });
  return createPolicy(document, { ...noLookups, ...lookups });
}
