/** The two rooms as anybody sees them: cards by their marker, and what they say. */
import type { DiscordMessage } from '../../../src/sandbox/emulators/discord/types.ts';
import type { SlackMessage } from '../../../src/sandbox/emulators/slack/types.ts';
import { discordButtons, slackButtons, textIn, textOf } from '../../support/people/room.ts';
import { isDigest, lineIn } from '../checker/digests.ts';
import { nameOf, people } from '../script/people.ts';
import type { ButtonAction, Question } from '../script/questions.ts';
import type { PlatformName } from '../script/script.ts';
import type { World } from './world.ts';

export type Says =
  | 'open'
  /** One person has claimed it, and no one else decides meanwhile. */
  | 'held'
  | 'pending'
  | 'approved'
  | 'rejected'
  | 'taken_over'
  | 'answered'
  | 'elsewhere'
  | 'expired'
  | 'unconfirmed'
  | 'failed'
  | 'other';

export interface CardSeen {
  platform: PlatformName;
  room: string;
  message: string;
  says: Says;
  /** Who decided, or is at it, by name. */
  by: string | null;
  /** What a press of it sends. */
  buttons: Map<ButtonAction, string>;
  /** The first press of *Approve* opens *Details*, or a form that asks to confirm. */
  opensFirst: boolean;
  /** What hangs beneath it: how the run went on. */
  notes: string[];
}

/** *Details* decides nothing, and every card has it. */
const labels: [RegExp, ButtonAction][] = [
  [/^Approve$/, 'approve'],
  [/^(?:Reject|Decline)$/, 'reject'],
  [/^(?:Take over|Mark as done|Answer)$/, 'take_over'],
  [/^Try again$/, 'retry'],
  [/^Release$/, 'hand_back'],
  [/^Split up$/, 'one_by_one'],
];

