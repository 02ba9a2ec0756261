/**
 * What can happen to an approval, and what the machine answers.
 * Tested in test/core/approval/steps/step.test.ts.
 */
import type { SentAs } from '../form/output.ts';
import type { Approval, Continuation, SharedName } from './approval.ts';
import type { ClaimAhead } from './parts/claim.ts';
import type { Actor, Decision, DecisionKey } from './parts/decision.ts';
import type { Novelty } from './parts/novelty.ts';
import type { Requirement, Timing } from './parts/requirement.ts';
import type { EarlierSigner, Signing } from './parts/signature.ts';
import type { DigestMark, Place, Receipt, Refused, Slot } from './parts/slot.ts';
import type { Action, Pause } from './pause/pause.ts';
import type { GivenReason } from './reason.ts';
import type { UnfollowedReason } from './unfollowed.ts';

/** Whether the actor may do this, as the policy said when the press came in. `unverified`: a look-up failed. */
export type Right = 'allowed' | 'denied' | 'unverified';

/**
 * How a call that carried the decision ended; `steps/sent.ts` says what follows. `reason`: what the backend said, or a code of ours where the
 * call was not the bot's own. `following`: the rest of the run is being read.
 */
export type SendResult<Said extends GivenReason = string> =
  | { type: 'recorded'; following: boolean }
  /**
   * A decision is already in force; `verdict`: which, where the backend says so. `timeout`: it expired. `other`: in a word of
   * the backend's own, which is neither yes nor no.
   */
  | { type: 'already'; verdict: Action | 'timeout' | 'other' | null; reason: Said; following?: boolean }
  | { type: 'gone'; reason: Said }
  | { type: 'refused'; reason: Said }
  /** Not arrived. */
  | { type: 'unsent'; reason: Said }
  /** Sent; it is unknown whether it arrived. */
  | { type: 'ambiguous'; reason: Said; following?: boolean };

/** So many approvals of one source may be unsettled at once. */
export interface SourceLimit {
  id: string;
  max: number;
}

/** Signed ingest says it: it counts only for what nothing but ingest has announced. Absent: we have seen it ourselves. */
export type SaidVia = 'ingest' | undefined;

