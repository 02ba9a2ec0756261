/**
 * What the policy's words say of signatures, by trying every assignment of people to groups: written from `policy.md`, not
 * from the code, and slow. It knows nothing of tallies, matchings and phases.
 */

/** What a verb takes. `groups`: those that are listed. */
export interface Wanted {
  groups: readonly string[];
  count: number;
  each: number;
  notRequester: boolean;
}

export interface Person {
  name: string;
  groups: readonly string[];
  /** This is who asked. */
  asked: boolean;
}

/** What happened, in order. */
export type Event =
  | { type: 'sign'; who: Person; verb: 'approve' | 'reject' }
  | { type: 'withdraw'; who: Person }
  | { type: 'change' };

/** Which verb is decided, and by whom, after these events; null: it still waits. */
export function decidedBy(
  wanted: Record<'approve' | 'reject', Wanted>,
  events: readonly Event[],
): { verb: 'approve' | 'reject'; by: string[] } | null {
  const given = new Map<string, { who: Person; verb: 'approve' | 'reject' }>();
  for (const event of events) {
    if (event.type === 'change') given.clear();
    else if (event.type === 'withdraw') given.delete(event.who.name);
    else {
      const { who, verb } = event;
      if (!may(wanted[verb], who)) continue;
      given.set(who.name, { who, verb });
      const same = [...given.values()].filter((one) => one.verb === verb).map((one) => one.who);
      if (enough(wanted[verb], same)) return { verb, by: same.map(({ name }) => name).sort() };
    }
  }
  return null;
}

function may({ groups, notRequester }: Wanted, { groups: own, asked }: Person): boolean {
  return own.some((group) => groups.includes(group)) && !(asked && notRequester);
}

/** Some way of letting each person stand for one of their groups, or for none, gives every group as many as it needs. */
function enough({ groups, count, each }: Wanted, people: readonly Person[]): boolean {
  if (people.length < count) return false;
  return assignments(people).some((assigned) =>
    groups.every((group) => assigned.filter((one) => one === group).length >= each),
  );
}

/** Every choice of one group, or none, for each of these people. */
function assignments([first, ...others]: readonly Person[]): (string | null)[][] {
  if (first === undefined) return [[]];
  const rest = assignments(others);
  return [null, ...first.groups].flatMap((group) => rest.map((assigned) => [group, ...assigned]));
}
