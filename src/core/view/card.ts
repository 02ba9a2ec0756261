import type { Actor } from '../approval/parts/decision.ts';
import type { Action } from '../approval/pause/pause.ts';
import type { Grant, GrantEnd } from '../policy/grants/grant.ts';
import type { Stop } from '../policy/operators/stop.ts';
import type { Reviewer } from '../policy/reviewers.ts';
import type { SharedAction } from './button-id.ts';

/** A moment, to be shown in the reader's own time zone. */
export interface Moment {
  /** ms since 1970 */
  at: number;
  /** `relative`: "in 4 minutes", live where the platform can. `time`: of day. `exact`: date and time of day. */
  style: 'relative' | 'time' | 'exact';
  /** Of a deadline: ms after it was asked. A platform that can’t count down says that too, because it stays true. */
  afterAsked?: number;
}

/** A person who did something; `people.ts` says how they are drawn. */
export interface NamedPerson {
  person: Actor;
  /** Where a name is drawn, it is drawn bold. Default: no. */
  strong?: boolean;
}

/** A line of running text; a renderer escapes every string in it. */
export type Span = string | { strong: string } | { code: string } | NamedPerson | Moment;
export type Line = readonly Span[];
/** In which no person is left: `withNames` of `people.ts`. */
export type PlainSpan = Exclude<Span, NamedPerson>;

/** Never distinguished by colour alone: each has its own text and sign. */
export type Tone = 'open' | 'danger' | 'claimed' | 'pending' | 'good' | 'rejected' | 'bad' | 'neutral' | 'warning';

/** Says in one character what the colour says; the same in every room, and each sign for one thing only. */
export const signs: Record<Tone, string> = {
  /** It waits for a person. */
  open: '⏳',
  /** It waits for a person, and approving it does harm. */
  danger: '🛑',
  /** It waits for the person who has claimed it. */
  claimed: '🔒',
  /** On its way, or running. */
  pending: '📤',
  /** Carried out. */
  good: '✅',
  /** A person said no. */
  rejected: '⛔',
  /** It was to be carried out, and failed. */
  bad: '❌',
  /** It ended, and nothing was carried out. */
  neutral: '⚪',
  /** Something has to be known or checked. */
  warning: '⚠️',
};

/** The end of a sentence, in our own words, without its full stop. What others wrote is in it as code only. */
export type Clause = Line;

/** What the wire of a backend makes of each decision. An action without a clause is left out of the card. */
export interface Consequences extends Partial<Record<Action, Clause>> {
  /** If no one decides: in time, or, where no deadline is known, at all. Null: said elsewhere. */
  silence: Clause | null;
}

export interface Decider extends Reviewer {
  /** As clients show it; null: not known. */
  name: string | null;
}

/** Who may decide one approval, as it is read on one platform. */
export interface Deciders {
  all: readonly Decider[];
  /** Whose signature would be a step further. Absent: no one has signed, or one person is enough. */
  next?: readonly Decider[];
  /** Where it is read: its own people come first. */
  platform: string;
  /** The setting that names them. */
  setting: string;
  /** Why some of those whom it names can't decide now, in a sentence each. Default: all can. */
  notes?: readonly string[];
}

/** The standing answer that was given from a settled card, and the one that can be. */
export interface GrantOnCard {
  /** `end` null: it is in force. */
  given: (Pick<Grant, 'by' | 'until' | 'used' | 'uses'> & { end: GrantEnd | null }) | null;
  offer: { forMs: number } | null;
}

/** What a card shows that is not in its approval: drawn, never stored, so a new wording changes no fingerprint. */
export interface CardContext {
  /** The backend's name for people. */
  backend: string;
  /** What the card does not show is read before it is approved. Default: yes. */
  readFirst?: boolean | undefined;
  /** What each decision leads to, as its backend says. Absent: the card does not say. */
  consequences?: Consequences | undefined;
  /** Who may decide. Absent: the card does not say. */
  deciders?: Deciders | undefined;
  /** Of a settled card. Null or absent: none was given, and none can be. */
  grant?: GrantOnCard | null | undefined;
  /** An operator has stopped everything. Null or absent: it runs. */
  stop?: Stop | null | undefined;
}

export interface Button {
  /** What the press carries, `button-id.ts`. */
  id: string;
  action: Action | 'retry' | 'details' | 'hand_back' | 'unsign' | 'grant' | 'end_grant' | SharedAction;
  label: string;
  style: 'primary' | 'danger' | 'plain';
}

/** A person, group or role that a new message mentions, by the platform's own ID. */
export interface Ping {
  kind: 'user' | 'group' | 'role';
  id: string;
}

/** What another party wrote: a renderer sets it apart from our own text, and nothing in it can leave the quote. */
export interface Quote {
  /** Who wrote it, without a colon: `The tool’s author writes`. */
  author: string;
  text: string;
}

/**
 * The message, free of any platform. Block Kit and Discord components are renderings of it. Every text is already
 * masked, made visible and cut; the lengths below fit both platforms, so that both rooms read the same.
 */
export interface Card {
  tone: Tone;
  title: string;
  /** One plain sentence for notifications and screen readers. */
  summary: string;
  status: Line;
  /** That it is dangerous, and what *Approve* then asks. Absent: it is not. */
  danger?: string;
  /** What else waits in the card's thread. Absent: nothing. */
  more?: string;
  /** Who asks, and for what. */
  asker: Line | null;
  /** What others wrote of it, the most important first. */
  quotes: readonly Quote[];
  /** The parameters, or the run's result: shown as code, letter by letter. */
  body: { label: string; text: string } | null;
  /** What is missing or masked in what is shown. */
  cautions: readonly string[];
  /** What is new about it, as facts of the history. Absent: nothing, or not known. */
  news?: readonly Line[];
  /** What follows each decision, and none: a sentence each. Absent: nothing waits, or it is not known. */
  consequences?: readonly Line[];
  /** Who may decide it. `key` is the same for the same people, whatever they are called. Absent as above. */
  deciders?: { text: string; key: string };
  /** What the deciding person wrote. */
  remark: { label: string; text: string } | null;
  /** Further lines, small. */
  footer: readonly Line[];
  buttons: readonly Button[];
  /** Whom a post mentions; an update mentions no one. Absent: no one. */
  pings?: readonly Ping[];
  /**
   * A message in a thread is shown in the room, too, so that it is not missed, where the platform can do that. `new`: when it
   * is posted; `always`: after an edit as well. Absent: in the thread only.
   */
  broadcast?: 'new' | 'always';
  /** A note for the room: a platform that can't broadcast posts it there, as a reply to the first card. Absent: no. */
  inRoom?: true;
}
