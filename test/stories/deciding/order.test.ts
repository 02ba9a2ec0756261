/**
 * The order of effects from a press to its acknowledgement: before it there is no network request, and at most one
 * commit. Recorded from the commits, requests and sockets themselves; the acknowledgement is one of these effects, and
 * its emulator has received it.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createSlackEmulator } from '../../../src/sandbox/emulators/slack/index.ts';
import { type Effect, type EffectLog, recordEffects } from '../../support/effects.ts';
import {
  discordButtons,
  pressDiscord,
  pressSlack,
  slackButtons,
  submitDiscord,
  submitSlack,
  untilCardsSay,
} from '../../support/people/room.ts';
import { dana, inWorld, kit, type World } from '../../support/worlds/world.ts';

const { signingSecret, close } = await createSlackEmulator();
await close();

/** The outcome, as the person saw it. */
type Done = { acked: boolean; id: string };
type Person = typeof dana;

/** One way in which a press reaches the bot. */
interface Way {
  name: string;
  /** How cards name Dana after her press here. */
  dana: string;
  env: Record<string, string>;
  press(world: World, person: Person, button: string): Promise<Done>;
  submit(world: World, text: string): Promise<Done>;
  /** Requests the list of pending approvals. */
  look(world: World): Promise<Done>;
  /** @returns a function that presses this button of the list as it is shown now; undefined: there is no list yet */
  inList(world: World, button: string): (() => Promise<Done>) | undefined;
  isAck(effect: Effect, id: string): boolean;
  /** The effects that acknowledge a press which opens a form, and the next effects. */
  opensForm: RegExp;
}

const cardsInSlack = (world: World) => world.slack.state().messages.filter(({ onlyFor }) => onlyFor === null);
const cardsInDiscord = (world: World) => world.discord.state().messages.filter(({ onlyFor }) => onlyFor === null);

const slackWay = {
  dana: dana.name,
  async press(world: World, person: Person, button: string) {
    const card = await world.until(`a card with ${button}`, () =>
      cardsInSlack(world).findLast((message) => slackButtons(message).some(({ label }) => label === button)),
    );
    return slackDone(pressSlack(world, person, card, button));
  },
  submit: (world: World, text: string) => slackDone(submitSlack(world, dana, text)),
  look: (world: World) => slackDone(world.slack.command(dana.slackId, '/approvals', '')),
  inList(world: World, button: string) {
    const list = world.slack.state().messages.findLast(({ onlyFor }) => onlyFor === dana.slackId);
    return list && (() => slackDone(pressSlack(world, dana, list, button)));
  },
  opensForm: /^POST \/api\/views\.open/,
};

const ways: Way[] = [
  {
    ...slackWay,
    name: 'Slack, by socket',
    env: {},
    isAck: (effect, id) => effect.what === 'frame' && effect.text.includes(id),
  },
  {
    ...slackWay,
    name: 'Slack, by signed HTTP',
    env: { SLACK_APP_TOKEN: '', SLACK_SIGNING_SECRET: signingSecret },
    isAck: (effect) => effect.what === 'answer' && effect.text.startsWith('HTTP/1.1 200'),
  },
  {
    name: 'Discord',
    dana: dana.name,
    env: {},
    async press(world, person, button) {
      const card = await world.until(`a card with ${button}`, () =>
        cardsInDiscord(world).findLast((message) => discordButtons(message).some(({ label }) => label === button)),
      );
      return discordDone(pressDiscord(world, person, card, button));
    },
    submit: (world, text) => discordDone(submitDiscord(world, dana, text)),
    look: (world) =>
      discordDone(
        world.discord.command({ userId: dana.discordId, channelId: world.discord.channel, name: 'approvals' }),
      ),
    inList(world, button) {
      const list = world.discord.state().messages.findLast(({ onlyFor }) => onlyFor === dana.discordId);
      return list && (() => discordDone(pressDiscord(world, dana, list, button)));
    },
    isAck: (effect, id) => effect.what === 'request' && effect.path.includes(`/interactions/${id}/`),
    opensForm: /^POST \/api\/v10\/interactions\/\d+\/.*\/callback/,
  },
];

