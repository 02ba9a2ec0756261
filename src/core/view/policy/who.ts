/** People as the policy names them, in words for a card: they notify no one. Pure. */
import { platformName } from '../../approval/names.ts';
import { clip } from '../../text/clip.ts';
import { revealLine } from '../../text/visible/reveal.ts';

/** Names on one line; further ones are counted. */
const NAMED_MAX = 3;
/** Of one name, characters. */
const NAME_MAX = 40;
/** These words notify a whole room where a platform reads them in a text. */
const everyone = /^(?:everyone|here|channel|group)$/i;

/** `@finance, @legal and a role in Discord`. Empty for no one. */
export function whoText(entries: readonly string[]): string {
  const names = [...new Set(entries.map(nameOf))];
  const more = names.length - NAMED_MAX;
  const shown = more > 0 ? [...names.slice(0, NAMED_MAX), `${more} more`] : names;
  const last = shown.pop() ?? '';
  return shown.length === 0 ? last : `${shown.join(', ')} and ${last}`;
}

/** An ID is not a name: what it identifies is said. */
function nameOf(entry: string): string {
  const [first = '', second = '', third] = entry.split(':');
  if (second === '') return handle(entry);
  if (first === 'schedule') return `the person on duty (${plain(second)})`;
  const what = third === undefined ? 'a person' : second === 'role' ? 'a role' : 'a group';
  return `${what} in ${platformName(plain(first))}`;
}

function handle(name: string): string {
  const text = plain(name);
  return everyone.test(text) ? text : `@${text}`;
}

function plain(text: string): string {
  return clip(revealLine(text.replace(/[<>@#&]/g, ' ')).trim(), NAME_MAX);
}
