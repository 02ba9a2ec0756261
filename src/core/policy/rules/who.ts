/**
 * Whom a written entry of the policy names: `mara`, `finance`, `schedule:primary`, `slack:U0123`, `discord:role:345`.
 * Approvals store entries as they were written; what they mean is what the newest document says. Tested in
 * test/core/policy/rules/rights.test.ts.
 */
import { type Reviewer, reviewerText } from '../reviewers.ts';
import type { PolicyDocument, Who } from './document.ts';

type Named = Pick<PolicyDocument, 'people' | 'groups' | 'schedules'>;

const SCHEDULE = 'schedule:';

/** @returns null for a name that the document does not have any more */
export function whoOf(text: string, { people, groups, schedules }: Named): Who | null {
  if (groups.has(text)) return { kind: 'group', name: text, text };
  if (people.has(text)) return { kind: 'person', name: text, text };
  if (text.startsWith(SCHEDULE)) {
    const name = text.slice(SCHEDULE.length);
    return schedules.has(name) ? { kind: 'schedule', name, text } : null;
  }
  const [platform = '', kind = '', id, ...more] = text.split(':');
  if (platform === '' || kind === '' || more.length > 0) return null;
  if (id === undefined) return { kind: 'account', platform, id: kind, text };
  return id !== '' && (kind === 'group' || kind === 'role') ? { kind: 'members', platform, of: kind, id, text } : null;
}

/** As the settings name people. */
export function whoOfReviewer(reviewer: Reviewer): Who {
  const { platform, kind, id } = reviewer;
  const text = reviewerText(reviewer);
  return kind === 'user' ? { kind: 'account', platform, id, text } : { kind: 'members', platform, of: kind, id, text };
}

/** What an entry comes to without a look-up of members: accounts, groups of a platform and roles, each once. */
export function reviewersIn(
  entries: readonly Who[],
  document: Named,
  onDuty: (schedule: string) => readonly Who[] = () => [],
): Reviewer[] {
  const found = new Map<string, Reviewer>();
  const add = (reviewer: Reviewer) => void found.set(reviewerText(reviewer), reviewer);
  eachLeaf(entries, document, (who) => {
    if (who.kind === 'account') add({ platform: who.platform, kind: 'user', id: who.id });
    else if (who.kind === 'members') add({ platform: who.platform, kind: who.of, id: who.id });
    else if (who.kind === 'schedule')
      for (const one of reviewersIn(
        onDuty(who.name).filter(({ kind }) => kind !== 'schedule'),
        document,
      ))
        add(one);
    else for (const account of document.people.get(who.name) ?? []) add({ ...account, kind: 'user' });
  });
  return [...found.values()];
}

/** Everyone whom a document names somewhere: whose members and names are looked up. */
export function everyoneIn(document: PolicyDocument): Reviewer[] {
  const { people, groups, schedules, rules, operators, runs } = document;
  const ofRules = rules.flatMap(({ verbs, mention, direct, escalate }) => [
    ...Object.values(verbs).flatMap(({ by }) => by),
    ...mention,
    ...direct,
    ...escalate.flatMap((step) => step.mention),
  ]);
  const onRotas = [...schedules.values()].flatMap((one) => (one.kind === 'rota' ? one.people : []));
  const named = [...people.keys()].map((name): Who => ({ kind: 'person', name, text: name }));
  const starters = runs.flatMap(({ start }) => start);
  return reviewersIn(
    [...ofRules, ...[...groups.values()].flat(), ...onRotas, ...operators, ...starters, ...named],
    document,
  );
}

type Leaf = Exclude<Who, { kind: 'group' }>;

/** What groups come to, each group once: one that contains itself adds nothing. */
export function eachLeaf(
  entries: readonly Who[],
  { groups }: Pick<Named, 'groups'>,
  visit: (leaf: Leaf) => void,
): void {
  const seen = new Set<string>();
  const walk = (all: readonly Who[]): void => {
    for (const who of all) {
      if (who.kind !== 'group') visit(who);
      else if (!seen.has(who.name)) {
        seen.add(who.name);
        walk(groups.get(who.name) ?? []);
      }
    }
  };
  walk(entries);
}
