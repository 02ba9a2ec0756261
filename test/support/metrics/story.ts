/** A day of a bot: what its metrics, the dashboard and the traces are compared with. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Script, Step } from '../../../src/sandbox/emulators/runtype/types.ts';
import type { SlackMessage } from '../../../src/sandbox/emulators/slack/types.ts';
import { createSkippingClock, type SkippingClock } from '../clock.ts';
import { openIn } from '../data/lists.ts';
import { pressDiscord, pressSlack, privateTexts, submitSlack, textOf } from '../people/room.ts';
import { createWorld, dana, kit, sam, type World } from '../worlds/world.ts';

const DAY_MS = 24 * 60 * 60_000;
/** How long Dana takes for her first decision. */
export const FIRST_DECISION_MS = 90_000;

export interface Story {
  world: World;
  clock: SkippingClock;
  /** The rule that each run was routed by, by the name of its agent. */
  routes: Map<string, string>;
  /** An agent asks for this tool. @returns its card in Slack */
  ask(tool: string, route: string, step?: Step, headers?: Record<string, string>): Promise<SlackMessage>;
  /** Waits until this card says it, moving time ahead where the bot waits. */
  says(card: SlackMessage, text: RegExp): Promise<void>;
  metrics(): Promise<string>;
  /** Waits until `/metrics` fits. */
  untilMetrics(fits: (text: string) => boolean): Promise<string>;
}

const policyOf = ({ slack, discord }: Pick<World, 'slack' | 'discord'>) => `version: 1
people:
  dana: [slack:${dana.slackId}, discord:${dana.discordId}]
  sam: [slack:${sam.slackId}, discord:${sam.discordId}]
rooms:
  desk: [slack:${slack.channel}, discord:${discord.channel}]
rules:
  - name: payouts
    match: { tool: payout }
    rooms: [desk]
    approve: { by: [dana, sam], count: 2 }
    reject: { by: [dana, sam] }
  - name: slow
    match: { tool: wait_for_it }
    rooms: [desk]
    approve: { by: [dana] }
    reject: { by: [dana] }
    expire: { after: 1h, then: reject }
  - name: everything else
    rooms: [desk]
    approve: { by: [dana, sam] }
    reject: { by: [dana, sam] }
    answer: { by: [dana, sam] }
    take_over: { by: [dana, sam] }
`;

export async function inStory(
  run: (story: Story) => Promise<void>,
  env: Record<string, string> = {},
  more: Pick<NonNullable<Parameters<typeof createWorld>[0]>, 'ownProcess'> = {},
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-metrics-'));
  const clock = createSkippingClock(Date.now());
  const world = await createWorld({
    ...more,
    clock,
    healthPace: 0.05,
    envOf(emulators) {
      const file = join(folder, 'countersign.yml');
      writeFileSync(file, policyOf(emulators));
      return { REVIEWERS: '', RUNS: '', RUN_STARTERS: '', POLICY_FILE: file, ...env };
    },
  });
  try {
    await run(storyOf(world, clock));
  } finally {
    await world.close();
    rmSync(folder, { recursive: true });
  }
}

function storyOf(world: World, clock: SkippingClock): Story {
  const routes = new Map<string, string>();
  const metrics = async () => (await fetch(`http://127.0.0.1:${world.app().port}/metrics`)).text();
  return {
    world,
    clock,
    routes,
    async ask(tool, route, step, headers) {
      const name = `agent-${routes.size + 1}`;
      routes.set(name, route);
      world.runtype.scripts.set(name, scriptOf(name, tool, step));
      await world.dispatch(name, 'agent', headers);
      const isNew = ({ text, ...message }: SlackMessage) => textOf({ text, ...message }).includes(`${name}.`);
      await world.until(`the card of ${name} in Discord`, () =>
        world.discord.state().messages.find((message) => textOf(message).includes(`${name}.`)),
      );
      const card = await world.until(`the card of ${name}`, () => world.slack.state().messages.find(isNew));
      // When it was posted is recorded a moment after it is.
      const isUnknown = async () =>
        (await openIn(world.app().store)).some(({ slots }) =>
          Object.values(slots).some(({ receipt }) => receipt === null),
        );
      while (await isUnknown()) await new Promise((later) => setImmediate(later));
      return card;
    },
    async says(card, text) {
      const now = () => world.slack.state().messages.find(({ ts }) => ts === card.ts);
      await world.until(`the card to say ${text}`, () => {
        const message = now();
        return message !== undefined && text.test(textOf(message)) ? true : undefined;
      });
    },
    metrics,
    async untilMetrics(fits) {
      for (let tries = 0; ; tries += 1) {
        const text = await metrics();
        if (fits(text)) return text;
        if (tries > 300) throw new Error(`/metrics does not fit: ${text}`);
        clock.skip(50);
      }
    },
  };
}

