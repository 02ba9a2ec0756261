/** What differs from what was shown first. Pure. Tested in test/core/view/content/changes.test.ts. */
import type { Previous } from '../../approval/pause/pause.ts';
import { boundFields, type Shown, type Subject } from '../../approval/subject.ts';
import { maskText } from '../../mask/text.ts';
import { maskValue } from '../../mask/value.ts';
import { canonical } from '../../text/canonical.ts';
import { clip, tail } from '../../text/clip.ts';
import { isRecord } from '../../text/json.ts';
import { quoted, quotedUnlessPlain } from '../../text/visible/quoted.ts';
import { revealLine } from '../../text/visible/reveal.ts';

/** Further changes are only counted; the card shows the request itself. */
const LINES_MAX = 6;
const VALUE_MAX = 80;
const NAME_MAX = 60;
/** Of what did not change, before what did, characters. */
const CONTEXT = 20;

/** As one caution; empty where nothing differs. */
export function changedText({ previous, pause, fingerprint }: Shown): string[] {
  const lines = previous === null ? [] : changeLines(previous, pause, fingerprint);
  return lines.length === 0 ? [] : [`Changed since it was first shown: ${lines.join('; ')}`];
}

/** One line a change, masked as on the card. Hidden parameters stay hidden, changed or not. @param fingerprint of `now` */
export function changeLines(before: Previous, now: Subject, fingerprint: string, max = LINES_MAX): string[] {
  const lines = boundFields.flatMap((field) => changesIn(field, before, now));
  const isSame = before.fingerprint === undefined || before.fingerprint === fingerprint;
  // Nothing else is left that could differ: what the operator has redacted is not stored.
  if (lines.length === 0) return isSame ? [] : ['a masked value changed'];
  const more = lines.length - max;
  return more <= 0 ? lines : [...lines.slice(0, max), `and ${more} more`];
}

type Field = (typeof boundFields)[number];

/** What each field is called; the parameters are compared one by one. */
const names: Record<
  Exclude<Field, 'parameters' | 'repeated' | 'prompt' | 'contact' | 'hidden' | 'unshowable' | 'unknownCall'>,
  string
> = {
  backend: 'the backend',
  key: 'the request’s ID',
  kind: 'the kind of request',
  runId: 'the run',
  address: 'where the answer goes',
  tool: 'the tool',
  cautions: 'the warnings',
  description: 'the description',
  asker: 'the name of who asks',
  askerId: 'the ID of who asks',
  requester: 'the person who asked',
  labels: 'the labels',
  reason: 'the stated reason',
  actions: 'the possible actions',
  missing: 'what the backend did not say',
};

function changesIn(field: Field, before: Previous, now: Subject): string[] {
  // A row of an older version does not have it: unknown is not different. Only `repeated` is absent for none.
  if (!(field in before) && field !== 'repeated') return [];
  switch (field) {
    case 'parameters':
      return changesBetween(before.parameters, now.parameters, now.hidden);
    case 'repeated': {
      const [old, next] = [before, now].map(({ repeated = [] }) => visibleKeys(repeated, now.hidden));
      return (next ?? []).filter((path) => !old?.includes(path)).map((path) => `${nameText(path)} is given twice now`);
    }
    case 'hidden': {
      const [old, next] = [before.hidden ?? [], now.hidden];
      const lines = (list: readonly string[], others: readonly string[], text: string) =>
        list.filter((name) => !others.includes(name)).map((name) => `${nameText(name)} ${text}`);
      return [...lines(next, old, 'is hidden now'), ...lines(old, next, 'is no longer hidden')];
    }
    case 'contact': {
      const [old, next] = [before.contact, now.contact];
      return [
        ...changeOf('the contact', old?.name, next?.name),
        ...changeOf('the ID of the contact', old?.id, next?.id),
      ];
    }
    case 'prompt': {
      const { title, text, ...old } = before.prompt ?? { title: undefined, text: undefined };
      const { title: nextTitle, text: nextText, ...next } = now.prompt ?? { title: undefined, text: undefined };
      const rest = canonical(old) === canonical(next) ? [] : ['the form or its buttons changed'];
      return [...changeOf('the title', title, nextTitle), ...changeOf('the question', text, nextText), ...rest];
    }
    case 'unshowable':
      return before.unshowable?.hash === now.unshowable?.hash ? [] : ['something in what can’t be shown changed'];
    case 'unknownCall':
      // The warnings say it, and they are compared.
      return [];
    default:
      return changeOf(names[field], before[field], now[field]);
  }
}

