/**
 * The notes in a card's thread: the result of the run, and reminders. Pure. Tested in test/core/view/card.test.ts,
 * test/core/view/cards/digest/card.test.ts and test/engine/outbox/wake-job.test.ts.
 */

import { type Digest, isInDigest } from '../../approval/digest.ts';
import { actorName, askerPhrase } from '../../approval/names.ts';
import { type Slot, slotKey } from '../../approval/parts/slot.ts';
import { isVisitorChat } from '../../approval/pause/pause.ts';
import { stepsOf } from '../../approval/steps/time/escalation.ts';
import { endToShow } from '../../approval/steps/time/expiry.ts';
import { isRejected } from '../../approval/steps/transitions.ts';
import type { Shown } from '../../approval/subject.ts';
import { maskText } from '../../mask/text.ts';
import { clipMiddle } from '../../text/clip.ts';
import { duration } from '../../text/numbers.ts';
import { quoted } from '../../text/visible/quoted.ts';
import { reveal } from '../../text/visible/reveal.ts';
import type { Card, Span } from '../card.ts';
import { BODY_LINES, BODY_MAX, briefOf } from '../content/content.ts';
import { wantsAnswer } from '../labels.ts';
import { noticeText } from '../line-text.ts';
import { whoText } from '../policy/who.ts';
import { BRIEF_MAX } from './approval-card.ts';
import { count, isDangerous, titleOf } from './cautions.ts';
import { digestTitle } from './digest/texts.ts';
import { signedText } from './signing/lines.ts';
import { WENT_ON } from './status/parts.ts';

const SUMMARY_MAX = 300;

/**
 * How the run ended; null while it has not.
 * @param sharing `shared`: its card is a line of a digest, so the note has to name the request
 */
export function renderResult(approval: Shown, backend: string, { shared = false } = {}): Card | null {
  const { continuation } = approval;
  if (continuation === null || continuation.state === 'following' || continuation.state === 'paused') return null;
  const who = askerPhrase(approval, backend);
  const isChat = isVisitorChat(approval.pause);
  const label = isChat ? 'Answer' : 'Result';
  const run = isChat ? 'chat' : 'run';
  const error = isChat
    ? 'The chat ended with an error: the visitor may have no answer.'
    : 'The run ended with an error.';
  const texts = {
    completed: { tone: 'good', title: `${who} ${isChat ? 'answered the visitor' : 'finished'}`, label, status: '' },
    failed: { tone: 'bad', title: `${who} failed`, label: 'Error', status: error },
    lost: {
      tone: 'warning',
      title: `Lost track of this ${run}`,
      label: 'Seen so far',
      status: `: the connection to ${backend} broke. Check its outcome in ${backend}.`,
    },
  } as const;
  // Nothing was carried out, so it is not green.
  const wentOn = { tone: 'neutral', title: WENT_ON, label, status: '' } as const;
  const isWithout = continuation.state === 'completed' && isRejected(approval);
  const { tone, title, status, ...note } = isWithout ? wentOn : texts[continuation.state];
  const full = reveal(maskText(continuation.text ?? '').value).trim();
  const text = clipMiddle(full, BODY_MAX, BODY_LINES);
  return {
    tone,
    title,
    summary: full === '' ? title : `${title}: ${quoted(full, SUMMARY_MAX)}`,
    status: continuation.state === 'lost' ? [{ strong: who }, status] : status === '' ? [] : [status],
    asker: null,
    quotes: [],
    body: full === '' ? null : { label: note.label, text: text.text },
    cautions: count(text.hidden, 'more character', 'more characters'),
    remark: null,
    footer: shared ? [[quoted(briefOf(approval, BRIEF_MAX).text, BRIEF_MAX)]] : [],
    buttons: [],
    ...(continuation.state !== 'completed' && { broadcast: 'always' }),
  };
}

/** On the first card of a run, on whatever it has become: a thread is folded, and nothing else shows that it is asked. */
export function withWaiting(card: Card, count: number): Card {
  if (count === 0) return card;
  return {
    ...card,
    more: count === 1 ? '1 more decision waits in this thread.' : `${count} more decisions wait in this thread.`,
  };
}

/** Of a note in the room that answers the first card. */
const IN_THREAD = 'in the thread of the card above';

/** In the room, of a card in a thread that the room does not show; it answers the card that the thread belongs to. */
export function renderPointer(approval: Shown, backend: string, { receipt }: Pick<Slot, 'receipt'>): Card | null {
  const { pause, phase, claim } = approval;
  const what = wantsAnswer(pause) ? 'an answer' : 'a decision';
  const text = claim === null ? `Needs ${what}, ${IN_THREAD}.` : `Claimed by ${actorName(claim.actor)}, ${IN_THREAD}.`;
  if (phase !== 'open') return receipt === null ? null : noteOf(approval, backend, titleOf(approval), null);
  return noteOf(approval, backend, titleOf(approval), text);
}

