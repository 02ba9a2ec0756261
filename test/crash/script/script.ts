/** What happens in a round, from its seed alone: who is asked what, who presses when, what breaks, and when it dies. */
import { type FaultName, faultNames, withoutFalseTooLate, withoutSecondRefusal } from '../world/faults.ts';
import { amongReplicas, type KillScript, killsOf } from './kills.ts';
import { BUSY_MS, type ScriptOptions } from './options.ts';
import { createRandom, type Random } from './random.ts';

export const reviewers = ['dana', 'sam', 'ida', 'omar'] as const;
export type PersonKey = (typeof reviewers)[number] | 'kit';
export type Action = 'approve' | 'reject' | 'take_over';
export type Kind = 'approval' | 'await' | 'sonzai' | 'hookpulse' | 'inbox';
export type PlatformName = 'slack' | 'discord';

export interface ActScript {
  person: PersonKey;
  platform: PlatformName;
  action: Action;
  /** After the card is there, ms. */
  afterMs: number;
  /** How often the platform delivers the one press. */
  deliveries: number;
  /** It comes from another workspace (Slack), and must have no effect. */
  foreign: boolean;
  /** Takes over, closes the form and goes away: the claim stays. */
  leaves?: true;
}

export interface QuestionScript {
  /** Stands on its card and nowhere else. */
  marker: string;
  acts: ActScript[];
  /** Somebody is late: presses an old card when all is decided. */
  late: ActScript | null;
  /** Somebody presses *Try again*, where it is offered. */
  retries: boolean;
}

export const wrongClocks = ['ahead', 'behind', 'no zone', 'microseconds', 'no time-out'] as const;
export type WrongClock = (typeof wrongClocks)[number];

export interface PauseScript {
  kind: Kind;
  /** How the bot learns of it. */
  way: 'ingest' | 'gateway' | 'poll' | 'ask';
  at: number;
  /** Two of an await are answered together; two of HookPulse come one after the other; two approvals share one stream. */
  questions: QuestionScript[];
  /** How often its sender sends it, when all goes well. */
  deliveries: number;
  /** Its signature or its age is wrong: it must never be seen. */
  forged: 'signature' | 'stale' | null;
  dashboard: { action: Action; at: number } | null;
  /** Of the inbox: the outcome is posted to its asker. */
  callback: boolean;
  /** How its backend's clock is off, where the bot can't know it from the stream; null: it is right. */
  clock: WrongClock | null;
  /** Of a saved agent with a conversation: its events can be read again after a lost answer. */
  saved: boolean;
}

export interface RoundScript {
  name: string;
  seed: string;
  pauses: PauseScript[];
  faults: { name: FaultName; at: number }[];
  kills: KillScript[];
}

export function scriptOf(seed: string, name: string, options: ScriptOptions): RoundScript {
  const random = createRandom(`${seed}:${name}`);
  const marker = markers(name);
  const count = options.small ? 3 : random.int(4, 6);
  const callbacks = options.points?.filter(({ point }) => point.startsWith('callback.')) ?? [];
  const wanted = callbacks.map(() => pauseOf(random, marker, options, 'inbox'));
  const pauses = [...wanted, ...Array.from({ length: count }, () => pauseOf(random, marker, options))];
  for (const pause of pauses.slice(0, 1 + (options.points?.length ?? -1))) ensurePressed(pause);
  const faults = options.calm
    ? []
    : withoutFalseTooLate(withoutSecondRefusal(random.sample(faultNames, random.int(0, 4)))).map((fault) => ({
        name: fault,
        at: random.int(0, BUSY_MS),
      }));
  const kills = killsOf(random, options);
  const { replicas = 1 } = options;
  if (replicas === 1) return { name, seed, pauses, faults, kills };
  // Chance of its own, so that the rest of a round is the same for any number of replicas.
  return { name, seed, pauses, faults, kills: amongReplicas(createRandom(`${seed}:${name}:replicas`), kills, options) };
}

/** Short words that no text of ours contains, and no platform's markup breaks. */
function markers(name: string): () => string {
  let count = 0;
  return () => {
    count += 1;
    return `QX${name.replace(/\W/g, 'z')}Q${count}X`;
  };
}

