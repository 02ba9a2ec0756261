/**
 * Who may decide, by names that notify no one: a person, a group or a role is plain text and never an ID. Pure. Tested in
 * test/core/view/cards/deciders.test.ts.
 */
import { platformName } from '../../approval/names.ts';
import type { Shown } from '../../approval/subject.ts';
import type { Reviewer } from '../../policy/reviewers.ts';
import { clip } from '../../text/clip.ts';
import { counted } from '../../text/numbers.ts';
import { revealLine } from '../../text/visible/reveal.ts';
import type { Card, Decider, Deciders } from '../card.ts';
import { isDenied, ruleLine } from './signing/rule-line.ts';

/** Names on one line; further ones are counted. */
const NAMED_MAX = 3;
/** Of one name, characters. */
const NAME_MAX = 40;

/** The same for the same people, whatever they are called: a name alone is not a reason to edit a card. */
function decidersKey({ all, next = [], notes = [] }: Deciders): string {
  const keys = (some: readonly Decider[]) => some.map(({ platform, kind, id }) => `${platform}:${kind}:${id}`);
  return [...keys(all), ...(next.length === 0 ? [] : ['next', ...keys(next)]), ...notes].join(',');
}

/** `Who may decide: Mara, Jon or the group @finance.` Each of them can do something now. */
function decidersText(deciders: Deciders): string {
  const { next, setting, notes = [] } = deciders;
  if (next !== undefined)
    return [`Who can sign next: ${namesOf({ ...deciders, all: next }, 'or') ?? 'no one'}.`, ...notes].join(' ');
  const none = notes.length > 0 ? 'no one' : `no one, ${setting} names no one`;
  return [`Who may decide: ${namesOf(deciders, 'or') ?? none}.`, ...notes].join(' ');
}

/** As a card has it. */
export function decidersOf(deciders: Deciders, approval?: Shown): NonNullable<Card['deciders']> {
  const rule = approval === undefined ? null : ruleLine(approval);
  if (rule === null || approval === undefined) return { text: decidersText(deciders), key: decidersKey(deciders) };
  const text = isDenied(approval) ? rule : `${rule} ${decidersText(deciders)}`;
  return { text, key: `${rule} ${decidersKey(deciders)}` };
}

/** `Mara, Jon and the group @finance can.` For a sentence that says what someone else can't do. */
export function whoCanText(deciders: Deciders): string {
  const { setting, notes = [] } = deciders;
  const names = namesOf(deciders, 'and');
  const none = notes.length > 0 ? 'No one can.' : `No one can: ${setting} names no one.`;
  return [names === null ? none : `${capital(names)} can.`, ...notes].join(' ');
}

/** Null where the settings name no one. */
function namesOf({ all, platform: here }: Deciders, joint: 'and' | 'or'): string | null {
  if (all.length === 0) return null;
  const own = all.filter(({ platform }) => platform === here);
  const ordered = [...own, ...all.filter(({ platform }) => platform !== here)];
  const named = new Map<string, string>();
  let unknown = 0;
  for (const one of ordered) {
    const name = plainName(one);
    if (name === null) {
      unknown += 1;
      continue;
    }
    // One person has an account on each platform, and often the same name there.
    const key = `${one.kind === 'user' ? 'user' : 'several'} ${name.toLowerCase()}`;
    if (named.has(key)) continue;
    named.set(key, `${phrases[one.kind](name)}${one.platform === here ? '' : ` (in ${platformName(one.platform)})`}`);
  }
  const shown = [...named.values()].slice(0, NAMED_MAX);
  const more = named.size - shown.length + unknown;
  if (shown.length === 0) return reviewersText(ordered);
  if (more > 0) return `${shown.join(', ')} ${joint} ${more} more`;
  const last = shown.pop() ?? '';
  return shown.length === 0 ? last : `${shown.join(', ')} ${joint} ${last}`;
}

const phrases: Record<Reviewer['kind'], (name: string) => string> = {
  user: (name) => name,
  group: (name) => `the group ${handle(name)}`,
  role: (name) => `the role ${handle(name)}`,
};

/** These words notify a whole room where a platform reads them in a text. */
const everyone = /^(?:everyone|here|channel|group)$/i;

function handle(name: string): string {
  return everyone.test(name) ? name : `@${name}`;
}

/** None of their names is known. */
function reviewersText(all: readonly Decider[]): string {
  const people = all.filter(({ kind }) => kind === 'user').length;
  const groups = all.length - people;
  const parts = [
    ...(people === 0 ? [] : [counted(people, 'reviewer')]),
    ...(groups === 0 ? [] : [counted(groups, 'group')]),
  ];
  return parts.join(' and ');
}

/** Null where nothing is left that is a name: an ID is not one. */
function plainName({ id, name }: Decider): string | null {
  const text = clip(
    revealLine((name ?? '').replace(/[<>@#&]/g, ' '))
      .replace(/\s+/g, ' ')
      .trim(),
    NAME_MAX,
  );
  return text === '' || text.includes(id) || idPattern.test(text) ? null : text;
}

/** As the platforms spell theirs. */
const idPattern = /^(?:[A-Z][A-Z0-9]{7,}|\d{5,})$/;

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