const verdicts: [RegExp, Says][] = [
  [/Approved by ([^.]+)\./, 'approved'],
  [/Rejected by ([^.]+)\./, 'rejected'],
  [/Taken over by ([^.]+)\./, 'taken_over'],
  [/Answered by ([^.]+)\./, 'answered'],
  [/Claimed by ([A-Z]\w+ [A-Z]\w+|[a-z]+)/, 'held'],
];
const others: [RegExp, Says][] = [
  [/Needs (?:a decision|an answer)\./, 'open'],
  [/Decided elsewhere \\?\(directly in \w+\\?\)\./, 'elsewhere'],
  [/Expired(?: without a decision)?\./, 'expired'],
  [/Unconfirmed\./, 'unconfirmed'],
  [/Not delivered\./, 'failed'],
  [/Sending to|Not delivered yet|We don’t know whether \w+ received it \(|Will be sent once/, 'pending'],
];

export function readStatus(text: string): { says: Says; by: string | null } {
  for (const [pattern, says] of verdicts) {
    const by = pattern.exec(text)?.[1];
    if (by !== undefined) return { says, by: nameOf(by) };
  }
  return { says: others.find(([pattern]) => pattern.test(text))?.[1] ?? 'other', by: null };
}

const opensFirst = /opens Details first|will ask you to confirm/;

/** Notes in a thread: in that of a digest they say which of its runs they mean. */
export const isEnding = /^\S+ .+ (?:finished|failed)$|Lost track of this run|went on without it/m;

export const isLost = /Lost track of this run/;

/** The answer to a press that may have changed nothing, for a reason of the database's. */
export const isNotRecorded = (text: string): boolean =>
  text.includes('Nothing was recorded. Please press again') || text.includes('can’t say whether this was recorded');

/**
 * A card of a step may name the one that came after it, in the backend's words, and a card may say what was asked and approved
 * before; it is not the card of those.
 */
export function isCardOf(text: string, marker: string): boolean {
  const others = /has moved on to step \S+|differs from the last one approved[^\n→]*→/g;
  return text.replace(others, '').includes(marker);
}

/** All messages of both rooms at one moment, read once. */
export interface Rooms {
  cards(question: Question): CardSeen[];
  /** What only this person could read there, since the round began. */
  privately(platform: PlatformName, userId: string, from: number): string[];
}

export function readRooms(world: World): Rooms {
  const slackName = (id: string) => Object.values(people).find(({ slackId }) => slackId === id)?.name ?? id;
  // Each card has *Details*, and no note has it.
  const slack = world.slack.state().messages.map((message) => {
    const own = ownId(slackButtons(message).map(({ value }) => value));
    return { message, text: textIn(message, slackName), own };
  });
  const discord = world.discord.state().messages.map((message) => {
    const own = ownId(discordButtons(message).map(({ customId }) => customId));
    return { message, text: textOf(message), own };
  });

  function slackCard({ message, text }: { message: SlackMessage; text: string }): CardSeen {
    const root = message.threadTs ?? message.ts;
    const notes = slack.filter(
      ({ message: one, own }) => own === null && one.threadTs === root && one.onlyFor === null,
    );
    return {
      platform: 'slack',
      room: message.channel,
      message: message.ts,
      ...readStatus(text),
      opensFirst: opensFirst.test(text),
      buttons: byAction(slackButtons(message).map(({ label, actionId }) => [label, actionId])),
      notes: notes.map((note) => note.text),
    };
  }

  function discordCard({ message, text }: { message: DiscordMessage; text: string }): CardSeen {
    // A card in a thread shares the notes of that thread.
    const thread = message.threadId ?? (message.channelId === world.discord.channel ? message.id : message.channelId);
    const notes = discord.filter(
      ({ message: one, own }) => own === null && one.channelId === thread && one.onlyFor === null,
    );
    return {
      platform: 'discord',
      room: message.channelId,
      message: message.id,
      ...readStatus(text),
      opensFirst: opensFirst.test(text),
      buttons: byAction(discordButtons(message).map(({ label, customId }) => [label, customId])),
      notes: notes.map((note) => note.text),
    };
  }

  /** Of a digest: its line is the card. Null for a note, and where it was shown apart. */
  function seen(card: CardSeen, { text, own }: { text: string; own: string | null }, marker: string): CardSeen[] {
    if (!isDigest(text)) return own === null ? [] : [card];
    const line = lineIn(text, marker);
    if (line === null) return [];
    // What its buttons do they do to those that are not over.
    const isOpen = !['approved', 'rejected', 'taken_over', 'answered', 'elsewhere', 'expired'].includes(line.says);
    const notes = card.notes.filter((note) => note.includes(marker));
    return [{ ...card, ...line, notes, buttons: isOpen ? card.buttons : new Map() }];
  }

  /** Its full card shows its marker; one in its smallest form is known by the id that another card of it carried. */
  function cards(question: Question): CardSeen[] {
    const { marker, from, ids } = question;
    // A digest of an earlier round may have taken it in.
    const inSlack = slack.filter(
      ({ message, text }, at) => message.onlyFor === null && (at >= from.slack || isDigest(text)),
    );
    const inDiscord = discord.filter(
      ({ message, text }, at) => message.onlyFor === null && (at >= from.discord || isDigest(text)),
    );
    for (const { text, own } of [...inSlack, ...inDiscord]) {
      if (own !== null && !isDigest(text) && isCardOf(text, marker)) ids.add(own);
    }
    const isIts = ({ text, own }: { text: string; own: string | null }) => {
      return isCardOf(text, marker) || (own !== null && ids.has(own));
    };
    return [
      ...inSlack.filter(isIts).flatMap((one) => seen(slackCard(one), one, marker)),
      ...inDiscord.filter(isIts).flatMap((one) => seen(discordCard(one), one, marker)),
    ];
  }

  return {
    cards,
    privately: (platform, userId, from) =>
      platform === 'slack'
        ? slack
            .slice(from)
            .filter(({ message }) => message.onlyFor === userId)
            .map(({ message, text }) => text || message.text)
        : discord
            .slice(from)
            .filter(({ message }) => message.onlyFor === userId)
            .map(({ text }) => text),
  };
}

/** Of the approval that a card is about; *Release* may be about another one. Null for a note. */
function ownId(buttons: readonly string[]): string | null {
  return buttons.flatMap((id) => /cs2\.([^.]+)\.d\./.exec(id)?.[1] ?? [])[0] ?? null;
}

function byAction(buttons: [label: string, id: string][]): Map<ButtonAction, string> {
  return new Map(
    buttons.flatMap(([label, id]): [ButtonAction, string][] => {
      const action = labels.find(([pattern]) => pattern.test(label))?.[1];
      return action === undefined ? [] : [[action, id]];
    }),
  );
}