/** How often two questions come at once. */
const pairs: Record<Kind, number> = { approval: 0.25, await: 0.4, hookpulse: 0.4, sonzai: 0, inbox: 0 };

function pauseOf(random: Random, marker: () => string, { own }: ScriptOptions, only?: Kind): PauseScript {
  const kind: Kind = only ?? random.weighted({ approval: 4, await: 2, sonzai: 3, hookpulse: 2, inbox: 2 });
  const questions = random.chance(pairs[kind]) ? 2 : 1;
  const ways = { approval: 'ingest', await: 'ingest', sonzai: 'poll', hookpulse: 'poll', inbox: 'ask' } as const;
  const runtype = kind === 'approval' || kind === 'await';
  const way = runtype && random.chance(0.3) ? 'gateway' : ways[kind];
  const forged = way === 'ingest' && random.chance(0.07) ? random.pick(['signature', 'stale'] as const) : null;
  const actions: readonly Action[] = kind === 'hookpulse' ? ['approve', 'reject'] : ['approve', 'reject', 'take_over'];
  const outside = (kind === 'sonzai' || kind === 'hookpulse') && questions === 1 && random.chance(0.15);
  return {
    kind,
    way,
    at: random.int(0, 500),
    questions: Array.from({ length: questions }, (_, index) => {
      // What is sent together is only sent once all of it is decided; a later step only comes after an approval.
      const must = questions > 1 && kind !== 'approval';
      const allowed = kind === 'hookpulse' && must && index === 0 ? (['approve'] as const) : actions;
      return questionOf(random, marker(), allowed, must);
    }),
    deliveries: random.chance(0.3) ? random.int(2, 4) : 1,
    forged,
    dashboard: outside ? { action: random.pick(actions), at: random.int(0, BUSY_MS) } : null,
    callback: kind === 'inbox' && own && (only !== undefined || random.chance(0.6)),
    clock: way === 'ingest' && random.chance(0.3) ? random.pick(wrongClocks) : null,
    saved: way === 'gateway' && random.chance(0.4),
  };
}

function questionOf(random: Random, marker: string, actions: readonly Action[], must: boolean): QuestionScript {
  const how = random.weighted({ nobody: must ? 0 : 2, one: 5, race: 4 });
  const at = random.int(0, 500);
  const people = random.sample(reviewers, how === 'nobody' ? 0 : how === 'one' ? 1 : random.int(2, 4));
  const act = (person: PersonKey, afterMs: number): ActScript => ({
    person,
    platform: random.pick(['slack', 'discord'] as const),
    action: random.pick(actions),
    afterMs,
    deliveries: random.chance(0.25) ? random.int(2, 3) : 1,
    foreign: false,
  });
  const acts = people.map((person) => act(person, at + random.int(0, 20)));
  if (random.chance(0.2)) acts.push(act('kit', random.int(0, 300)));
  if (random.chance(0.08)) {
    acts.push({ ...act(random.pick(reviewers), random.int(0, 300)), platform: 'slack', foreign: true });
  }
  // Before the others come to it.
  const others = reviewers.filter((one) => acts.every(({ person }) => person !== one));
  if (actions.includes('take_over') && random.chance(must ? 0.25 : 0.06) && others.length > 0) {
    acts.push({ ...act(random.pick(others), 0), action: 'take_over', leaves: true });
  }
  const late = random.chance(0.3) ? act(random.pick([...reviewers, 'kit'] as const), 0) : null;
  return { marker, acts, late, retries: random.chance(0.5) };
}

function ensurePressed(pause: PauseScript): void {
  pause.forged = null;
  for (const { acts } of pause.questions) {
    const deciding = acts.filter(({ leaves }) => leaves !== true);
    acts.splice(0, acts.length, ...deciding);
    if (acts.some(({ person, foreign }) => person !== 'kit' && !foreign)) continue;
    acts.push({ person: 'dana', platform: 'slack', action: 'approve', afterMs: 100, deliveries: 1, foreign: false });
  }
}