export type Input =
  | {
      type: 'announced';
      id: string;
      pause: Pause;
      fingerprint: string;
      /**
       * Of the same question with the other verbs that an await can have: what is known by it keeps its verbs, whatever a
       * setting, or an earlier version, makes of its tool. Default: there are no others.
       */
      otherVerbs?: string;
      via: Approval['via'];
      streamOpen: boolean;
      recurs: boolean;
      places: readonly Place[];
      /** Approving it asks for a confirmation. Default: no. */
      confirm?: boolean;
      /** So long after it was asked people are reminded, ms, rising. Default: never. */
      remindAfter?: readonly number[];
      /** Read again from a kept stream, so it may have been asked long ago. Default: no. */
      readAgain?: boolean;
      /** Asked again after a call whose answer was lost: if it was the only one, none arrived. Default: not known. */
      afterCall?: boolean;
      /** Names that another open approval has with another ID. Default: none. */
      sharedNames?: readonly SharedName[];
      /** Read right before the decision was to be sent, which it was not. Default: no. */
      beforeSending?: boolean;
      /** What a decision takes. Default: one person whom the policy allows. */
      requirement?: Requirement;
      /** What time does to it. The step counts from when it was asked, and fills `requirement` with it. Default: nothing. */
      timing?: Timing;
      /** Rules that only watch and would have applied, for the audit log. Default: none. */
      watched?: readonly string[];
      /** What is new about it. Default: not known. */
      novelty?: Novelty;
      /** For whom it counts, and how many of theirs may be unsettled at once. Default: it counts for no one. */
      source?: SourceLimit;
    }
  /** Another open approval has these names with another ID. */
  | { type: 'names_shared'; names: readonly SharedName[] }
  /** A person starts a run, which the pause represents. */
  | {
      type: 'started';
      id: string;
      pause: Pause;
      fingerprint: string;
      actor: Actor;
      text: string | null;
      right: Right;
      places: readonly Place[];
    }
  /** Something can have no card, which the pause of kind `note` represents. */
  | {
      type: 'noted';
      id: string;
      pause: Pause;
      why: UnfollowedReason;
      fingerprint: string;
      places: readonly Place[];
      via?: SaidVia;
    }
  | { type: 'stream_ended' }
  /** Its turn came, and so many others of its group are still undecided. `claims`: of those. Default: none. */
  | { type: 'waiting'; others: number; claims?: readonly ClaimAhead[] }
  /**
   * `confirmed`: they have said yes to it twice. `unread`: it approves, the card did not show all of it, and this person
   * has not read the rest.
   */
  | {
      type: 'pressed';
      action: Action;
      actor: Actor;
      text: string | null;
      /** How an output is sent. Absent: as earlier versions did. */
      sentAs?: SentAs;
      fingerprint: string;
      right: Right;
      /** Where the approval has a requirement. Default: this person belongs to no group, and none was signed before. */
      signing?: Signing;
      confirmed?: boolean;
      unread?: boolean;
    }
  /**
   * It is decided as it is announced: by its rule, whose name `actor` has, or by a person's standing answer.
   * `standing`: of the latter.
   */
  | {
      type: 'stood';
      action: 'approve' | 'reject';
      actor: Actor;
      fingerprint: string;
      standing?: NonNullable<Decision['standing']>;
      /** Where its card goes then. Default: where it goes anyway. */
      places?: readonly Place[];
    }
  /** A person takes their signature back. */
  | { type: 'unsigned'; actor: Actor; signing?: Pick<Signing, 'earlier'> }
  /**
   * The policy has been loaded again. `requirement`: in place of one by which nobody may decide. `earlier`: who has signed, as
   * this policy has them; default: not asked.
   */
  | {
      type: 'policy_changed';
      requirement?: Requirement;
      timing?: Timing;
      earlier?: readonly EarlierSigner[];
      /** What is shown of it, and what was shown before: with more of it masked. Default: as it is. */
      masked?: Pick<Approval, 'pause' | 'previous'>;
      /** With a new requirement: rooms that get the card, too, and the other rules of an announcement. */
      places?: readonly Place[];
      confirm?: boolean;
      remindAfter?: readonly number[];
    }
  /** What every card says has changed, such as that everything is stopped. Changes nothing. */
  | { type: 'redrawn' }
  /** A person allows the same again, without a press, until then, and so often. Changes nothing. */
  | { type: 'granted'; actor: Actor; right: Right; uses: number; until: number }
  /**
   * Of the standing answer that was given from its card: it was used for another approval, or has ended. `actor`: the person
   * who ended it, or null. Changes nothing.
   */
  | { type: 'grant_changed'; actor: Actor | null; what: 'used' | 'ended'; facts: Record<string, string | number> }
  /** A person opened *Details*, which shows what the card of this fingerprint does not. Changes nothing. */
  | { type: 'read'; actor: Actor; fingerprint: string }
  /** A person asks to see a masked value in private. `mask`: which one, `path`: where it is. Changes nothing. */
  | { type: 'revealed'; actor: Actor; fingerprint: string; mask: string; path: string; right: Right }
  /** Its adapter refused a press: of a stranger, of another application, made up. Changes nothing. */
  | { type: 'foreign_press'; actor: Actor; why: string; action: string | null }
  /** A person opened the details of a digest with it. Changes nothing. */
  | { type: 'digest_read'; actor: Actor; digest: string }
  /** `ifNotArrived`: not where an earlier call may have arrived. Default: also there, as the person takes it on. */
  | { type: 'retried'; actor: Actor; right: Right; ifNotArrived?: true }
  /**
   * A person claims it: only they decide until `until`, ms since 1970. `press`: the claim is for its form, and ends when
   * that is closed. Absent: the claim is kept to do the work.
   */
  | { type: 'held'; actor: Actor; fingerprint: string; until: number; right: Right; press?: string }
  /**
   * A person releases it. `waited`: a decided question of its group waits for it, so that others than the holder may end
   * the claim. `right`: theirs to decide it. `shown`: the mark of the claim that their button named.
   */
  | { type: 'handed_back'; actor: Actor; waited?: { right: Right; shown: string } }
  /** The form of this press can't be shown: the claim that was made for it ends. */
  | { type: 'form_not_shown'; actor: Actor; press: string }
  /** The person closed the form of this press without sending it: so does the claim that was made for it. */
  | { type: 'form_closed'; actor: Actor; press: string }
  /** The claim may have ended. */
  | { type: 'hold_ended' }
  /** The backend's deadline may have passed. */
  | { type: 'deadline_passed' }
  /** It may be time to remind people. `direct`: in these direct messages, in place of the threads. Default: none. */
  | { type: 'reminder_due'; direct?: readonly Place[] }
  /** It may be time to turn to further people. `mention`, `rooms`: to whom and where, for the audit log. */
  | { type: 'escalation_due'; mention: readonly string[]; rooms: readonly string[] }
  /**
   * The application decides by its own call through the gateway; that call is forwarded once this is committed. Not a
   * person's claim, which is `held`: rows of the audit log keep both names. `by`: the replica that forwards it; default: the
   * only one.
   */
  | { type: 'claimed'; action: Action; actor: Actor; text: string | null; by?: string }
  /** The application's own decision was refused, because applications may not decide here. Changes nothing. */
  | { type: 'forbidden'; action: Action | null; actor: Actor; runId: string | null }
  /**
   * A call with the decision is about to leave. `resendable`: the backend is known to refuse a second decision. `by`: the
   * replica that sends it; default: the only one. `unsent`: where it is marked by this process already, no call followed.
   */
  | { type: 'sending'; resendable: boolean; by?: string; unsent?: boolean }
  /**
   * After a start: what is owed and may have no job any more is asked for again. `confirm`: as the settings have it now.
   * `redraw`: whether something else is drawn now, or may be; default: yes.
   */
  | { type: 'recovered'; confirm?: boolean; redraw?: boolean }
  /**
   * This is a copy of the database: the original may have gone on. `listed`: its backend is asked what is pending.
   * `waits`: for others of its group, who are still undecided.
   */
  | { type: 'restored'; resendable: boolean; listed: boolean; waits: boolean; reason: GivenReason }
  /**
   * `last`: nothing will try again automatically. `late`: the answer says so after the call counted as recorded, or as
   * unconfirmed. `endSeen`: another card of the run says how the run ended. Default of both: no. `of`: the decision that
   * the call carried; default: the one that is in force. `by`: the replica whose call it was; default: the only one.
   */
  | {
      type: 'sent';
      result: SendResult<GivenReason>;
      resendable: boolean;
      last: boolean;
      late?: boolean;
      endSeen?: boolean;
      of?: DecisionKey;
      by?: string;
    }
  /**
   * The backend says that the pause was decided, by us or by somebody else. `completed`: nothing says so, but its call is
   * over. Default: no.
   */
  | {
      type: 'resolved';
      verdict: Action | 'timeout' | null;
      reason: GivenReason | null;
      completed?: boolean;
      via?: SaidVia;
    }
  | { type: 'cancelled'; reason: GivenReason; via?: SaidVia }
  /** Its asker no longer waits for a decision. */
  | { type: 'withdrawn' }
  /** Its asker reads the decision. */
  | { type: 'fetched' }
  /** The time that its asker or the policy gave may be over. `end`: what the policy does then, for the audit log. */
  | { type: 'time_ended'; end?: 'leave' | 'reject' }
  /** A complete list of what is pending, begun at `begunAt`, was seen without it. */
  | { type: 'absent'; begunAt: number; reason: GivenReason }
  /** Null: its backend can be reached again. */
  | { type: 'unreachable'; reason: GivenReason | null }
  /** `noted`: a note in the thread says so already. */
  | { type: 'continued'; continuation: Continuation; noted?: boolean; via?: SaidVia }
  /** The name of a person, who may be named by a handle here. */
  | { type: 'named'; person: Actor }
  /** The backend calls the run otherwise. */
  | { type: 'renamed'; runId: string }
  /** `digest`: the message is that of this digest. `at`: when it was posted, if that was not now, ms since 1970. */
  | {
      type: 'posted';
      slot: string;
      receipt: Receipt;
      digest?: string;
      at?: number;
      /** Absent: in the room itself, or (for a message that was posted before) as it was. */
      inThread?: NonNullable<Slot['inThread']>;
    }
  /** The message of this receipt was deleted. */
  | { type: 'unposted'; slot: string; receipt: Receipt; digest?: string }
  /** The platform refused what its message was to show. */
  | { type: 'content_refused'; slot: string; refused: Refused }
  /** Its card is posted in the room itself, not in the thread of its run's earlier card. */
  | { type: 'resurfaced'; slot: string }
  /** So many other decisions wait in the thread of its card. */
  | { type: 'thread_waits'; slot: string; count: number }
  /** Its card joins this digest, which is posted already if there is a receipt. */
  | {
      type: 'gathered';
      slot: string;
      digest: DigestMark;
      receipt: Receipt | null;
      deletions: number;
      inThread?: NonNullable<Slot['inThread']>;
    }
  /**
   * It gets a message of its own: a person moves it there, or (null) its line can't say everything. `refused`: the
   * platform refused the content of the digest.
   */
  | { type: 'released'; slot: string; actor: Actor | null; refused?: true };

