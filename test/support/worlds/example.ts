/** A policy of `examples/`, as it is in its file, in the real bot: the emulators have its rooms and its people. */
import { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Clock } from '../../../src/core/ports/ports.ts';
import type { DiscordMessage } from '../../../src/sandbox/emulators/discord/types.ts';
import type { Script } from '../../../src/sandbox/emulators/runtype/types.ts';
import type { SlackMessage } from '../../../src/sandbox/emulators/slack/types.ts';
import { exampleOf } from '../data/example-policies.ts';
import { calls, fillDiscord, fillSlack, pressDiscord, pressSlack, privateTexts, textIn } from '../people/room.ts';
import type { Emulators } from './emulators.ts';
import { createWorld, type Person, type World } from './world.ts';

export interface Member extends Person {
  /** Slack user groups. */
  groups?: string[];
  /** Discord roles. */
  roles?: string[];
}

/** The people of the examples, with the accounts that the files name. */
export const mara: Member = {
  name: 'Mara Lind',
  handle: 'mara.lind',
  slackId: 'U0MARA001',
  discordId: '210000000000000001',
};
export const jon: Member = {
  name: 'Jon Weber',
  handle: 'jon.weber',
  slackId: 'U0JON0001',
  discordId: '210000000000000002',
};
export const ana: Member = {
  name: 'Ana Prado',
  handle: 'ana.prado',
  slackId: 'U0ANA0001',
  discordId: '210000000000000003',
};
/** In the rooms, and in no policy. */
export const kit: Member = {
  name: 'Kit Moreau',
  handle: 'kit.moreau',
  slackId: 'U0KIT0001',
  discordId: '210000000000000008',
};
/** In no policy by name, but for what a case puts her into. */
export const lea: Member = {
  name: 'Lea Okafor',
  handle: 'lea.okafor',
  slackId: 'U0LEA0001',
  discordId: '210000000000000009',
};

type Message = SlackMessage | DiscordMessage;

export interface Stage {
  world: World;
  /** An agent asks for this tool. @returns the word in its parameters by which its messages are found */
  ask(tool: string, parameters?: Record<string, unknown>): Promise<string>;
  /** @param place `slack:C…` or `discord:…` @returns its card there */
  card(place: string, word: string): Promise<Message>;
  /** Waits until its card in each of these places says this. */
  says(places: readonly string[], word: string, text: string | RegExp): Promise<void>;
  /** Waits until a message in each of these places, or in a thread there, says this. */
  isRead(places: readonly string[], text: RegExp): Promise<void>;
  press(person: Person, place: string, word: string, label: string): Promise<unknown>;
  /** Fills in the open form of this person. */
  fill(person: Person, place: string, answers: Record<string, string>): Promise<unknown>;
  /** The private text that this person gets for what they do. */
  answer(person: Person, act: () => Promise<unknown>): Promise<string>;
  /** The decisions that the backend got since the last look. */
  decisions(): unknown[];
  /** Of what an agent asked for, oldest first. */
  audit(word: string): ReturnType<ReturnType<World['app']>['store']['audit']>;
}

const examples = fileURLToPath(new URL('../../../examples/', import.meta.url));
const DAY_MS = 24 * 60 * 60_000;

/** One bot for all cases of a block. @param members besides those that the files name */
export function onExample(
  file: string,
  { clock, env = {}, members = [] }: { clock?: Clock; env?: Record<string, string>; members?: Member[] } = {},
): () => Stage {
  let stage: Stage | null = null;
  const all = [mara, jon, ana, kit, ...members];
  before(async () => {
    const places = placesOf(file);
    const of = (platform: string) =>
      places
        .filter((place) => place.platform === platform)
        .map(({ room }, index) => ({ id: room, name: `room-${index}` }));
    const world = await createWorld({
      slackChannels: of('slack'),
      discordChannels: of('discord'),
      ...(clock && { clock }),
      envOf(emulators) {
        enter(emulators, all);
        const moved = { REVIEWERS: '', RUNS: '', RUN_STARTERS: '' };
        return { ...moved, ...env, POLICY_FILE: `${examples}${file}` };
      },
    });
    stage = stageOf(world, all);
  });
  after(async () => {
    await stage?.world.close();
  });
  return () => {
    if (stage === null) throw new Error('the bot has not started yet');
    return stage;
  };
}