function scriptOf(name: string, toolName: string, step?: Step): Script {
  const parameters = { order: `${name}.` };
  const asked: Step = step ?? { do: 'approval', toolName, parameters, timeoutMs: 7 * DAY_MS, result: {} };
  return { name, kind: 'agent', title: 'Shop agent', steps: [asked, { do: 'complete', finalOutput: 'Done.' }] };
}

/** The tools by which approvals of the story are told apart. */
export async function liveThrough(story: Story): Promise<void> {
  const { world, clock, ask, says } = story;
  const { slack, runtype } = world;
  const rest = 'everything else';

  const approved = await ask('refund_order', rest);
  clock.skip(FIRST_DECISION_MS);
  await pressSlack(world, dana, approved, 'Approve');
  await says(approved, /Approved by Dana Reyes/);

  const rejected = await ask('refund_order', rest);
  await pressSlack(world, dana, rejected, 'Reject');
  await submitSlack(world, dana, 'Wrong order.');
  await says(rejected, /Rejected by Dana Reyes/);

  const question: Step = {
    do: 'awaits',
    calls: [{ toolName: 'pick_day', parameters: { order: 'agent-3.' } }],
  };
  const answered = await ask('pick_day', rest, question);
  await pressSlack(world, sam, answered, 'Answer');
  await submitSlack(world, sam, 'Monday');
  await says(answered, /Answered by Sam Okafor/);

  const taken = await ask('refund_order', rest);
  await pressSlack(world, sam, taken, 'Take over');
  await submitSlack(world, sam, 'I called the customer.');
  await says(taken, /Taken over by Sam Okafor/);

  const expired = await ask('wait_for_it', 'slow');
  clock.skip(60 * 60_000 + 1_000);
  await says(expired, /Expired/);

  // Refused, and then a backend that fails once: the same decision is sent again.
  const retried = await ask('refund_order', rest);
  await pressSlack(world, kit, retried, 'Approve');
  await world.until('the refusal', () => privateTexts(world, kit)[0]);
  runtype.fail('/v1/dispatch/approve', { kind: 'status', status: 500, when: 'before' }, 1);
  const inDiscord = world.discord.state().messages.find((message) => textOf(message).includes('agent-6.'));
  if (inDiscord === undefined) throw new Error('there is no card in Discord');
  await pressDiscord(world, sam, inDiscord, 'Approve');
  await world.until('the call that fails', () =>
    runtype.journal.entries.find((entry) => 'status' in entry && entry.status === 500),
  );
  clock.skip(60_000);
  await says(retried, /Approved by Sam Okafor/);

  const failed = await ask('refund_order', rest);
  runtype.fail('/v1/dispatch/approve', { kind: 'status', status: 400, when: 'before', body: { error: 'No.' } }, 1);
  await pressSlack(world, dana, failed, 'Approve');
  await says(failed, /Try again|did not accept/);

  const signed = await ask('payout', 'payouts');
  await pressSlack(world, dana, signed, 'Approve');
  await says(signed, /1 of 2 approvals/);
  await pressSlack(world, dana, signed, 'Approve');
  await pressSlack(world, sam, signed, 'Approve');
  await says(signed, /Approved by .*Sam Okafor/);

  // Slack asks to wait, once; and what is asked then stays open.
  slack.fail('chat.postMessage', { kind: 'rate_limited', retryAfterSeconds: 7 }, 1);
  const waiting = ask('payout', 'payouts');
  await slack.journal.until('the 429', (entries) =>
    entries.find((entry) => entry.kind === 'call' && entry.error === 'ratelimited'),
  );
  clock.skip(10_000);
  await waiting;
}
