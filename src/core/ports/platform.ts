/**
 * The port of a chat platform: it posts cards and delivers presses.
 * Tested in test/contract/platforms.test.ts.
 */

import type { Actor } from '../approval/parts/decision.ts';
import type { Place, Receipt, Slot } from '../approval/parts/slot.ts';
import type { Person } from '../approval/person.ts';
import type { Filled } from '../form/form.ts';
import type { Reviewer } from '../policy/reviewers.ts';
import type { ButtonId } from '../view/button-id.ts';
import type { Card } from '../view/card.ts';
import type { Command, CommandAnswer } from '../view/command.ts';
import type { DetailsView } from '../view/details/view.ts';
import type { Form } from '../view/forms/decision-form.ts';
import type { ListQuery } from '../view/list-query.ts';
import type { PendingList } from '../view/lists/pending-list.ts';
import type { Checkup, Wanted } from './doctor/checkup.ts';
import type { HttpMount } from './http.ts';

/** A person pressed a button or submitted its form. */
export interface Press extends Person {
  /** The platform’s id of this press: the same for a repeated delivery. */
  id: string;
  platform: string;
  buttonId: ButtonId;
  /**
   * Null from a button; from a form what the person filled in. If `buttonId` names a page, only that page: the engine
   * saves the pages before it.
   */
  form: Filled | null;
  /** The claim that the modal of this press holds already: its form replaces what the modal shows. Absent: none. */
  claimForm?: string;
  /** A program that has read the whole request over HTTP: it has no card to look at. Absent: a person. */
  readWhole?: true;
}

/** What was claimed for a form that is about to open. */
export interface FormClaim {
  /** Identifies the form: `Handlers.onFormClosed` says it again. */
  form: string;
  /** When the claim ends without it, ms since 1970. */
  until: number;
}

/** A form that a claim was made for was closed without being sent. */
export interface ClosedForm {
  approvalId: string;
  actor: Actor;
  /** As in `FormClaim`. */
  form: string;
}

/**
 * The immediate answer to a press. `accepted` is silent: the cards show the rest. `invalid`: nothing was decided, because
 * these fields are wrong (errors by key). `next`: this page was saved, and another one follows.
 */
export type PressAnswer =
  | { type: 'accepted' }
  /** `isStopped`: only because everything is stopped; the same press counts after the start. */
  | { type: 'refused'; text: string; isStopped?: true }
  /** Recorded, at least in part; the person is shown this text. */
  | { type: 'notified'; text: string }
  /** `claim`: it ends when the form is closed unsent, where the platform tells that. */
  | { type: 'form'; form: Form; claim?: FormClaim }
  | { type: 'invalid'; form: Form; errors: Readonly<Record<string, string>> }
  | { type: 'next'; form: Form }
  /** All details, shown privately. */
  | { type: 'details'; view: DetailsView }
  /** Replaces the list that was pressed. `refused`: why the press changed nothing. */
  | { type: 'list'; list: PendingList; refused: string | null };

/** Why a press is not one of ours. `unreadable`: no button of ours says this; it is made up, or of another version. */
export type ForeignReason = 'application' | 'workspace' | 'message' | 'unverified' | 'unreadable';

/** A press that its adapter refused. All of it is what the payload says. */
export interface ForeignPress {
  actor: Actor;
  why: ForeignReason;
  /** Null where no button of ours could be read. */
  buttonId: ButtonId | null;
}

/** Receives what people do. Resolves when it is committed; rejects when nothing was recorded. */
export interface Handlers {
  onPress(press: Press): Promise<PressAnswer>;
  /** The form that this press was answered with can't be shown, or may not be: what was claimed for it is free again. */
  onFormNotShown(press: Press): Promise<void>;
  /** A form was closed unsent: what was claimed for it is free again. Never rejects. */
  onFormClosed(closed: ClosedForm): Promise<void>;
  /** Records a press that was refused because it is not ours. Never rejects. */
  onForeignPress(press: ForeignPress): Promise<void>;
  onCommand(command: Command): Promise<CommandAnswer>;
  /** Returns a person’s pending approvals. Changes nothing. */
  onList(request: ListRequest): Promise<PendingList>;
  /** A person opened their home tab or turned its page. `Platform.showHome` then draws it. */
  onHome(request: ListRequest): Promise<void>;
}

/** A person wants to see pending approvals. */
export interface ListRequest {
  who: Person;
  query: ListQuery;
}

/** The thread of a run, below its first card. */
export interface Thread {
  root: Receipt;
  /** Title of the first card, for platforms where a thread has a name. */
  title: string;
}

/** A posted message. `inThread` as in `Slot`: `folded` where its room does not show it; absent in the room itself. */
export interface Posted extends Receipt {
  inThread?: NonNullable<Slot['inThread']>;
  /** The thread that its place names is gone, so it is in the room that had it. Default: no. */
  isAstray?: boolean;
}

/** A post of which an earlier attempt may have arrived. */
export interface FindQuery {
  place: Place;
  thread: Thread | null;
  /** The card as it would be posted now. */
  card: Card;
  /** The key of every attempt. */
  key: string;
  /** The approval of its buttons; null for a message without buttons. */
  approvalId: string | null;
  /** Start of the first attempt, ms since 1970 by our clock. */
  since: number;
  /** The known message of this card, if there is one: then only certain copies of it are returned. */
  receipt: Receipt | null;
  /** The card is not posted again if it is not found, so a repeated key can’t return the first message. */
  last: boolean;
}

