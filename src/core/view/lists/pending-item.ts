/** One request in a list: enough to decide it from there, or no button to decide it. Pure. Tested in test/core/view/lists/pending-list.test.ts. */

import type { Right } from '../../approval/inputs.ts';
import { askerPhrase, platformName, toolPhrase, toolTitle } from '../../approval/names.ts';
import type { Receipt } from '../../approval/parts/slot.ts';
import { isSamePerson, type Person } from '../../approval/person.ts';
import { isClaimedBy, isClaimedByOther } from '../../approval/steps/take-over.ts';
import { endToShow } from '../../approval/steps/time/expiry.ts';
import type { Shown } from '../../approval/subject.ts';
import { maskText } from '../../mask/text.ts';
import { directTo } from '../../policy/direct-messages.ts';
import { shownLabelsOf } from '../../policy/tags.ts';
import { clip } from '../../text/clip.ts';
import { reveal, revealLine } from '../../text/visible/reveal.ts';
import { type ButtonId, encodeButtonId, parseButtonId } from '../button-id.ts';
import type { Button, Card, Line, Span } from '../card.ts';
import { renderCard } from '../cards/approval-card.ts';
import { signedText } from '../cards/signing/lines.ts';
import { questionOf } from '../content/content.ts';
import { isWhole } from '../content/seen.ts';
import { actionLabels, labelOf } from '../labels.ts';
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
  /** Its card in a room of the viewer's platform; null where there is none. */
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
  approval: Shown,
  look: {
    number: number;
    rights: ReadonlyMap<string, Right>;
    who: Person;
    query: ListQuery;
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
      asker: ['Requested by ', { strong: askerPhrase(approval, backend) }],
      what: null,
      cautions: [
        rights.size === 0
          ? 'This can’t be decided here. See the card.'
          : unsure
            ? 'Your permission to decide this could not be checked.'
            : 'You can’t decide this. See the card.',
      ],
      buttons: [],
    };
  }
  // A claim whose time is over does not count; its card is redrawn in a moment.
  const held = isClaimedByOther(approval, who.actor, now) || isClaimedBy(approval, who.actor, now);
  const card = renderCard(held ? approval : { ...approval, claim: null }, { backend });
  const { text, cautions, whole } = contentsOf(approval, card, who);
  return {
    ...common,
    title: card.title,
    asker: card.asker ?? [],
    what: text,
    cautions,
    buttons: buttonsFor(approval, card, whole, look),
  };
}

/** The names that a filter matches; of a request that the viewer can't decide, only what they are shown. */
export function describe(approval: Shown, mayDecide: boolean): string[] {
  const { pause } = approval;
  const asker = pause.asker === null ? [] : [revealLine(maskText(pause.asker).value)];
  if (!mayDecide) return isNamed(pause) ? [pause.tool, ...asker] : asker;
  return [pause.tool, toolTitle(pause, TITLE_MAX), ...shownLabelsOf(pause)];
}

/** What an item or a question is called is its asker's free text, and may say all of it. A tool's name does not. */
function plainTitle({ pause }: Shown): string {
  const { prompt: _, ...named } = pause;
  return isNamed(pause) ? toolTitle(named, TITLE_MAX) : 'A request';
}

function isNamed({ kind, tool }: Shown['pause']): boolean {
  return kind !== 'item' && /^[\w.:-]{1,80}$/.test(tool);
}

/** As on the card, masked and counted there. `whole`: nothing that counts is missing here. */
function contentsOf(
  approval: Shown,
  card: Card,
  { actor }: Person,
): { text: string; cautions: string[]; whole: boolean } {
  const question = reveal(questionOf(approval.pause)).trim();
  const text = [question, card.body?.text ?? ''].filter((part) => part !== '').join('\n');
  const all = [...(card.danger === undefined ? [] : [card.danger.replace(/\.$/, '')]), ...card.cautions];
  const cautions = all.join('; ');
  const unread = text.length > WHAT_MAX || text.split('\n').length > LINES_MAX;
  const whole = !unread && cautions.length <= CAUTIONS_MAX && isWhole(approval, actor.platform);
  if (whole) return { text: text === '' ? 'No parameters.' : text, cautions: all, whole };
  const brief = clip(revealLine(text), BRIEF_MAX);
  return {
    text: unread ? brief : text,
    cautions: ['Too long for the list: open the card.'],
    whole,
  };
}

