/** One request in a list: enough to decide it from there, or no button to decide it with. Pure. */

import type { Approval, Receipt } from '../../approval/approval.ts';
import type { Right } from '../../approval/inputs.ts';
import { actorName, askerName, NAME_MAX, platformName, toolTitle } from '../../approval/names.ts';
import type { Person } from '../../approval/person.ts';
import { isHeldBy, isHeldFrom } from '../../approval/steps/take-over.ts';
import { directTo } from '../../policy/direct-messages.ts';
import { shownLabelsOf } from '../../policy/tags.ts';
import { maskText } from '../../text/mask.ts';
import { clip, reveal, revealLine } from '../../text/text.ts';
import { encodeButtonId, parseButtonId } from '../button-id.ts';
import type { Button, Card, Line, Span } from '../card.ts';
import { renderCard } from '../cards/approval-card.ts';
import type { ListQuery } from '../list-query.ts';

export interface PendingItem {
  approvalId: string;
  /** In the whole list, from 1. */
  number: number;
  title: string;
  asker: Line;
  /** What it asks for, letter by letter; null where that is not for this person. */
  what: string | null;
  /** What is missing or unusual; ours, and short. */
  cautions: readonly string[];
  /** Who has it, and since when it waits. */
  footer: Line;
  buttons: readonly Button[];
  /** Its card in a room of the platform of who looks; null where it stands in none there. */
  card: Receipt | null;
}

const TITLE_MAX = 80;
/** What is longer is not decided from a list: a person would sign what they have not read. Nor what has more lines. */
export const WHAT_MAX = 400;
const LINES_MAX = 10;
/** Of what is too long, only to know it again. */
const BRIEF_MAX = 160;
/** Of all cautions together. Longer ones are for the card. */
export const CAUTIONS_MAX = 120;

export function itemOf(
  approval: Approval,
  look: {
    number: number;
    rights: ReadonlyMap<string, Right>;
    who: Person;
    spot: ListQuery;
    backend: string;
    now: number;
  },
): PendingItem {
  const { number, rights, who, backend, now } = look;
  const mayDecide = [...rights.values()].includes('allowed');
  const common = {
    approvalId: approval.id,
    number,
    footer: footerOf(approval, backend, now),
    card: cardOf(approval, who),
  };
  if (!mayDecide) {
    const unsure = [...rights.values()].includes('unverified');
    return {
      ...common,
      title: plainTitle(approval),
      asker: [{ strong: askerName(approval, backend) }, ' asks'],
      what: null,
      cautions: [
        rights.size === 0
          ? 'This is not decided here; its card says where.'
          : unsure
            ? 'Countersign could not verify just now that you may decide this.'
            : 'You may not decide this; what it asks for stands on its card.',
      ],
      buttons: [],
    };
  }
  // A hold whose time is over is no hold; its card is redrawn in a moment.
  const held = isHeldFrom(approval, who.actor, now) || isHeldBy(approval, who.actor, now);
  const card = renderCard(held ? approval : { ...approval, holder: null }, backend);
  const { text, cautions, whole } = contentsOf(approval, card);
  return {
    ...common,
    title: toolTitle(approval.pause, TITLE_MAX),
    asker: card.asker ?? [],
    what: text,
    cautions,
    buttons: buttonsFor(approval, card, whole, look),
  };
}

/** What a filter is held against; of what somebody may not read, only what they are shown. */
export function describe(approval: Approval, mayDecide: boolean): string[] {
  const { pause } = approval;
  const asker = pause.asker === null ? [] : [askerName(approval, pause.backend)];
  if (!mayDecide) return isNamed(pause) ? [pause.tool, ...asker] : asker;
  return [pause.tool, toolTitle(pause, TITLE_MAX), ...shownLabelsOf(pause)];
}

/** What an item or a question is called is its asker's free text, and may say all of it. A tool's name does not. */
function plainTitle({ pause }: Approval): string {
  const { asks: _, ...named } = pause;
  return isNamed(pause) ? toolTitle(named, TITLE_MAX) : 'A request';
}

