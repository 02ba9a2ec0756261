/** The card of an approval, as a function of its state. Pure. Tested in test/core/view/card.test.ts. */

import { askerPhrase, NAME_MAX, toolName } from '../../approval/names.ts';
import type { Slot } from '../../approval/parts/slot.ts';
import { asksPerson } from '../../approval/pause/pause.ts';
import { isByExpiry } from '../../approval/steps/transitions.ts';
import type { Shown } from '../../approval/subject.ts';
import { directTo } from '../../policy/direct-messages.ts';
import type { Reviewer } from '../../policy/reviewers.ts';
import { clip, clipMiddle } from '../../text/clip.ts';
import { quoted } from '../../text/visible/quoted.ts';
import { reveal, revealLine } from '../../text/visible/reveal.ts';
import { type Card, type CardContext, type Line, type Ping, type Span, signs } from '../card.ts';
import { changedText } from '../content/changes.ts';
import { briefOf, contentOf, questionOf } from '../content/content.ts';
import { quotesOf } from '../content/quotes.ts';
import { isAllSeen, unseenOf } from '../content/unseen.ts';
import { noticeText } from '../line-text.ts';
import { grantButtons, grantLine } from '../policy/grant-line.ts';
import { timelineOf } from '../policy/timeline.ts';
import { noveltyLines } from '../precedents/novelty-lines.ts';
import { buttonsOf } from './buttons.ts';
import {
  count,
  dangerOf,
  fitCautions,
  hiddenText,
  lookAlikeText,
  notShownText,
  repeatedText,
  titleOf,
  unseenCaution,
  unshowableText,
  websiteText,
} from './cautions.ts';
import { consequenceLines, toolCode } from './consequences.ts';
import { decidersOf } from './deciders.ts';
import { footerOf } from './footer.ts';
import { renderNote } from './note-card.ts';
import { remarkOf } from './signing/remark.ts';
import { statusOf } from './status/line.ts';
import { tooLate } from './status/settled.ts';

/** Of the request on a settled card, characters. */
export const BRIEF_MAX = 160;

export function renderCard(approval: Shown, context: CardContext): Card {
  const { backend } = context;
  if (approval.pause.kind === 'note') return renderNote(approval, backend);
  const card = renderWhole(approval, context);
  return isOver(approval) ? shrink(card, approval, backend) : card;
}

/** Only *Details* is left to press. A run's card is short and keeps changing. */
export function isOver(approval: Shown): boolean {
  return (
    approval.pause.kind !== 'run' &&
    approval.phase === 'settled' &&
    buttonsOf(approval).every(({ action }) => action === 'details')
  );
}

/** A settled card has a line or two: who, when, why, how long it took, and what it was. *Details* has the rest. */
function shrink(card: Card, approval: Shown, backend: string): Card {
  const question = clipMiddle(reveal(questionOf(approval.pause)).trim(), BRIEF_MAX).text;
  const brief = briefOf(approval, BRIEF_MAX - question.length).text;
  const what = [question, brief].filter((part) => part !== '').join(' · ');
  const asked: Span[] = [askerPhrase(approval, backend), ' · ', ...card.footer.flat()];
  return {
    ...card,
    asker: null,
    quotes: [],
    body: null,
    cautions: [],
    footer: [...(what === '' ? [] : [[quoted(what, BRIEF_MAX)]]), asked],
  };
}

