/**
 * The checker: holds what the outside world recorded against what was promised. It never asks the bot's database or log.
 * `never` is wrong at any moment; `unmet` is wrong once everything has had its time.
 */

import { people } from '../script/people.ts';
import type { PressRecord, Question } from '../script/questions.ts';
import { type Action, reviewers } from '../script/script.ts';
import { type DecisionCall, type Standing, standingOf } from '../world/backends.ts';
import { type CardSeen, isEnding, isLost, isNotRecorded, type Rooms, readRooms, type Says } from '../world/rooms.ts';
import type { World } from '../world/world.ts';
import { callsDecided } from './digests.ts';
import { isRefusedInDoubt, mayDoubt } from './doubt.ts';

export interface Finding {
  /** Of reliability.md: `I1` … `I7`; `check` for what the rig itself could not do. */
  invariant: string;
  marker: string;
  text: string;
}

export interface Judgement {
  never: Finding[];
  unmet: Finding[];
  /** Its state, in one word, for the report's counts. */
  state: 'forged' | 'unseen' | 'open' | 'elsewhere' | 'unconfirmed' | 'decided';
  /** Cards that an ambiguous post has doubled. */
  doubled: number;
}

/** From a press to the word that it was in vain, ms, on two free cores. */
const TOLD_WITHIN_MS = 4_000;

const verdicts: Record<Action, Says[]> = {
  approve: ['approved'],
  reject: ['rejected'],
  take_over: ['taken_over', 'answered'],
};

export function judge(world: World, question: Question, rooms: Rooms = readRooms(world)): Judgement {
  const never: Finding[] = [];
  const unmet: Finding[] = [];
  const { marker, pause, presses } = question;
  const wrong = (invariant: string, text: string) => void never.push({ invariant, marker, text });
  const missing = (invariant: string, text: string) => void unmet.push({ invariant, marker, text });
  const standing = standingOf(world, question);
  const cards = rooms.cards(question);
  const done = (state: Judgement['state'], doubled = 0): Judgement => ({ never, unmet, state, doubled });

  if (pause.forged !== null) {
    if (cards.length > 0 || question.known) wrong('I5', `a delivery with a wrong ${pause.forged} was taken`);
    return done('forged');
  }
  if (standing === null) {
    // A step that has not come yet has a name already.
    if (question.ref === null) missing('check', 'its sender was never answered');
    else if (cards.length > 0) wrong('I5', 'it has a card, and was never asked');
    return done('unseen');
  }
  checkCalls(world, question, standing, wrong);
  const valid = presses.filter(({ person, foreign }) => isReviewer(person) && !foreign);
  // Its card said that the request had changed, so that the press does not count.
  const isVoid = ({ at }: PressRecord) => voidedAt(world, marker).some((voided) => voided > at);
  const decisive = valid.filter((press) => press.decisive && press.action !== 'retry' && !isVoid(press));
  const accepted = decisive.filter(({ heard }) => heard === 'accepted');
  const effects = standing.calls.filter(({ effect }) => effect);
  for (const { action, by } of effects) {
    const fits = (press: PressRecord) => press.action === action && (by === null || people[press.person].name === by);
    if (!decisive.some(fits))
      wrong('I5', `${action} by ${by ?? 'somebody'} took effect, and nobody who may had pressed that`);
  }
  if (effects.length > 1) wrong('I2', `${effects.length} effects of one decision`);
  const winners = new Set(accepted.map(({ person, action }) => `${person} ${action}`));
  if (winners.size > 1) wrong('I4', `two presses were accepted: ${[...winners].join(' and ')}`);

  const doubled = checkCopies(cards, standing, question, missing);
  if (question.unseen && cards.length === 0) return done('unseen', doubled);
  const [first, ...copies] = primary(cards);
  if (first === undefined) return done(standing.elsewhere.length > 0 ? 'elsewhere' : 'open', doubled);
  for (const copy of copies) {
    if (copy.says !== first.says || copy.by !== first.by) {
      missing('I6', `its cards disagree: ${sayOf(first)} on ${first.platform}, ${sayOf(copy)} on ${copy.platform}`);
    }
  }
  checkPromises(
    question,
    standing,
    first,
    { decisive, accepted, effects },
    {
      ...{ wrong, missing, doubt: mayDoubt(world, question, standing), waits: undecidedBeside(question, rooms) },
      refusedInDoubt: isRefusedInDoubt(world, question, standing),
      toldNot: (press) => wasNotRecorded(world, press, rooms),
    },
  );
  const isEnded = question.group.every((one) => standingOf(world, one)?.calls.some(({ effect }) => effect) === true);
  if (isEnded) checkNotes(question, first, [first, ...copies], missing);
  const state =
    first.says === 'open' || first.says === 'held'
      ? 'open'
      : first.says === 'elsewhere'
        ? 'elsewhere'
        : first.says === 'unconfirmed'
          ? 'unconfirmed'
          : 'decided';
  return done(state, doubled);
}

