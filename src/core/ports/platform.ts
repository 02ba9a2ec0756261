/** What a platform is, to everybody else: where cards stand, and where presses come from. */

import type { Place, Receipt } from '../approval/approval.ts';
import type { Person } from '../approval/person.ts';
import type { Filled } from '../form/form.ts';
import type { ButtonId } from '../view/button-id.ts';
import type { Card } from '../view/card.ts';
import type { Details } from '../view/cards/details.ts';
import type { Command, CommandAnswer } from '../view/command.ts';
import type { Form } from '../view/forms/decision-form.ts';
import type { ListQuery } from '../view/list-query.ts';
import type { PendingList } from '../view/lists/pending-list.ts';
import type { HttpMount } from './http.ts';

/** Somebody used a button or sent in its form. */
export interface Press extends Person {
  /** The platform's id of this press: the same one when it is delivered twice. */
  id: string;
  platform: string;
  buttonId: ButtonId;
  /**
   * Null from a button; from a form what the person filled in. Where `aim` names a page, that page of it: what was filled
   * in is then kept between the pages.
   */
  form: Filled | null;
}

/**
 * How a press is answered, first thing. `accepted` is silent: the cards say the rest. `invalid`: nothing is decided, for
 * these fields are wrong (words by key). `next`: this page was taken, and others follow.
 */
export type PressAnswer =
  | { type: 'accepted' }
  | { type: 'refused'; text: string }
  /** It was recorded, at least in part, and this is for its person to know. */
  | { type: 'told'; text: string }
  | { type: 'form'; form: Form }
  | { type: 'invalid'; form: Form; errors: Readonly<Record<string, string>> }
  | { type: 'next'; form: Form }
  /** The whole story, privately. */
  | { type: 'details'; view: DetailsView }
  /** It came from a list, which takes the place of the one that was pressed. `refused`: why it changed nothing. */
  | { type: 'list'; list: PendingList; refused: string | null };

/** What is looked at, and where in it. A platform makes as many pages of it as its limits ask for. */
export interface DetailsView {
  approvalId: string;
  details: Details;
  /** From 0; beyond the last page is the last page. */
  page: number;
}

/** Who takes what people do. Resolving means: it is committed; rejecting: nothing was recorded. */
export interface Handlers {
  onPress(press: Press): Promise<PressAnswer>;
  onCommand(command: Command): Promise<CommandAnswer>;
  /** What waits, for one person; nothing is changed by it. */
  onList(look: Look): Promise<PendingList>;
  /** Somebody opened their home tab, or turned a page of it; it is drawn by `Platform.showHome`. */
  onHome(look: Look): Promise<void>;
}

/** Somebody wants to see what waits. */
export interface Look {
  who: Person;
  query: ListQuery;
}

/** All that belongs to one run, beneath its first card. */
export interface Thread {
  root: Receipt;
  /** What the first card is about, for platforms where a thread has a name. */
  title: string;
}

/** A post whose earlier try may have arrived. */
export interface Sought {
  place: Place;
  thread: Thread | null;
  /** As it would be posted now. */
  card: Card;
  /** As every try of it had. */
  key: string;
  /** Whose buttons it may carry; null for what never has any. */
  approvalId: string | null;
  /** When the first of those tries began, ms since 1970 by our own clock. */
  since: number;
  /** The message that stands for it, where one does: then only what is surely another copy of it is wanted. */
  receipt: Receipt | null;
  /** What is not found is not posted again, so that a key that would bring it back then is no help. */
  last: boolean;
}

/** Steady speed, and how many may come at once before it holds. */
export interface Pace {
  everyMs: number;
  burst: number;
}

export interface Platform {
  readonly name: string;
  /** Of new messages in one room; absent where the platform itself says it as it goes. */
  readonly pace?: Pace;
  /** Connects; what can't be parsed into a press or a command of ours never reaches the handlers. */
  start(handlers: Handlers): Promise<void>;
  /**
   * Posts a new message; in `thread` where that is given, opening it if need be.
   * @param key the same for every try of this post, so that a platform that can will refuse the second
   * @throws PlatformError
   */
  post(place: Place, thread: Thread | null, card: Card, key: string, signal: AbortSignal): Promise<Receipt>;
  /** @throws PlatformError */
  update(receipt: Receipt, card: Card, signal: AbortSignal): Promise<void>;
  /**
   * What earlier tries of a post have left in the room, oldest first. Null: it can't be looked for, for want of a right.
   * Absent where a second post with the same key never makes a second message.
   * @throws PlatformError
   */
  find?(sought: Sought, signal: AbortSignal): Promise<readonly Receipt[] | null>;
  /** Takes a message of ours away; one that has gone already will do. Comes with `find`. @throws PlatformError */
  remove?(receipt: Receipt, signal: AbortSignal): Promise<void>;
  /** The members of a group of reviewers, by user id. Absent where presses bring their roles along. */
  members?(group: string, signal: AbortSignal): Promise<readonly string[]>;
  /** Draws what waits in one person's home tab. Absent where there is none. @throws PlatformError */
  showHome?(userId: string, list: PendingList, signal: AbortSignal): Promise<void>;
  /** What it serves over HTTP: presses, where the platform sends them so. */
  readonly http?: readonly HttpMount[];
  /** Says whether cards can be posted here now. @throws PlatformError that says what to do */
  check(signal: AbortSignal): Promise<void>;
  stop(): Promise<void>;
}