/** How fast new messages may be posted: one every so many ms, with a burst. */
export interface PostRate {
  everyMs: number;
  burst: number;
}

/** How many edits are allowed in any time of this length, in all rooms together. */
export interface EditRate {
  calls: number;
  withinMs: number;
}

/**
 * Edits of a pressed message by what came with its newest press, which `editRate` does not count. Only in the memory of this
 * process, and only for a while.
 */
export interface PressEdits {
  /** Whether any message can be edited so. */
  readonly some: boolean;
  /** When this message can be edited so, ms from now; null: it can't. */
  msUntil(receipt: Receipt): number | null;
  /**
   * As `Platform.update`. That the message was deleted may go unnoticed. After an error this message can't be edited so, until
   * it is pressed again. @throws PlatformError
   */
  update(receipt: Receipt, card: Card, signal: AbortSignal): Promise<void>;
}

/** What is wrong with a room. */
export interface RoomProblem {
  /** What it is, and what to do: the next two in one line, for the log. */
  message: string;
  what: string;
  remedy: string;
  /** It can't take a card until a person has changed that. */
  closed: boolean;
}

export interface Platform {
  readonly name: string;
  /** In one room; absent if the platform’s answers contain its limits. */
  readonly postRate?: PostRate;
  /** Absent if the platform’s answers contain its limits. */
  readonly editRate?: EditRate;
  /** It can’t show a thread’s message in the room, too. */
  readonly foldsThreads?: boolean;
  /** Connects. What can’t be parsed into a press or a command never reaches the handlers. */
  start(handlers: Handlers): Promise<void>;
  /**
   * Posts a new message, in `thread` if given, which is opened if needed.
   * @param key the same for every attempt of this post: a platform that supports it returns the first message
   * @throws PlatformError
   */
  post(place: Place, thread: Thread | null, card: Card, key: string, signal: AbortSignal): Promise<Posted>;
  /** @throws PlatformError */
  update(receipt: Receipt, card: Card, signal: AbortSignal): Promise<void>;
  /** Absent where a press allows no edit, or where such edits are limited as all others. */
  readonly pressEdits?: PressEdits;
  /** What an update would send for this card, to compare. Absent: the cards are compared. */
  render?(card: Card): unknown;
  /** Checks that a message was not deleted, without changing it. Absent where that can't be asked. @throws PlatformError */
  verify?(receipt: Receipt, signal: AbortSignal): Promise<void>;
  /**
   * The messages that earlier attempts of a post left in the room, oldest first. Null if the bot may not read the room.
   * Absent if a second post with the same key never makes a second message.
   * @throws PlatformError
   */
  find?(query: FindQuery, signal: AbortSignal): Promise<readonly Posted[] | null>;
  /** Removes one of our messages; does nothing if it was deleted. Present with `find`. @throws PlatformError */
  remove?(receipt: Receipt, signal: AbortSignal): Promise<void>;
  /**
   * What the operator has to know of a room before its first card: it is archived, not joined, or shared with others.
   * Absent where `check` says all of it. @throws PlatformError
   */
  inspect?(room: string, signal: AbortSignal): Promise<readonly RoomProblem[]>;
  /** User ids of the members of a group. Absent if presses carry the roles. @throws PlatformError */
  members?(group: string, signal: AbortSignal): Promise<readonly string[]>;
  /**
   * The name that clients show for a person; null if there is no such person. Absent if presses carry it.
   * @throws PlatformError
   */
  nameOf?(userId: string, signal: AbortSignal): Promise<string | null>;
  /**
   * The name that clients show for a group, a role, or a person whose name `nameOf` does not give; null if there is no such
   * one. For those who may decide. Absent: there are no such names. @throws PlatformError
   */
  labelOf?(who: Pick<Reviewer, 'kind' | 'id'>, signal: AbortSignal): Promise<string | null>;
  /**
   * Whether a person can read what is posted in a room now; their roles are those that came with what they did. From a
   * cache of at most a few minutes; bounded in its calls. @throws PlatformError where that can't be checked
   */
  canRead(who: Person, room: string, signal: AbortSignal): Promise<boolean>;
  /** The address of one of our messages, for people who may open it there. Absent or null: there is none. */
  linkTo?(receipt: Receipt): string | null;
  /** Draws a person’s home tab. Absent if the platform has none. @throws PlatformError */
  showHome?(userId: string, list: PendingList, signal: AbortSignal): Promise<void>;
  /** The names of the runs that a command can start are others now. Absent where it does not offer them. */
  runsChanged?(names: readonly string[]): void;
  /** HTTP paths, if the platform sends presses over HTTP. */
  readonly http?: readonly HttpMount[];
  /** For the doctor, also without a start: what can be looked at here. */
  checkups?(wanted: Wanted): readonly Checkup[];
  /** Checks that cards can be posted now. @throws PlatformError that says what to do */
  check(signal: AbortSignal): Promise<void>;
  stop(): Promise<void>;
}