/** The reminder of an open approval. Once that is decided the note says so, if it was posted. The card has the buttons. */
export function renderReminder(
  approval: Shown,
  backend: string,
  { place, receipt }: Pick<Slot, 'place' | 'receipt'>,
): Card | null {
  const { pause, phase, claim, slots } = approval;
  const title = `Reminder: ${titleOf(approval)}`;
  if (phase !== 'open') return receipt === null ? null : noteOf(approval, backend, title, null);
  const { inThread } = slots[slotKey('card', place)] ?? {};
  const where = inThread === undefined ? '' : inThread === 'folded' ? `, ${IN_THREAD}` : ' in this thread';
  const progress = noticeText(signedText(approval));
  const signed = progress === '' ? '' : ` ${progress}`;
  const text =
    claim === null
      ? `Still waiting for ${wantsAnswer(pause) ? 'an answer' : 'a decision'}${where}.${signed}`
      : `Claimed by ${actorName(claim.actor)}, not done yet.`;
  return noteOf(approval, backend, title, text);
}

/**
 * Who else may decide from then on, in the thread of each card that was there before. It stays true after a decision.
 * @param slotName names the first step that it reports: `escalation.2@…`
 */
export function renderEscalation(
  approval: Shown,
  backend: string,
  slotName: string,
  digest: Digest<Shown> | null = null,
): Card | null {
  const { askedAt, pause, phase, slots } = approval;
  const steps = stepsOf(approval, slotName);
  const isLate = phase !== 'open' && (slots[slotName]?.receipt ?? null) === null;
  if (steps.length === 0 || isLate || !speaks(digest, approval, slotName)) return null;
  const title = digest === null ? titleOf(approval) : digestTitle(digest);
  const rooms = steps.flatMap(({ places }) => places).length;
  const people = whoText(steps.flatMap(({ mention }) => mention));
  const where = rooms === 0 ? '' : `It is also in ${rooms === 1 ? 'another room' : `${rooms} other rooms`} now.`;
  const who = people === '' ? '' : `${people} may ${wantsAnswer(pause) ? 'answer' : 'decide'} it, too.`;
  const after = duration(Math.max(0, Math.max(...steps.map(({ at }) => at)) - askedAt));
  const why = `Nobody ${wantsAnswer(pause) ? 'answered' : 'decided'} within ${after}.`;
  const text = [why, where, who].filter((part) => part !== '').join(' ');
  return noteOf(approval, backend, `Escalated: ${title}`, text);
}

/** The first of a digest's requests that has such a note speaks for all. */
function speaks(digest: Digest<Shown> | null, { id }: Shown, slotName: string): boolean {
  const first = digest?.members.find((member) => isInDigest(member, digest.id) && member.slots[slotName] !== undefined);
  return first === undefined || first.id === id;
}

/** @param waiting what it waits for; null: it does not wait any more */
function noteOf(approval: Shown, backend: string, title: string, waiting: string | null): Card {
  const { askedAt } = approval;
  const text = waiting ?? 'No longer waiting.';
  const end = endToShow(approval);
  const asked: Span[] = [askerPhrase(approval, backend), ' · asked ', { at: askedAt, style: 'relative' }];
  if (waiting !== null && end !== null) asked.push(' · expires ', { at: end, style: 'relative' });
  return {
    tone: waiting === null ? 'neutral' : isDangerous(approval) ? 'danger' : 'open',
    title,
    summary: `${title}: ${text}`,
    status: [{ strong: text }],
    asker: null,
    quotes: [],
    body: null,
    cautions: [],
    remark: null,
    footer: [asked],
    buttons: [],
    // A folded thread marks nothing unread.
    broadcast: 'new',
    inRoom: true,
  };
}

/**
 * The reminder of a digest. Each open member has a reminder slot, and one member's note speaks for all: the first unclaimed
 * one that has such a slot. A reminder of claimed ones only mentions no one.
 * @param slotName of this note; it is the same for each member
 * @returns null where another member's note speaks
 */
export function renderDigestReminder(
  digest: Digest<Shown>,
  approval: Shown,
  slotName: string,
  backend: string,
): Card | null {
  const { id, members } = digest;
  const staying = members.filter((member) => isInDigest(member, id));
  const waiting = staying.filter(({ phase }) => phase === 'open');
  const reminded = waiting.filter(({ slots }) => slots[slotName] !== undefined);
  const speaker = reminded.find(({ claim }) => claim === null) ?? reminded[0];
  // By the time the next note is drawn, the speaker may be another member.
  const isPosted = staying.some(
    (member) => member.id !== approval.id && (member.slots[slotName]?.receipt ?? null) !== null,
  );
  const note = approval.slots[slotName];
  const card =
    speaker?.id === approval.id && !isPosted && note !== undefined ? renderReminder(approval, backend, note) : null;
  if (card === null) return null;
  const title = `Reminder: ${digestTitle({ members })}`;
  const text = waiting.length === 1 ? '1 still needs a decision.' : `${waiting.length} still need a decision.`;
  return { ...card, title, summary: `${title}: ${text}`, status: [{ strong: text }] };
}