export type Effect =
  /** `digest`: the message of this digest, which it has left. */
  | { type: 'draw'; slot: string; digest?: string }
  | { type: 'decide'; groupId: string }
  /** Look at it again then, ms since 1970. */
  | { type: 'wake'; at: number };

export type Ignored =
  | 'unknown'
  | 'not_allowed'
  | 'unverified'
  | 'already_decided'
  /** Another person has claimed it. */
  | 'held'
  | 'nothing_held'
  | 'changed'
  | 'not_possible'
  /** It is dangerous and was not confirmed. */
  | 'not_confirmed'
  /** What its card does not show was not read. */
  | 'not_read'
  | 'nothing_to_retry'
  /** This person has signed it already, and it waits for others. */
  | 'signed'
  | 'not_signed'
  /** It would be complete, but whether those who signed before may still decide could not be checked. */
  | 'signers_unverified'
  /** The person who asked may not decide. */
  | 'requester'
  /** Its rule asks for a note or a reason. */
  | 'note_missing'
  /** An operator has stopped everything. */
  | 'stopped'
  | 'known'
  | 'not_ours_to_overwrite'
  /** Too many approvals of its source are open: nothing was recorded. */
  | 'too_many'
  | 'too_late';

export interface Step {
  state: Approval | null;
  effects: readonly Effect[];
  /** Set when the input did not apply: the state is then the one that came in. */
  ignored?: Ignored;
}

export type InputOf<T extends Input['type']> = Extract<Input, { type: T }>;

export function refusalOf(right: Right): Ignored {
  return right === 'unverified' ? 'unverified' : 'not_allowed';
}
