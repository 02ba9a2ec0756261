import type { Persona, Takes } from '../lib/protocol.ts';

interface TakesProps {
  label: string;
  takes: Takes;
  /** What it took before: who is new or gone is marked. */
  before?: Takes | undefined;
  personas: readonly Persona[];
}

/** What a request takes: the rule, a sentence, and the people. */
export function TakesView({ label, takes, before, personas }: TakesProps) {
  const { rule, decides, verdict, people } = takes;
  return (
    <div className={`takes takes-${decides.replace(' ', '-')}`} data-testid="takes" data-people={people}>
      <p className="takes-head">
        <span className="takes-label">{label}</span>
        <b>{countText(takes)}</b>
        {rule !== null && <span className="takes-name">{rule}</span>}
      </p>
      <p>{verdict}</p>
      {people > 0 && (
        <ul className="people-chips" aria-label="Who may">
          {chipsOf(takes, before).map(({ name, state, note }) => (
            <li key={name} className={`chip chip-${state}`} data-person={name} data-state={state}>
              {personas.find(({ key }) => key === name)?.name ?? name}
              {note !== '' && <small>{note}</small>}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

export function countText({ decides, people }: Pick<Takes, 'decides' | 'people'>): string {
  if (decides === 'rule') return 'The rule decides';
  if (decides === 'no one') return 'No one may decide';
  return people === 1 ? 'One person' : `${people} people`;
}

type ChipState = 'may' | 'signed' | 'new' | 'gone' | 'maybe' | 'asked';

function chipsOf(takes: Takes, before: Takes | undefined): { name: string; state: ChipState; note: string }[] {
  const may = new Map(takes.may.map(({ name, right }) => [name, right]));
  const signed = new Map(takes.signed.map(({ name, counts }) => [name, counts]));
  const had = new Set(before?.may.flatMap(({ name, right }) => (right === 'allowed' ? [name] : [])));
  const names = [...new Set([...may.keys(), ...signed.keys(), ...had])];
  return names.map((name) => {
    const [right, counts] = [may.get(name), signed.get(name)];
    if (counts === true) return { name, state: 'signed', note: 'signed' };
    if (counts === false) return { name, state: 'gone', note: 'signed, counts no longer' };
    if (right === undefined) return { name, state: 'gone', note: 'no longer' };
    if (right === 'requester') return { name, state: 'asked', note: 'asked for it' };
    if (right === 'unverified') return { name, state: 'maybe', note: 'needs a look-up' };
    return before !== undefined && !had.has(name)
      ? { name, state: 'new', note: 'new' }
      : { name, state: 'may', note: '' };
  });
}

/** Nothing that a person notices is another. */
export function isSameTakes(one: Takes, other: Takes): boolean {
  const parts = ({ verdict, may, signed }: Takes) => JSON.stringify([verdict, may, signed]);
  return parts(one) === parts(other);
}