function isNamed({ kind, tool }: Approval['pause']): boolean {
  return kind !== 'item' && /^[\w.:-]{1,80}$/.test(tool);
}

/** As on the card, masked and counted there. `whole`: nothing that counts is missing here. */
function contentsOf({ pause }: Approval, card: Card): { text: string; cautions: string[]; whole: boolean } {
  // An item's description is the question itself.
  const question =
    pause.kind === 'item' && pause.description !== null ? [reveal(maskText(pause.description).value).trim()] : [];
  const text = [...question, card.body?.text ?? ''].filter((part) => part !== '').join('\n');
  const told = card.cautions.join('; ');
  const unread = text.length > WHAT_MAX || text.split('\n').length > LINES_MAX;
  const whole = !unread && told.length <= CAUTIONS_MAX;
  if (whole) return { text: text === '' ? 'No parameters.' : text, cautions: [...card.cautions], whole };
  const brief = clip(revealLine(text), BRIEF_MAX);
  const why = unread ? 'Too long to decide from a list' : 'There is more to know than fits a list';
  return {
    text: unread ? brief : text,
    cautions: [`${why}: read its card, or its details.`],
    whole,
  };
}

function buttonsFor(
  approval: Approval,
  card: Card,
  whole: boolean,
  { rights, who, spot, now }: { rights: ReadonlyMap<string, Right>; who: Person; spot: ListQuery; now: number },
): Button[] {
  const theirs = isHeldFrom(approval, who.actor, now);
  const mine = isHeldBy(approval, who.actor, now);
  const fits = ({ action }: Button): boolean => {
    if (action === 'details') return true;
    if (theirs) return false;
    // Whoever has it has read it.
    if (mine) return action === 'hand_back' || rights.get(action) === 'allowed';
    return whole && rights.get(action) === 'allowed';
  };
  return card.buttons.filter(fits).map((button) => ({ ...button, id: withSpot(button.id, spot) }));
}

function withSpot(id: string, list: ListQuery): string {
  const aim = parseButtonId(id);
  return aim === null ? id : encodeButtonId({ ...aim, list });
}

function footerOf(approval: Approval, backend: string, now: number): Line {
  const { createdAt, pause, holder, unreachable } = approval;
  const line: Span[] = [`${backend} · asked `, { at: createdAt, style: 'relative' }];
  if (pause.deadline !== null) line.push(' · expires ', { at: pause.deadline, style: 'relative' });
  if (holder !== null && now < holder.until) {
    line.push(
      ` · ${clip(actorName(holder.actor), NAME_MAX)} in ${platformName(holder.actor.platform)} has taken it over until `,
      {
        at: holder.until,
        style: 'time',
      },
    );
  }
  if (unreachable !== null) line.push(` · ${backend} can’t be reached at the moment`);
  return line;
}

/** In a room: a direct message opens for nobody but its person. */
function cardOf({ slots }: Approval, { actor }: Person): PendingItem['card'] {
  const here = Object.values(slots).filter(({ sheet, place }) => sheet === 'card' && place.platform === actor.platform);
  return here.find(({ place, receipt }) => receipt !== null && directTo(place) === null)?.receipt ?? null;
}

const deeds: Partial<Record<Button['action'], string>> = {
  approve: 'approved',
  reject: 'rejected',
  retry: 'sent again',
};

/** What a person reads above their list after they did something there. Nothing in it is truer than what was recorded. */
export function doneText(action: Button['action'], approval: Approval | null, backend: string): string {
  const title = approval === null ? 'the request' : `“${toolTitle(approval.pause, TITLE_MAX)}”`;
  if (action === 'hand_back') return `You handed ${title} back: anybody who may decide it can.`;
  const done = deeds[action];
  const did = done === undefined ? `You finished ${title}.` : `You ${done} ${title}.`;
  return `${did} Its card says when ${backend} has it.`;
}

/** @param words why it changed nothing */
export function notDoneText(words: string, approval: Approval | null): string {
  return approval === null ? words : `“${toolTitle(approval.pause, TITLE_MAX)}”: ${words}`;
}