/** An agent that asks for one tool, and waits for longer than any rule. */
export function scriptOf(name: string, toolName: string, parameters: Record<string, unknown>): Script {
  return {
    name,
    kind: 'agent',
    title: 'Shop agent',
    steps: [
      { do: 'approval', toolName, parameters, timeoutMs: 7 * DAY_MS, result: {} },
      { do: 'complete', finalOutput: 'Done.' },
    ],
  };
}

function placesOf(file: string) {
  const { rules } = exampleOf(file);
  const all = rules.flatMap(({ rooms, escalate }) => [...rooms, ...escalate.flatMap((one) => one.rooms)]);
  return [...new Map(all.map((place) => [`${place.platform}:${place.room}`, place])).values()];
}

function enter({ slack, discord }: Pick<Emulators, 'slack' | 'discord'>, all: readonly Member[]): void {
  for (const { name, handle, slackId, discordId, groups = [], roles = [] } of all) {
    slack.addUser({ id: slackId, handle, displayName: name, groups });
    discord.addUser({ id: discordId, username: handle, globalName: name, roles });
  }
}

function stageOf(world: World, all: readonly Member[]): Stage {
  const { slack, discord, runtype } = world;
  const nameOf = (id: string) => all.find(({ slackId }) => slackId === id)?.name ?? id;
  const read = (message: Message) => textIn(message, nameOf).replaceAll(/\\|\*\*/g, '');
  const runs = new Map<string, string>();
  let asked = 0;
  let looked = 0;

  function messagesIn(place: string): Message[] {
    const [platform = '', room = ''] = place.split(':');
    if (platform === 'slack')
      return slack.state().messages.filter(({ channel, onlyFor }) => channel === room && onlyFor === null);
    const { channels, messages } = discord.state();
    const here = new Set([room, ...channels.filter(({ parentId }) => parentId === room).map(({ id }) => id)]);
    return messages.filter(({ channelId, onlyFor }) => here.has(channelId) && onlyFor === null);
  }
  const cardIn = (place: string, word: string) => messagesIn(place).find((message) => read(message).includes(word));

  const stage: Stage = {
    world,
    async ask(tool, parameters = {}) {
      asked += 1;
      const [word, name] = [`order${asked}x`, `agent-${asked}`];
      runtype.scripts.set(name, scriptOf(name, tool, { order: word, ...parameters }));
      await world.dispatch(name);
      runs.set(word, runtype.runs().find((run) => run.name === name)?.executionId ?? '');
      return word;
    },
    card: (place, word) => world.until(`a card of ${word} in ${place}`, () => cardIn(place, word)),
    async says(places, word, text) {
      for (const place of places)
        await world.until(`the card of ${word} in ${place} to say ${text}`, () => {
          const card = cardIn(place, word);
          const now = card === undefined ? '' : read(card);
          return (typeof text === 'string' ? now.includes(text) : text.test(now)) || undefined;
        });
    },
    async isRead(places, text) {
      for (const place of places)
        await world.until(`a message in ${place} to say ${text}`, () =>
          messagesIn(place).some((message) => text.test(read(message))) ? true : undefined,
        );
    },
    async press(person, place, word, label) {
      const card = await stage.card(place, word);
      return 'ts' in card ? pressSlack(world, person, card, label) : pressDiscord(world, person, card, label);
    },
    fill: (person, place, answers) =>
      place.startsWith('slack') ? fillSlack(world, person, answers) : fillDiscord(world, person, answers),
    async answer(person, act) {
      const before = privateTexts(world, person);
      await act();
      const text = await world.until(`an answer to ${person.name}`, () => {
        const known = [...before];
        return privateTexts(world, person).find((one) => {
          const at = known.indexOf(one);
          if (at >= 0) known.splice(at, 1);
          return at < 0;
        });
      });
      return text.replaceAll('\\', '');
    },
    decisions() {
      const made = calls(world, 'approve').slice(looked);
      looked += made.length;
      return made.map(({ body }) => body['decision']);
    },
    async audit(word) {
      const { store } = world.app();
      const runId = runs.get(word) ?? '';
      const [approval] = await store.list({ backend: 'runtype', runId });
      return approval === undefined ? [] : store.audit(approval.id);
    },
  };
  return stage;
}