async function slackDone(pressing: ReturnType<World['slack']['press']>): Promise<Done> {
  const { acked, envelopeId: id } = await pressing;
  return { acked, id };
}

async function discordDone(pressing: ReturnType<World['discord']['press']>): Promise<Done> {
  const { acked, interactionId: id } = await pressing;
  return { acked, id };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
/** The bot counts as idle after this many turns of the event loop without an effect. */
const QUIET_TURNS = 30;

/** Resolves once the bot is idle, so that the next effects come from the press. */
async function untilIdle(world: World, log: EffectLog): Promise<void> {
  const { store } = world.app();
  for (let quiet = 0, seen = -1; quiet < QUIET_TURNS; quiet += 1) {
    await turn();
    const { jobs } = await store.stats(0);
    const busy = jobs.some(({ kind, waiting, due, running }) => due + running + (kind === 'wake' ? 0 : waiting) > 0);
    if (busy || log.effects.length !== seen) quiet = 0;
    seen = log.effects.length;
  }
}

const name = (effect: Effect): string => {
  switch (effect.what) {
    case 'point':
      return effect.point;
    case 'request':
      return `${effect.method} ${effect.path}`;
    case 'commit':
      return 'commit';
    case 'frame':
    case 'answer':
      return `${effect.what}: ${effect.text.slice(0, 60)}`;
  }
};

/** The violation of the rule in this order; null: none. */
function violationIn(effects: readonly Effect[], isAck: (effect: Effect) => boolean): string | null {
  const at = effects.findIndex(isAck);
  const before = effects.slice(0, Math.max(at, 0));
  const said = `${effects.map(name).join(', ')}`;
  if (at < 0) return `no acknowledgement was seen: ${said}`;
  const calls = before.filter(({ what }) => what === 'request' || what === 'frame' || what === 'answer');
  if (calls.length > 0) return `the network was used before the acknowledgement: ${said}`;
  const commits = before.filter(({ what }) => what === 'commit');
  return commits.length > 1 ? `${commits.length} commits came before the acknowledgement: ${said}` : null;
}

/** The effects before the acknowledgement of one press, and the requests since then. */
interface Order {
  commits: number;
  /** Whether the press's own commit was one of them. */
  recorded: boolean;
  requests(): string;
}

interface Watched {
  /** Runs the press on an idle bot, and checks its effects against the rule. */
  ordered(act: () => Promise<Done>): Promise<Order>;
  /** @returns the violation; null: none */
  violation(act: () => Promise<Done>): Promise<string | null>;
}

async function watching(
  way: Way,
  run: (world: World, watched: Watched) => Promise<void>,
  onPoint?: Parameters<typeof recordEffects>[0],
): Promise<void> {
  const log = recordEffects(onPoint);
  const play = async (world: World, act: () => Promise<Done>) => {
    await untilIdle(world, log);
    const from = log.effects.length;
    const { acked, id } = await act();
    assert.ok(acked, 'the person saw no error');
    return { effects: log.effects.slice(from), from, isAck: (effect: Effect) => way.isAck(effect, id) };
  };
  try {
    await inWorld(
      async (world) => {
        const { port } = world.app();
        log.watch(port);
        if (way.env['SLACK_SIGNING_SECRET'] !== undefined)
          world.slack.sendOverHttp(`http://127.0.0.1:${port}/slack/events`);
        await run(world, {
          async ordered(act) {
            const { effects, from, isAck } = await play(world, act);
            assert.equal(violationIn(effects, isAck), null);
            const at = effects.findIndex(isAck);
            const before = effects.slice(0, at);
            const later = () => log.effects.slice(from + at).filter(({ what }) => what === 'request');
            return {
              commits: before.filter(({ what }) => what === 'commit').length,
              recorded: before.some((effect) => effect.what === 'point' && effect.point === 'press.recorded'),
              requests: () => later().map(name).join(),
            };
          },
          async violation(act) {
            const { effects, isAck } = await play(world, act);
            return violationIn(effects, isAck);
          },
        });
      },
      // What this process does is counted: a second bot in it would be counted, too.
      { env: way.env, failPoint: log.failPoint, replicas: 1, store: 'sqlite' },
    );
  } finally {
    log.stop();
  }
}

const decided = { commits: 1, recorded: true };
const undecided = { commits: 0, recorded: false };
const upTo = ({ commits, recorded }: Order) => ({ commits, recorded });
const untilForm = (world: World) =>
  world.until('the form', () => world.slack.state().views[0] ?? world.discord.state().modals[0]);

for (const way of ways) {
  describe(`from a press to its acknowledgement: ${way.name}`, () => {
    test('approve', () =>
      watching(way, async (world, { ordered }) => {
        await world.dispatch('refund-agent');
        assert.deepEqual(upTo(await ordered(() => way.press(world, dana, 'Approve'))), decided);
        await untilCardsSay(world, `Approved by ${way.dana}`);
      }));

    test('a press of a bystander: its answer waits for no commit', () =>
      watching(way, async (world, { ordered }) => {
        await world.dispatch('refund-agent');
        assert.deepEqual(upTo(await ordered(() => way.press(world, kit, 'Approve'))), undecided);
      }));

    test('reject: its form opens at once, and its submission is recorded first', () =>
      watching(way, async (world, { ordered }) => {
        await world.dispatch('refund-agent');
        const opening = await ordered(() => way.press(world, dana, 'Reject'));
        assert.deepEqual(upTo(opening), undecided);
        await untilForm(world);
        assert.match(opening.requests(), way.opensForm);
        assert.deepEqual(upTo(await ordered(() => way.submit(world, 'Not without a receipt'))), decided);
        await untilCardsSay(world, `Rejected by ${way.dana}`);
      }));

    test('take over: the claim is recorded before the form opens; then finish', () =>
      watching(way, async (world, { ordered }) => {
        await world.dispatch('refund-agent');
        assert.deepEqual(upTo(await ordered(() => way.press(world, dana, 'Take over'))), decided);
        await untilForm(world);
        await untilCardsSay(world, `Claimed by ${way.dana}`);
        assert.deepEqual(upTo(await ordered(() => way.press(world, dana, 'Mark as done'))), decided);
        await untilForm(world);
        assert.deepEqual(upTo(await ordered(() => way.submit(world, 'I wrote to the customer'))), decided);
        await untilCardsSay(world, `Taken over by ${way.dana}`);
      }));

    test('a list, a press in it, and a press that is too late', () =>
      watching(way, async (world, { ordered }) => {
        await world.dispatch('refund-agent');
        await untilCardsSay(world, 'Needs a decision');
        assert.deepEqual(upTo(await ordered(() => way.look(world))), undecided);
        const approve = await world.until('the list', () => way.inList(world, 'Approve'));
        const late = way.inList(world, 'Reject') ?? assert.fail('the list is gone');
        assert.deepEqual(upTo(await ordered(approve)), decided);
        await untilCardsSay(world, `Approved by ${way.dana}`);
        assert.deepEqual(upTo(await ordered(late)), undecided);
      }));

    test('a call before the acknowledgement is a violation', () => {
      let call = async () => {};
      return watching(
        way,
        async (world, { violation }) => {
          await world.dispatch('refund-agent');
          const found = await violation(() => {
            call = async () => void (await fetch(new URL('auth.test', world.slack.url)).catch(() => {}));
            return way.press(world, dana, 'Approve');
          });
          assert.match(found ?? '', /^the network was used before the acknowledgement: .*auth\.test/);
          await untilCardsSay(world, `Approved by ${way.dana}`);
        },
        (point) => {
          if (point === 'press.recorded') void call();
        },
      );
    });
  });
}
