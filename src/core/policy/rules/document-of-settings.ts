/**
 * The policy of a bot without a policy file: one rule for everything, from the settings. Tested in
 * test/core/policy/rules/document-of-settings.test.ts.
 */
import type { Place } from '../../approval/parts/slot.ts';
import type { Reviewer } from '../reviewers.ts';
import { EVERY_RUN, type RunTarget } from '../run-targets.ts';
import { YES_NO_TOOLS } from '../yes-no.ts';
import { type PolicyDocument, type Rule, SETTINGS_VERSION } from './document.ts';
import { whoOfReviewer } from './who.ts';

/** The group of those whom `REVIEWERS` names: an open approval follows a change of the setting. */
export const REVIEWERS_GROUP = 'reviewers';

export interface PolicySettings {
  reviewers: readonly Reviewer[];
  /** The rooms that get every card. */
  places: readonly Place[];
  /** Who gets every card by direct message. */
  direct?: readonly Reviewer[];
  /** Who is mentioned on a new card. */
  mention?: readonly Reviewer[];
  /** Patterns of tools and tags that are not approved by one press. */
  confirm?: readonly string[];
  /** Patterns of tools whose output is a yes or no. Default: `YES_NO_TOOLS`. */
  yesNo?: readonly string[];
  /** Patterns of tools that people answer. Default: each that no application offered itself. */
  tools?: readonly string[];
  /** ms, rising. */
  remindAfter?: readonly number[];
  runs?: { targets: readonly RunTarget[]; starters: ReadonlyMap<string, readonly Reviewer[]> };
  /** What people are asked to write. Default: what they like. */
  forms?: { reasonRequired: boolean; approveNote: boolean; quickReasons: readonly string[] };
  mask?: PolicyDocument['mask'];
  digestFrom?: number | null;
  claimMs?: number;
}

const CLAIM_MS = 30 * 60_000;

export function documentOfSettings(settings: PolicySettings): PolicyDocument {
  const { reviewers, confirm = [], yesNo = YES_NO_TOOLS, tools = [], runs, digestFrom = null } = settings;
  const { mask = { keys: [], patterns: [] }, claimMs = CLAIM_MS } = settings;
  return {
    version: SETTINGS_VERSION,
    source: 'REVIEWERS',
    people: new Map(),
    contacts: new Map(),
    groups: new Map([[REVIEWERS_GROUP, reviewers.map(whoOfReviewer)]]),
    schedules: new Map(),
    rules: [ruleOf(settings)],
    links: false,
    requesters: [],
    operators: [],
    runs: (runs?.targets ?? []).map((target) => ({
      target,
      start: [...(runs?.starters.get(target.name) ?? []), ...(runs?.starters.get(EVERY_RUN) ?? [])].map(whoOfReviewer),
    })),
    questions: { tools, yesNo },
    mask,
    digestFrom,
    confirm,
    claimMs,
  };
}

function ruleOf({ places, direct = [], mention = [], remindAfter = [], forms }: PolicySettings): Rule {
  const by = [{ kind: 'group', name: REVIEWERS_GROUP, text: REVIEWERS_GROUP } as const];
  const any: NonNullable<Rule['verbs']['approve']> = {
    by,
    count: 1,
    each: 0,
    notRequester: false,
    confirm: false,
    note: 'optional',
    quick: [],
  };
  return {
    name: 'everything',
    match: {},
    when: null,
    rooms: places,
    direct: direct.map(whoOfReviewer),
    mention: mention.map(whoOfReviewer),
    verbs: {
      approve: { ...any, note: (forms?.approveNote ?? true) ? 'optional' : 'off' },
      reject: {
        ...any,
        note: forms?.reasonRequired === true ? 'carried' : 'optional',
        quick: [...(forms?.quickReasons ?? [])],
      },
      answer: any,
      take_over: any,
    },
    expire: null,
    remind: remindAfter.length === 0 ? null : { afterMs: remindAfter, to: 'thread' },
    escalate: [],
    quiet: null,
    standing: null,
    grant: null,
    mode: 'enforce',
  };
}
