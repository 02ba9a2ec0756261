/** People at their cards: they press what they see, write into forms, and try again when nothing answered. */
import type { Json } from '../../../src/sandbox/emulators/discord/types.ts';
import { standingOf } from '../world/backends.ts';
import { type CardSeen, isNotRecorded, readRooms } from '../world/rooms.ts';
import type { World } from '../world/world.ts';
import { people } from './people.ts';
import type { Heard, PressRecord, Question } from './questions.ts';
import type { Action, ActScript, PersonKey, PlatformName } from './script.ts';

/** Between two tries of a person who got no answer, ms: at first, and at most. They try for as long as the round lasts. */
const AGAIN_MS = 40;
const AGAIN_MAX_MS = 1_000;
/** All times below are for two free cores: on a slower machine they are longer. */
const FORM_MS = 2_500;
/** A bot that had seen the pause before it died has put its card up by then, on a busy machine, too. */
const UNSEEN_MS = 5_000;
/** Its own card is posted by then, or the press is tried again. */
const APART_MS = 1_000;
/** What was on its way from a process that died is read within this, ms. */
const LAST_WORDS_MS = 60;
const LONGEST_MS = 30_000;

export class People {
  readonly #world: World;
  /** A person does one thing at a time in one place. */
  readonly #hands = new Map<string, Promise<unknown>>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Does it as soon as the card is there; nothing when somebody else was faster. */
  async act(question: Question, act: ActScript, over: AbortSignal): Promise<void> {
    const world = this.#world;
    const ready = () => {
      const cards = this.#look(question, act.platform);
      if (cards.length === 0) {
        // What ended before it was shown has no card; of a cut stream none is promised.
        const isOver = (standingOf(world, question)?.elsewhere.length ?? 0) > 0;
        const isUnseen = question.unseen && Date.now() - world.bot.upSince > UNSEEN_MS * world.slowness();
        // A step waits for the one before it, whose outcome may be unknown.
        const [before] = question.group;
        const isStuck =
          before !== undefined &&
          before !== question &&
          this.#look(before, act.platform).some(({ says }) => says === 'unconfirmed');
        return isOver || isUnseen || isStuck ? 'over' : null;
      }
      if (cards.some(({ buttons }) => buttons.has(act.action))) return 'press';
      if (cards.some(({ buttons }) => buttons.has('one_by_one'))) return 'apart';
      return cards.every(({ says }) => says !== 'open' && says !== 'other') ? 'over' : null;
    };
    if ((await this.#untilAlone(question, act.platform, ready, over)) !== 'press') return;
    await world.pause(act.afterMs, over);
    for (let tries = 1; !over.aborted; tries += 1) {
      if (await this.#inTurn(act.person, act.platform, () => this.#try(question, act, over))) return;
      await this.#again(tries, over);
    }
  }

  /** As a person does: once the bot is there again, and after a pause that grows. */
  async #again(tries: number, over: AbortSignal): Promise<void> {
    const { bot, until, pause } = this.#world;
    await until(() => (bot.up ? true : null), LONGEST_MS, over);
    await pause(Math.min(AGAIN_MAX_MS, AGAIN_MS * 1.5 ** tries), over);
  }

  /** Has it shown on a card of its own first, where it is one of several. */
  async #untilAlone(
    question: Question,
    platform: PlatformName,
    ready: () => 'press' | 'apart' | 'over' | null,
    over: AbortSignal,
  ): Promise<'press' | 'over' | null> {
    const world = this.#world;
    for (let tries = 1; !over.aborted; tries += 1) {
      const found = await world.until(ready, LONGEST_MS * world.slowness(), over);
      if (found !== 'apart') return found;
      await this.#inTurn('dana', platform, () => this.#apart(question, platform));
      const alone = () => (ready() === 'apart' ? null : true);
      if ((await world.until(alone, APART_MS * world.slowness(), over)) === null) await this.#again(tries, over);
    }
    return null;
  }

  async #apart(question: Question, platform: PlatformName): Promise<void> {
    const { slack, discord, note } = this.#world;
    const target = this.#look(question, platform).find(({ buttons }) => buttons.has('one_by_one'));
    const id = target?.buttons.get('one_by_one');
    if (target === undefined || id === undefined) return;
    const { room, message } = target;
    const { slackId, discordId } = people.dana;
    if (platform === 'slack') {
      await this.#heard(slack.press({ userId: slackId, channel: room, ts: message, actionId: id }));
    } else {
      await this.#heard(discord.press({ userId: discordId, channelId: room, messageId: message, customId: id }));
    }
    note(`dana has ${question.marker} shown alone on ${platform}`);
  }