/** When a card of it said that a press did not count because the request had changed. */
function voidedAt(world: World, marker: string): number[] {
  const isIt = (json: string) => json.includes('that press no longer counts') && json.includes(marker);
  return [...world.slack.journal.entries, ...world.discord.journal.entries].flatMap((entry) => {
    if (entry.kind !== 'call') return [];
    const json = JSON.stringify('args' in entry ? entry.args : entry.body);
    return isIt(json ?? '') ? [entry.at] : [];
  });
}

type Say = (invariant: string, text: string) => void;

/** How long a call is on its way, ms. */
const IN_TRANSIT_MS = 500;

/** A decision is sent again only where it surely did not arrive, a second is refused, or a person asked for it. */
function checkCalls(world: World, { group, pause }: Question, { calls }: Standing, wrong: Say): void {
  const presses = group.flatMap((member) => member.presses);
  const guarded = pause.kind === 'approval' || pause.kind === 'sonzai' || pause.kind === 'inbox';
  for (const [index, call] of calls.entries()) {
    const last = calls[index - 1];
    if (last === undefined) continue;
    if (call.action !== last.action) wrong('I4', `the verdict changed from ${last.action} to ${call.action}`);
    const asked = presses.some(({ action, at }) => action === 'retry' && at >= last.at && at <= call.at);
    const notArrived = last.status === 429 || last.status === 401;
    // A call can arrive after the process that sent it has died.
    const sentFrom = last.at - IN_TRANSIT_MS * world.slowness();
    const died = world.bot.stoodStill(sentFrom, call.at);
    const mayAgain = asked || notArrived || (guarded && (last.lost || died));
    if (!mayAgain) wrong('I2', `sent again ${call.at - last.at} ms after ${last.status}, without need`);
  }
}

/** One card a place. @returns how many too many there are */
function checkCopies(cards: CardSeen[], standing: Standing, question: Question, missing: Say): number {
  let doubled = 0;
  for (const platform of ['slack', 'discord'] as const) {
    const here = cards.filter((card) => card.platform === platform);
    const overBefore = standing.elsewhere.length > 0 && question.presses.every(({ decisive }) => !decisive);
    if (here.length === 0 && !overBefore && !question.unseen) missing('I1', `there is no card on ${platform}`);
    if (here.length > 1) {
      doubled += here.length - 1;
      // A second one may stand there for a moment, until it is found.
      missing('I1', `${here.length} cards on ${platform}`);
    }
  }
  return doubled;
}

function primary(cards: CardSeen[]): CardSeen[] {
  return (['slack', 'discord'] as const).flatMap((platform) => cards.find((card) => card.platform === platform) ?? []);
}

/** A form of another person claims the question while it is open: a press that was only acknowledged may have been refused. */
function isKeptOut({ person, at }: PressRecord, presses: readonly PressRecord[]): boolean {
  return presses.some(
    (other) => other.person !== person && other.action === 'take_over' && other.heard !== 'unheard' && other.at <= at,
  );
}

/**
 * Slack acknowledges every press; that nothing was recorded, or that it is not known, is said in private afterwards. That can
 * only be while the database fails, for nothing else may keep a press from being recorded.
 */
function wasNotRecorded(world: World, { person, platform, at, toldBefore }: PressRecord, rooms: Rooms): boolean {
  if (platform !== 'slack' || !world.bot.databaseFailed(at - IN_TRANSIT_MS, at + TOLD_WITHIN_MS * world.slowness()))
    return false;
  return rooms.privately('slack', people[person].slackId, 0).slice(toldBefore).some(isNotRecorded);
}