/** Without those of hidden parameters. @param paths `amount`, `to.iban` */
export function visibleKeys(paths: readonly string[], hidden: readonly string[]): string[] {
  return paths.filter((path) => !hidden.some((name) => path === name || path.startsWith(`${name}.`)));
}

/** @param old null or undefined: it was not given */
function changeOf(what: string, old: unknown, next: unknown): string[] {
  if (canonical(old) === canonical(next)) return [];
  const [was, is] = [textOf(old), textOf(next)];
  const [be, did] = Array.isArray(old ?? next) ? ['are', 'were'] : ['is', 'was'];
  if (was === is) return [`${what} changed in a masked part`];
  if (was === null) return [`${what} ${be} new`];
  return [is === null ? `${what} ${did} removed (${did} ${inMarks(was)})` : `${what} ${did} ${inMarks(was, is)}`];
}

function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  const text = Array.isArray(value) ? value.join(', ') : typeof value === 'string' ? value : canonical(value);
  return revealLine(maskText(text).value) || 'none';
}

/** By path: `payload.discount` changed, not all of `payload`. */
function changesBetween(
  before: Subject['parameters'],
  now: Subject['parameters'],
  hidden: readonly string[],
): string[] {
  const [old, next] = [leavesOf(before, hidden), leavesOf(now, hidden)];
  const paths = [...new Set([...old.keys(), ...next.keys()])];
  return paths.flatMap((path) => {
    const [was, is] = [old.get(path), next.get(path)];
    if (was?.exact === is?.exact) return [];
    const keys: string[] = JSON.parse(path);
    const what = nameText(keys.join('.'));
    if (was === undefined) return [`${what} is new`];
    if (is === undefined) return [`${what} was removed (was ${brief(was.shown)})`];
    return [
      was.shown === is.shown ? `${what} changed: it is a masked value` : `${what} was ${brief(was.shown, is.shown)}`,
    ];
  });
}

/** The paths of the parameters that are new or differ, each as JSON. */
export function changedPaths(before: Previous, now: Subject): Set<string> {
  const [old, next] = [leavesOf(before.parameters, now.hidden), leavesOf(now.parameters, now.hidden)];
  return new Set([...next.keys()].filter((path) => old.get(path)?.exact !== next.get(path)?.exact));
}

interface Leaf {
  /** Compared, and never shown. */
  exact: string;
  /** Masked. */
  shown: string;
}

/** Compared before anything is cut or masked. */
function leavesOf(parameters: Subject['parameters'], hidden: readonly string[]): Map<string, Leaf> {
  const visible = Object.fromEntries(Object.entries(parameters).filter(([key]) => !hidden.includes(key)));
  const leaves = new Map<string, Leaf>();
  const visit = (exact: unknown, shown: unknown, path: readonly string[]): void => {
    const entries = isRecord(exact) ? Object.entries(exact) : [];
    if (entries.length === 0) {
      // As JSON, for a name may have a dot of its own.
      if (path.length > 0) leaves.set(JSON.stringify(path), { exact: canonical(exact), shown: canonical(shown) });
      return;
    }
    // Masking keeps the order of the keys, and may change their names and how many an object shows.
    const masked = typeof shown === 'object' && shown !== null ? Object.values(shown) : [];
    for (const [index, [name, item]] of entries.entries()) visit(item, masked[index], [...path, name]);
  };
  visit(visible, maskValue(visible).value, []);
  return leaves;
}

function nameText(name: string): string {
  return quotedUnlessPlain(maskText(name).value, NAME_MAX);
}

/** What others wrote in words; the value of a parameter is JSON, which has its own marks. */
function inMarks(text: string, from = ''): string {
  return quoted(brief(text, from), VALUE_MAX + 2);
}

/** Cut so that it shows where it begins to differ. @param from what it is compared with */
function brief(text: string, from = ''): string {
  const [line, other] = [revealLine(text), revealLine(from)];
  if (line.length <= VALUE_MAX) return line;
  let same = 0;
  while (same < other.length && line[same] === other[same]) same += 1;
  const start = from === '' || same < VALUE_MAX - CONTEXT ? 0 : same - CONTEXT;
  return start === 0 ? clip(line, VALUE_MAX) : clip(`…${tail(line, line.length - start)}`, VALUE_MAX);
}