  /** Presses what stood on the card, whatever it says by now. */
  async late(question: Question, act: ActScript, over: AbortSignal): Promise<void> {
    for (let tries = 1; !over.aborted; tries += 1) {
      const heard = await this.#inTurn(act.person, act.platform, () => this.#press(question, act));
      if (heard !== 'unheard' && heard !== 'failed') return;
      await this.#again(tries, over);
    }
  }

  /**
   * What is answered together with others does not stay undecided: a claim whose holder went away is ended, on the card of
   * a decided one or by the holder, and somebody approves.
   */
  async finish(question: Question, over: AbortSignal): Promise<void> {
    const common = { platform: 'slack', afterMs: 0, deliveries: 1, foreign: false } as const;
    for (let tries = 1; !over.aborted; tries += 1) {
      const [card] = this.#look(question, 'slack');
      if (card?.says === 'open') await this.act(question, { ...common, person: 'omar', action: 'approve' }, over);
      else if (card?.says !== 'held') return;
      else {
        const holder = Object.values(people).find(({ name }) => name === card.by)?.key ?? 'dana';
        const waiting = question.group.find((one) => one !== question && this.#offersRelease(one));
        const person = waiting === undefined ? holder : holder === 'omar' ? 'ida' : 'omar';
        // A claim belongs to one account of its holder.
        const took = question.presses.findLast((press) => press.person === holder && press.action === 'take_over');
        const platform = waiting === undefined ? (took?.platform ?? 'slack') : 'slack';
        this.#look(question, platform);
        const release = { ...common, platform, person, action: 'hand_back' } as const;
        await this.#inTurn(person, platform, () => this.#press(waiting ?? question, release));
      }
      await this.#again(tries, over);
    }
  }

  #offersRelease(question: Question): boolean {
    return this.#look(question, 'slack').some(({ says, buttons }) => says === 'pending' && buttons.has('hand_back'));
  }

  async retry(question: Question, person: PersonKey, over: AbortSignal): Promise<void> {
    const ready = () => {
      const [card] = this.#look(question, 'discord');
      if (card?.says !== 'unconfirmed') return 'over';
      if (card.buttons.has('retry')) return 'press';
      return card.buttons.has('one_by_one') ? 'apart' : 'over';
    };
    await this.#untilAlone(question, 'discord', ready, over);
    const act = { person, platform: 'discord', action: 'retry', afterMs: 0, deliveries: 1, foreign: false } as const;
    this.#look(question, 'discord');
    for (let tries = 1; !over.aborted; tries += 1) {
      const heard = await this.#inTurn(person, 'discord', () => this.#press(question, act));
      if (heard !== 'unheard' && heard !== 'failed') return;
      await this.#again(tries, over);
    }
  }

  /** Remembers the buttons that stand there now. */
  #look(question: Question, platform: PlatformName): CardSeen[] {
    const cards = readRooms(this.#world)
      .cards(question)
      .filter((card) => card.platform === platform);
    for (const { room, message, buttons } of cards) {
      for (const [action, id] of buttons) {
        question.buttons[`${platform} ${action}`] = { room, message, id };
      }
    }
    return cards;
  }