interface Telling {
  wrong: Say;
  missing: Say;
  /** *Unconfirmed* can be true of it. */
  doubt: boolean;
  /** The same where its backend can tell, and would not. */
  refusedInDoubt: boolean;
  /** What it waits for; null: nothing. */
  waits: string | null;
  toldNot(press: PressRecord): boolean;
}

function checkPromises(
  { pause, group, presses }: Question,
  { elsewhere, pending, calls }: Standing,
  card: CardSeen,
  { decisive, accepted, effects }: { decisive: PressRecord[]; accepted: PressRecord[]; effects: DecisionCall[] },
  { wrong, missing, doubt, refusedInDoubt, waits, toldNot }: Telling,
): void {
  const { says, by } = card;
  const promised = decisive.filter(
    (press) => press.heard === 'accepted' || (press.heard === 'acked' && !isKeptOut(press, presses) && !toldNot(press)),
  );
  const readBack = pause.kind === 'inbox' && !pause.callback;
  const retried = group.some(({ presses }) => presses.some(({ action }) => action === 'retry'));
  const verdict = (Object.keys(verdicts) as Action[]).find((action) => verdicts[action].includes(says));

  if (says === 'unconfirmed') {
    if (refusedInDoubt) return;
    if (pause.kind === 'approval' || pause.kind === 'inbox')
      missing('I2', 'it says unconfirmed, where the backend can tell');
    else if (!doubt && !retried) missing('I2', 'it says unconfirmed, and nothing had gone wrong');
    return;
  }
  if (effects.length === 0 && elsewhere.length === 0 && !(readBack && verdict !== undefined)) {
    const [press] = promised;
    // Its backend answered with 200, and then said that the decision came too late: that is what the card says.
    const isToldLate = pause.kind === 'approval' && calls.some(({ status, effect }) => status === 200 && !effect);
    if (isToldLate && (says === 'elsewhere' || says === 'expired')) return;
    if (says === 'held') {
      // A running claim keeps everybody else out: a press of theirs that was only acknowledged was refused in private.
      if (accepted.length > 0) missing('I3', `a press was accepted, and the card says ${sayOf(card)}`);
      const hasClaimed = presses.some(({ person, action }) => action === 'take_over' && people[person].name === by);
      if (!hasClaimed) wrong('I4', `the card says ${sayOf(card)}, who never took it over`);
    } else if (says === 'pending' && waits !== null) {
      missing('check', `it is decided, and waits for ${waits}, which nobody has decided`);
    } else if (press !== undefined) {
      missing(
        'I3',
        `${press.person}'s ${press.action} on ${press.platform} was ${press.heard}, and never took effect; the card says ${sayOf(card)}`,
      );
    } else if (says !== 'open') {
      missing('I6', `it waits at its backend, and the card says ${sayOf(card)}`);
    } else if (card.buttons.size === 0) {
      missing('I1', `the card on ${card.platform} has no buttons`);
    }
    if (!pending && promised.length === 0 && !readBack)
      missing('check', 'it is over at its backend, and nobody did it');
    return;
  }
  if (verdict === undefined) {
    if (says === 'elsewhere' && elsewhere.length > 0 && effects.length === 0) return;
    missing('I6', `it is decided, and the card says ${sayOf(card)}`);
    return;
  }
  // From here on the card names who decided.
  if (!decisive.some(({ person, action }) => people[person].name === by && action === verdict)) {
    wrong('I4', `the card says ${sayOf(card)}, who never pressed that`);
  }
  for (const { person, action } of accepted) {
    if (people[person].name === by && action === verdict) continue;
    wrong('I4', `${person}'s ${action} was accepted, and the card says ${sayOf(card)}`);
  }
  const [effect] = effects;
  if (effect !== undefined && (effect.action !== verdict || (effect.by !== null && effect.by !== by))) {
    missing('I6', `${effect.action} by ${effect.by ?? 'somebody'} took effect, and the card says ${sayOf(card)}`);
  }
  if (
    effect === undefined &&
    elsewhere.length > 0 &&
    (calls.length === 0 || elsewhere[0]?.action !== verdict || !doubt)
  ) {
    missing('I6', `it was decided elsewhere, and the card says ${sayOf(card)}`);
  }
  if (card.buttons.size > 0) missing('I6', 'it is settled, and its card has buttons');
}