function renderWhole(approval: Shown, context: CardContext): Card {
  const { backend, readFirst = true, consequences, deciders, stop, grant = null } = context;
  const unseen = unseenOf(approval);
  const { pause } = approval;
  const title = titleOf(approval);
  const { label, body, masks, hidden, lookAlikes } = contentOf(approval);
  const isOutOfReach = isUndecided(approval) && deciders?.all.length === 0;
  const { tone, line } = statusOf(approval, backend, { stop, isOutOfReach });
  const news = approval.phase === 'open' ? noveltyLines(approval) : [];
  const timeline = timelineOf(approval);
  const granted = grant === null ? null : grantLine(approval, grant);
  const happens = [...consequenceLines(approval, consequences), timeline, granted].filter((one) => one !== null);
  return {
    tone,
    title,
    summary: `${tone === 'danger' ? `${signs.danger} ` : ''}${title}: ${noticeText(line)}`,
    status: line,
    ...dangerOf(approval),
    asker: askerOf(approval, backend),
    quotes: quotesOf(approval, backend),
    body: body.text === '' ? null : { label, text: body.text },
    cautions: fitCautions([
      ...unshowableText(pause, backend),
      ...websiteText(pause),
      ...(pause.prompt?.caution === undefined ? [] : [pause.prompt.caution]),
      ...(pause.cautions ?? []),
      ...lookAlikeText(lookAlikes),
      ...repeatedText(pause),
      ...changedText(approval),
      ...unseenCaution(approval, unseen, readFirst),
      ...count(masks.length, 'secret value is masked', 'secret values are masked'),
      ...hiddenText(hidden, backend),
      ...notShownText(approval),
    ]),
    ...(news.length > 0 && { news }),
    ...(happens.length > 0 && { consequences: happens }),
    ...(deciders !== undefined && isUndecided(approval) && { deciders: decidersOf(deciders, approval) }),
    remark: tooLate(approval) || isByExpiry(approval) ? null : remarkOf(approval),
    footer: footerOf(approval, backend),
    buttons: [
      ...(grant === null ? [] : grantButtons(approval, grant)),
      ...buttonsOf(approval, readFirst && !isAllSeen(unseen)),
    ],
    // A person has to act on it.
    ...(approval.phase === 'open' && { broadcast: 'new' }),
    ...((approval.outcome === 'unconfirmed' || approval.outcome === 'failed') && { broadcast: 'always' }),
  };
}

/** Anyone who may decide can decide it now. */
function isUndecided({ phase, claim, pause }: Shown): boolean {
  return phase === 'open' && claim === null && asksPerson(pause) && pause.actions.length > 0;
}

function askerOf(approval: Shown, backend: string): Line {
  const { pause, phase } = approval;
  const over = phase === 'settled';
  if (pause.kind === 'run') {
    const starter: Span =
      approval.decision === null ? { strong: 'Someone' } : { person: approval.decision.actor, strong: true };
    const verb = approval.outcome === 'started' ? ' started ' : ' wants to start ';
    return [starter, verb, { code: clip(revealLine(pause.tool), NAME_MAX) }];
  }
  const who = { strong: askerPhrase(approval, backend) };
  // An inbox calls it only a question, and its title is that question: there is no tool to name.
  const isQuestion = pause.kind === 'item' || pause.prompt !== undefined;
  if (isQuestion && pause.tool.toLowerCase() === 'question') return [who, over ? ' had a question' : ' has a question'];
  // An item has no tool: its name is a phrase already.
  if (pause.kind === 'item') return [who, over ? ' requested: ' : ' requests: ', toolName(pause, NAME_MAX)];
  const tool = toolCode(pause);
  if (pause.prompt !== undefined) return [who, over ? ' had a question (' : ' has a question (', tool, ')'];
  if (pause.kind === 'await') return [who, over ? ' needed an answer (' : ' needs your answer (', tool, ')'];
  return [who, over ? ' wanted to run ' : ' wants to run ', tool];
}

/** Fits both platforms' messages beside everything else. For more people, mention a group or role. */
export const PINGS_MAX = 20;

/**
 * Who a message mentions. An open card mentions them once, and so does each reminder of an unclaimed one. A result,
 * and a card that replaces a deleted one, mention no one.
 */
export function pingsOf({ phase, claim }: Shown, slot: Slot, people: readonly Reviewer[]): readonly Ping[] {
  if (slot.kind === 'result' || phase !== 'open' || slot.deletions > 0) return [];
  if (slot.kind === 'reminder' && claim !== null) return [];
  // A direct message notifies its recipient anyway.
  if (directTo(slot.place) !== null) return [];
  return people.filter(({ platform }) => platform === slot.place.platform).map(({ kind, id }) => ({ kind, id }));
}