function buttonsFor(
  approval: Shown,
  card: Card,
  whole: boolean,
  { rights, who, query, now }: { rights: ReadonlyMap<string, Right>; who: Person; query: ListQuery; now: number },
): Button[] {
  const theirs = isClaimedByOther(approval, who.actor, now);
  const mine = isClaimedBy(approval, who.actor, now);
  const own = approval.signatures.find((one) => isSamePerson(one.actor, who.actor));
  const fits = ({ action }: Button): boolean => {
    if (action === 'details') return true;
    if (action === 'unsign') return own !== undefined;
    if (theirs) return false;
    if (mine && action === 'hand_back') return true;
    // The holder of the claim has read what they answer or do.
    if (mine && action === 'take_over') return rights.get(action) === 'allowed';
    // They have signed that already; another answer is another signature.
    if (own?.action === action && action !== 'take_over') return false;
    return whole && rights.get(action) === 'allowed';
  };
  return card.buttons.filter(fits).map((button) => ({ ...button, id: withSpot(button.id, query) }));
}

function withSpot(id: string, list: ListQuery): string {
  const buttonId = parseButtonId(id);
  return buttonId === null ? id : encodeButtonId({ ...buttonId, list });
}

function footerOf(approval: Shown, backend: string, now: number): Line {
  const { askedAt, claim, unreachable } = approval;
  const line: Span[] = [`${backend} · asked `, { at: askedAt, style: 'relative' }];
  const end = endToShow(approval);
  if (end !== null) {
    line.push(end <= now ? ' · deadline passed ' : ' · expires ', { at: end, style: 'relative' });
  }
  if (claim !== null && now < claim.until) {
    line.push(' · claimed by ', { person: claim.actor }, ` in ${platformName(claim.actor.platform)} until `, {
      at: claim.until,
      style: 'time',
    });
  }
  if (unreachable !== null) line.push(` · ${backend} is unreachable`);
  const signed = signedText(approval);
  return signed.length === 0 ? line : [...line, ' · ', ...signed];
}

/** Only in a room: a direct message opens for its recipient only. */
function cardOf({ slots }: Shown, { actor }: Person): PendingItem['card'] {
  const here = Object.values(slots).filter(({ kind, place }) => kind === 'card' && place.platform === actor.platform);
  return here.find(({ place, receipt }) => receipt !== null && directTo(place) === null)?.receipt ?? null;
}

/** The notice above a list after a press in it. It claims no more than what was recorded. */
export function doneText(action: ButtonId['action'], approval: Shown | null, backend: string): string {
  const title = approval === null ? 'the request' : toolPhrase(approval.pause, TITLE_MAX);
  if (action === 'hand_back') return `You released ${title}. Any reviewer can decide it now.`;
  // Only its claim was kept.
  if (action === 'take_over' && approval?.phase === 'open')
    return `You claimed ${title}. Press Mark as done once it is done.`;
  return `You ${didText(action, approval)} ${title}. The card shows when ${backend} has it.`;
}

function didText(action: ButtonId['action'], approval: Shown | null): string {
  if (action === 'take_over') return approval?.pause.kind === 'await' ? 'wrote an answer to' : 'chose to take over';
  if (action === 'approve' || action === 'reject') {
    return `pressed ${approval === null ? actionLabels[action] : labelOf(action, approval.pause)} for`;
  }
  return 'pressed Try again for';
}

/** @param reason why it changed nothing, or what has come of it so far */
export function notDoneText(reason: string, approval: Shown | null): string {
  return approval === null ? reason : `${toolPhrase(approval.pause, TITLE_MAX)}: ${reason}`;
}