/** A question that is answered together with this one and still undecided; null: there is none. */
function undecidedBeside(question: Question, rooms: Rooms): string | null {
  if (question.pause.kind !== 'await') return null;
  const open = question.group.find((one) => {
    return one !== question && rooms.cards(one).some(({ says }) => says === 'open' || says === 'held');
  });
  return open?.marker ?? null;
}

/**
 * How the run went on is in the thread, once a place: each run here has ended once all its questions have an answer. A run
 * of two that was lost with one of them is seen with the other, which has a note of its own.
 */
function checkNotes({ pause, script, ref, group }: Question, first: CardSeen, cards: CardSeen[], missing: Say): void {
  if (ref?.kind !== 'approval' || first.says === 'unconfirmed') return;
  for (const { platform, notes } of cards) {
    const ends = notes.filter((text) => isEnding.test(text));
    const seenAgain = group.length > 1 && ends.length === 2 && ends.some((text) => isLost.test(text));
    if (ends.length !== 1 && !seenAgain)
      missing('I1', `${ends.length} notes on ${platform} say how the run of ${script.marker} (${pause.kind}) went on`);
  }
}

/** A press that changed nothing was answered so, in private. Of a whole round: Slack's words don't name the card. */
export function judgeTold(world: World, questions: readonly Question[], rooms: Rooms = readRooms(world)): Finding[] {
  return Object.values(people).flatMap(({ key, name, slackId }) => {
    const from = Math.min(...questions.map((question) => question.from.slack));
    const inVain = questions.flatMap((question) => {
      const [card] = rooms.cards(question);
      return question.presses.filter((press) => {
        if (press.person !== key || press.platform !== 'slack' || press.heard !== 'acked' || press.foreign)
          return false;
        // Between an acknowledgement and the word that follows it, a process may die.
        const until = press.at + TOLD_WITHIN_MS * world.slowness();
        if (world.bot.failed(press.at, until)) return false;
        if (!isReviewer(key)) return true;
        const isDecided = card !== undefined && card.by !== null;
        const isWinner = isDecided && card.by === name && verdicts[press.action as Action]?.includes(card.says);
        return press.decisive && press.action !== 'retry' && isDecided && !isWinner;
      });
    });
    const told = rooms.privately('slack', slackId, from).length;
    if (told >= inVain.length) return [];
    const text = `${name} pressed ${inVain.length} times in vain on Slack, and was told ${told} times`;
    return [{ invariant: 'I4', marker: '', text }];
  });
}

/** By the order of the journals: no card says that it is decided before the backend has taken it. */
export function judgeOrder(world: World, questions: readonly Question[]): Finding[] {
  const shown = [
    ...world.slack.journal.entries.flatMap((entry) =>
      entry.kind === 'call' && /^chat\.(?:postMessage|update)$/.test(entry.method)
        ? [{ at: entry.at, text: JSON.stringify(entry.args) }]
        : [],
    ),
    ...world.discord.journal.entries.flatMap((entry) =>
      entry.kind === 'call' && /^\/channels\/\d+\/messages/.test(entry.path) && entry.body !== null
        ? [{ at: entry.at, text: JSON.stringify(entry.body) }]
        : [],
    ),
  ];
  return questions.flatMap((question) => {
    const standing = standingOf(world, question);
    if (standing === null || (question.pause.kind === 'inbox' && !question.pause.callback)) return [];
    const first = Math.min(
      ...[...standing.calls.filter(({ effect }) => effect), ...standing.elsewhere].map(({ at }) => at),
    );
    const toldLate = Math.min(
      ...standing.calls.filter(({ status, effect }) => status === 200 && !effect).map(({ at }) => at),
    );
    const early = shown.find(({ at, text }) => {
      if (!text.includes(question.marker) || at >= first) return false;
      // What its backend said inside a 200 is what the card says, whether or not it is so.
      if (at >= toldLate && /Decided elsewhere|decided elsewhere|[Ee]xpired/.test(text)) return false;
      if (callsDecided(text, question.marker)) return true;
      return /(?:Approved|Rejected|Taken over|Answered) by |Decided elsewhere \\*\(/.test(text);
    });
    return early === undefined
      ? []
      : [{ invariant: 'I3', marker: question.marker, text: 'a card said that it was decided before its backend knew' }];
  });
}

function isReviewer(person: string): boolean {
  return (reviewers as readonly string[]).includes(person);
}

function sayOf({ says, by }: CardSeen): string {
  return by === null ? says : `${says} by ${by}`;
}
