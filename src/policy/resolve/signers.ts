/** How many different people an entry of the policy comes to. */
import type { PolicyDocument, Who } from '../../core/policy/rules/document.ts';

/** Each by a word of its own; null: it depends on a look-up. */
export function peopleWho(entries: readonly Who[], document: PolicyDocument): ReadonlySet<string> | null {
  const owners = new Map(
    [...document.people].flatMap(([name, accounts]) => accounts.map(({ platform, id }) => [`${platform}:${id}`, name])),
  );
  const people = new Set<string>();
  const seen = new Set<string>();
  const add = (who: Who): boolean => {
    switch (who.kind) {
      case 'person':
        people.add(who.name);
        return true;
      case 'account':
        people.add(owners.get(who.text) ?? who.text);
        return true;
      case 'group':
        if (seen.has(who.name)) return true;
        seen.add(who.name);
        return (document.groups.get(who.name) ?? []).every(add);
      default:
        return false;
    }
  };
  return entries.every(add) ? people : null;
}