  /** True when there is nothing more to do. */
  async #try(question: Question, act: ActScript, over: AbortSignal): Promise<boolean> {
    const cards = this.#look(question, act.platform);
    const isOver = cards.length > 0 && !cards.some(({ buttons }) => buttons.has(act.action));
    if (isOver && question.presses.some(({ person }) => person === act.person)) return true;
    const heard = await this.#press(question, act);
    if (heard === 'unheard' || heard === 'failed') return false;
    // *Details* opened, and the person has read them: the next press counts. What asks to confirm is asked again.
    if (act.action === 'approve') return heard !== 'form';
    if (act.foreign || heard === 'refused') return true;
    // A button that opens a form; on Slack its acknowledgement does not tell whether one opens.
    return this.#fill(question, act, heard === 'acked', over);
  }

  async #press(
    question: Question,
    act: Omit<ActScript, 'action' | 'leaves'> & { action: Action | 'retry' | 'hand_back' },
  ): Promise<Heard> {
    const { slack, discord, bot, note } = this.#world;
    const { person: key, platform, action, deliveries, foreign } = act;
    const target = question.buttons[`${platform} ${action}`];
    if (target === undefined) return 'refused';
    const person = people[key];
    const { room, message, id } = target;
    const decisive = action === 'approve' || action === 'retry';
    const record: PressRecord = {
      ...{ person: key, platform, action, at: Date.now(), life: bot.life, decisive, foreign, heard: 'unheard' },
      toldBefore: this.#told(platform, key),
    };
    question.presses.push(record);
    const opensFirst =
      action === 'approve' && !foreign && this.#look(question, platform).some((card) => card.opensFirst);
    this.#close(platform, key);
    if (platform === 'slack') {
      const team = foreign ? { teamId: 'T0ELSEWHERE' } : {};
      const press = { userId: person.slackId, channel: room, ts: message, actionId: id, deliveries, ...team };
      const result = await this.#heard(slack.press(press));
      record.heard = result?.acked === true ? 'acked' : 'unheard';
      if (record.heard === 'acked' && opensFirst) record.heard = await this.#readSlack(question, key);
    } else {
      const press = { userId: person.discordId, channelId: room, messageId: message, customId: id, deliveries };
      const result = await this.#heard(discord.press(press));
      record.heard = result === null ? 'unheard' : this.#readDiscord(result.type, person.discordId);
    }
    if (record.heard === 'form') record.decisive = false;
    note(`${key} presses ${action} on ${platform}, ${question.marker}${foreign ? ' (foreign)' : ''}: ${record.heard}`);
    return record.heard;
  }

  /** Who presses a button has no form in front of it. */
  #close(platform: PlatformName, key: PersonKey): void {
    const { slack, discord } = this.#world;
    const { slackId, discordId } = people[key];
    const views = slack.state().views.filter(({ userId }) => userId === slackId);
    const modals = discord.state().modals.filter(({ userId }) => userId === discordId);
    if (platform === 'slack') for (const { id } of views.toReversed()) slack.closeView(slackId, id);
    else for (const { id } of modals) discord.closeModal(discordId, id);
  }

  /** True when it was heard, whatever came of it. */
  async #fill(question: Question, act: ActScript, mayBeNone: boolean, over: AbortSignal): Promise<boolean> {
    const { slack, discord, bot, note } = this.#world;
    const { person: key, platform, action } = act;
    const person = people[key];
    const told = this.#told(platform, key);
    const life = bot.life;
    const find = () => {
      if (bot.life !== life) return 'none';
      const view = slack.state().views.find(({ userId }) => userId === person.slackId);
      const modal = discord.state().modals.find(({ userId }) => userId === person.discordId);
      if (platform === 'slack' ? view !== undefined : modal !== undefined) return 'form';
      return mayBeNone && this.#told(platform, key) > told ? 'refused' : null;
    };
    const found = await this.#world.until(find, FORM_MS * this.#world.slowness(), over);
    // The answer may be that to another press: as long as the card is open to this person, it is pressed again.
    if (found === 'refused') return !this.#isOpenTo(question, platform, key);
    if (found !== 'form') return false;
    if (act.leaves === true) {
      this.#close(platform, key);
      note(`${key} leaves the form ${action} on ${platform}, ${question.marker}`);
      return true;
    }
    const text = `written by ${people[key].name}`;
    for (let tries = 1; !over.aborted; tries += 1) {
      const record: PressRecord = {
        ...{ person: key, platform, action, at: Date.now(), life: bot.life, decisive: true, foreign: false },
        ...{ heard: 'unheard', toldBefore: this.#told(platform, key) },
      };
      question.presses.push(record);
      record.heard = platform === 'slack' ? await this.#submitSlack(key, text) : await this.#submitDiscord(key, text);
      note(`${key} sends the form ${action} on ${platform}, ${question.marker}: ${record.heard}`);
      if (record.heard !== 'unheard' && record.heard !== 'failed') return true;
      await this.#again(tries, over);
      const isThere =
        platform === 'slack'
          ? slack.state().views.some(({ userId }) => userId === person.slackId)
          : discord.state().modals.some(({ userId }) => userId === person.discordId);
      if (!isThere) return false;
    }
    return true;
  }

  async #submitSlack(key: PersonKey, text: string): Promise<Heard> {
    const { slack } = this.#world;
    const { slackId } = people[key];
    const view = slack.state().views.find(({ userId }) => userId === slackId);
    if (view === undefined) return 'unheard';
    const [input] = find(view.view, ({ type }) => type === 'input');
    const blockId = String(input?.['block_id']);
    const actionId = String((input?.['element'] as Json | undefined)?.['action_id']);
    const result = await this.#heard(slack.submitView(slackId, view.id, { [blockId]: { [actionId]: text } }));
    if (result?.acked !== true) return 'unheard';
    const answer = result.response?.['response_action'];
    if (answer === undefined) return 'accepted';
    return answer === 'errors' ? 'failed' : 'refused';
  }

  async #submitDiscord(key: PersonKey, text: string): Promise<Heard> {
    const { discord } = this.#world;
    const { discordId } = people[key];
    const modal = discord.state().modals.find(({ userId }) => userId === discordId);
    if (modal === undefined) return 'unheard';
    const [input] = find(modal.data, ({ type }) => type === 4);
    const result = await this.#heard(
      discord.submitModal(discordId, modal.id, { [String(input?.['custom_id'])]: text }),
    );
    return result === null ? 'unheard' : this.#readDiscord(result.type, discordId);
  }

  /** After the acknowledgement of an approval that opens something first: `form` where that opened. */
  async #readSlack(question: Question, key: PersonKey): Promise<Heard> {
    const { slack, bot, until, slowness } = this.#world;
    const { slackId } = people[key];
    const { life } = bot;
    const find = () => {
      if (bot.life !== life) return 'unheard';
      const { views } = slack.state();
      if (views.some(({ userId, view }) => userId === slackId && isFirst(JSON.stringify(view)))) return 'form';
      return this.#isOpenTo(question, 'slack', key) ? null : 'acked';
    };
    return (await until<Heard>(find, FORM_MS * slowness())) ?? 'unheard';
  }

  #readDiscord(type: number | null, discordId: string): Heard {
    if (type === 6 || type === 7) return 'accepted';
    if (type === 9) return 'form';
    if (type === null) return 'unheard';
    const last = readRooms(this.#world).privately('discord', discordId, 0).at(-1) ?? '';
    if (isFirst(last)) return 'form';
    if (isNotRecorded(last)) return 'failed';
    return 'refused';
  }

  #told(platform: PlatformName, key: PersonKey): number {
    const { slackId, discordId } = people[key];
    return readRooms(this.#world).privately(platform, platform === 'slack' ? slackId : discordId, 0).length;
  }

  #isOpenTo(question: Question, platform: PlatformName, key: PersonKey): boolean {
    if (key === 'kit') return false;
    const isTheirs = (by: string | null) => by === people[key].name;
    return this.#look(question, platform).some(({ says, by }) => says === 'open' || (says === 'held' && isTheirs(by)));
  }

  /** What the person hears; null when the bot died, and all it had still said was read. */
  async #heard<T>(result: Promise<T>): Promise<T | null> {
    const { slack, discord, bot } = this.#world;
    const { life } = bot;
    const settled = new AbortController();
    const gone = this.#world
      .until(
        () => {
          const isGone = bot.life !== life || !bot.up;
          return isGone && slack.state().connections + discord.state().connections === 0 ? true : null;
        },
        LONGEST_MS,
        settled.signal,
      )
      .then(() => this.#world.pause(LAST_WORDS_MS, settled.signal))
      .then(() => null);
    try {
      return await Promise.race([result, gone]);
    } finally {
      settled.abort();
    }
  }

  #inTurn<T>(person: PersonKey, platform: PlatformName, work: () => Promise<T>): Promise<T> {
    const key = `${person} ${platform}`;
    const turn = (this.#hands.get(key) ?? Promise.resolve()).then(work);
    this.#hands.set(
      key,
      turn.catch(() => undefined),
    );
    return turn;
  }
}

/** What *Approve* opens before it decides: *Details*, or a form that asks to confirm. */
const isFirst = (text: string) => /Read this first|You are about to approve/.test(text);

function find(value: unknown, matches: (item: Json) => boolean): Json[] {
  if (Array.isArray(value)) return value.flatMap((item) => find(item, matches));
  if (typeof value !== 'object' || value === null) return [];
  const item = value as Json;
  return [...(matches(item) ? [item] : []), ...Object.values(item).flatMap((inner) => find(inner, matches))];
}
