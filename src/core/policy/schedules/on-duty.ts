/** Who is on duty, and whom of the policy a calendar or a service means. Tested in test/core/policy/schedules/on-duty.test.ts. */
import { matchesAny } from '../../text/glob.ts';
import type { Account, PolicyDocument, Who } from '../rules/document.ts';

/**
 * How `people` of the policy names somebody where no one presses: `email:mara@example.com`, `pagerduty:PABC123`,
 * `opsgenie:b4a1…`, and `ical:Mara*` for the title of an event.
 */
export const contactKinds = ['email', 'pagerduty', 'opsgenie', 'ical'] as const;

/** As far as it is known without a look-up. */
export type OnDuty =
  /** `strangers`: those whom the schedule lists and `people` does not know; they decide nothing. */
  | { type: 'known'; who: readonly Who[]; strangers: readonly string[] }
  /** No one may decide as one of this schedule. `why`: a sentence that names it. */
  | { type: 'unknown'; why: string };

/** @param schedule its name in the policy */
export type OnDutyOf = (schedule: string, now: number) => OnDuty;

/** Somebody on duty, as a calendar or a service lists them: any of the accounts may be the one that `people` has. */
export interface Listed {
  /** For people: `Mara Fischer`, or an e-mail address. */
  name: string;
  accounts: readonly Account[];
}

type Contacts = NonNullable<PolicyDocument['contacts']>;

/** Whom of `people` these are. An account that two people have is no one's. */
export function peopleOf(
  listed: readonly Listed[],
  contacts: Contacts,
): Pick<Extract<OnDuty, { type: 'known' }>, 'who' | 'strangers'> {
  const names = new Set<string>();
  const strangers = new Set<string>();
  for (const one of listed) {
    const known = one.accounts.map((account) => ownersOf(account, contacts)).find((owners) => owners.length > 0) ?? [];
    const [name] = known;
    if (name !== undefined && known.length === 1) names.add(name);
    else strangers.add(one.name);
  }
  const who = [...names].map((name): Who => ({ text: name, kind: 'person', name }));
  return { who, strangers: [...strangers] };
}

function ownersOf(account: Account, contacts: Contacts): string[] {
  return [...contacts].flatMap(([name, accounts]) => (accounts.some((own) => isMeant(own, account)) ? [name] : []));
}

/** @param own as the policy has it: a pattern, where it is the title of an event */
function isMeant(own: Account, listed: Account): boolean {
  if (own.platform !== listed.platform) return false;
  if (own.platform === 'ical') return matchesAny([folded(own.id)], folded(listed.id));
  return own.platform === 'email' ? folded(own.id) === folded(listed.id) : own.id === listed.id;
}

function folded(text: string): string {
  return text.normalize('NFC').toLowerCase().replace(/\s+/g, ' ').trim();
}
