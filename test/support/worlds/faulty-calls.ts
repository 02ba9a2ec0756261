/** Decisions pressed in Slack while the backend misbehaves, and the outcome that both rooms show. */
import assert from 'node:assert/strict';
import { Webhook } from 'standardwebhooks';
import type { DiscordMessage } from '../../../src/sandbox/emulators/discord/types.ts';
import type { RuntypeFault, Step } from '../../../src/sandbox/emulators/runtype/types.ts';
import type { HttpFault } from '../../../src/sandbox/emulators/shared/http-faults.ts';
import type { SlackMessage } from '../../../src/sandbox/emulators/slack/types.ts';
import { createFastClock } from '../clock.ts';
import { discordButtons, pressSlack, slackButtons, textOf } from '../people/room.ts';
import { createWorld, dana, type World } from './world.ts';

/** `runtype`: Runtype's approvals; `resume`: Runtype's awaits. */
export type BackendName = 'runtype' | 'resume' | 'sonzai' | 'hookpulse';
export type Fault = Extract<HttpFault, { kind: 'reset' | 'hang' | 'status' }>;

const PATHS: Record<BackendName, string> = {
  runtype: '/v1/dispatch/approve',
  resume: '/v1/dispatch/resume',
  sonzai: '/api/v1/approvals/:id/resolve',
  hookpulse: '/v1/api/human_approval_action/',
};
/** How many times faster the bot's own timers run. */
const SPEED = 10;
/** The bot’s clock runs ahead of the emulators’; deadlines are long enough not to pass because of it. */
const FAR_MS = 86_400_000;

/** A request as both rooms show it. */
export interface Asked {
  /** Its id at the backend. */
  id: string;
  slack(): SlackMessage;
  discord(): DiscordMessage;
}

export interface Calls extends World {
  ask(backend: BackendName): Promise<Asked>;
  press(asked: Asked, label?: string): Promise<void>;
  /** Faults for the next calls that carry a decision. */
  injectFault(backend: BackendName, fault: Fault, times?: number): void;
  /** Runtype gives this answer to the next decision, and does not take it. */
  answerAs(backend: 'runtype' | 'resume', answer: Omit<Extract<RuntypeFault, { kind: 'answer' }>, 'kind'>): void;
  /** Calls that carried a decision about this, in order. */
  calls(backend: BackendName, asked: Asked): { effect: boolean; status: number; at: number }[];
  /** Waits until both rooms show this text. @returns the text in Slack */
  says(asked: Asked, text: string | RegExp): Promise<string>;
  /** The labels of its buttons except *Details*, equal in both rooms. */
  buttons(asked: Asked): string[];
}

/** The visible text, without Discord's escapes. */
function plainText(message: SlackMessage | DiscordMessage): string {
  return textOf(message).replaceAll('\\', '');
}

/** The caller closes it. */
export async function openCalls(options: Parameters<typeof createWorld>[0] = {}): Promise<Calls> {
  const world = await createWorld({ polled: true, clock: createFastClock(SPEED), ...options });
  const { slack, discord, runtype, sonzai, hookpulse } = world;
  let asked = 0;
  const journals = { runtype, resume: runtype, sonzai, hookpulse };
  const calls: Calls = {
    ...world,
    async ask(backend) {
      asked += 1;
      const mark = `Question${asked}Q`;
      const id = await begin(backend, mark);
      // A settled card is shorter, so only a new one contains its mark.
      const first = await world.until(`both cards of ${mark}`, () => {
        const isIt = (message: SlackMessage | DiscordMessage) =>
          message.onlyFor === null && plainText(message).includes(mark);
        const [inSlack, inDiscord] = [slack.state().messages.find(isIt), discord.state().messages.find(isIt)];
        return inSlack && inDiscord ? { inSlack, inDiscord } : undefined;
      });
      const now = <T>(messages: readonly T[], isIt: (message: T) => boolean): T =>
        messages.find(isIt) ?? assert.fail(`${mark} is gone from its room`);
      return {
        id,
        slack: () => now(slack.state().messages, ({ ts }) => ts === first.inSlack.ts),
        discord: () => now(discord.state().messages, (message) => message.id === first.inDiscord.id),
      };
    },
    press: (question, label = 'Approve') => pressSlack(world, dana, question.slack(), label).then(() => {}),
    injectFault: (backend, fault, times = 1) => journals[backend].fail(PATHS[backend], fault, times),
    answerAs: (backend, answer) => runtype.fail(PATHS[backend], { kind: 'answer', ...answer }),
    calls(backend, { id }) {
      return journals[backend].journal.entries.flatMap((entry) => {
        if (entry.kind !== 'call' || entry.method !== 'POST') return [];
        const body = (entry.body ?? {}) as Record<string, unknown>;
        if (!['decision', 'action', 'toolOutputs'].some((name) => name in body)) return [];
        const { executionId, execution_plan_uuid: plan } = body;
        return [executionId, plan, entry.path.split('/')[4]].includes(id) ? [entry] : [];
      });
    },
    async says(question, expected) {
      const matches = (text: string) => (typeof expected === 'string' ? text.includes(expected) : expected.test(text));
      const shown = () => [plainText(question.slack()), plainText(question.discord())];
      await world
        .until(`both cards to say ${expected}`, () => (shown().every(matches) ? true : undefined))
        .catch((error: unknown) => assert.fail(`${String(error)}\nThe cards:\n${shown().join('\n---\n')}`));
      return shown()[0] ?? '';
    },
    buttons(question) {
      const deciding = ({ label }: { label: string }) => (label === 'Details' ? [] : [label]);
      const inSlack = slackButtons(question.slack()).flatMap(deciding);
      assert.deepEqual(discordButtons(question.discord()).flatMap(deciding), inSlack);
      return inSlack;
    },
  };

  async function begin(backend: BackendName, mark: string): Promise<string> {
    if (backend === 'sonzai') return sonzai.seed({ context: mark }).approval_id;
    if (backend === 'hookpulse') return hookpulse.seed({ workflowName: mark }).executionPlanUuid;
    const script = runtype.scripts.get(backend === 'resume' ? 'slot-flow' : 'approval-flow') ?? assert.fail();
    const steps = script.steps.map((step): Step => {
      if (step.do === 'approval') return { ...step, reason: mark, timeoutMs: FAR_MS };
      return step.do === 'awaits' ? { ...step, calls: [{ toolName: 'confirm_slot', parameters: { mark } }] } : step;
    });
    runtype.scripts.set(mark, { ...script, name: mark, steps });
    const stream = await world.dispatch(mark, 'flow');
    return /"executionId":"([^"]+)"/.exec(stream)?.[1] ?? assert.fail('no run');
  }

  return calls;
}

/** The same in its own world, which is always stopped afterwards. */
export async function withCalls(
  use: (calls: Calls) => Promise<void>,
  options: Parameters<typeof createWorld>[0] = {},
): Promise<void> {
  const calls = await openCalls(options);
  try {
    await use(calls);
  } finally {
    await calls.close();
  }
}

/** Forwards a run's stream to the bot as a signed delivery, for a Runtype that the bot can't reach. */
export async function forward(world: World, name: string): Promise<void> {
  const { executionId, stream } = await world.runtype.runToPause(name);
  const at = new Date();
  const answer = await fetch(`http://127.0.0.1:${world.app().port}/ingest/runtype`, {
    method: 'POST',
    body: stream,
    headers: {
      'content-type': 'text/event-stream',
      'webhook-id': executionId,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': new Webhook(world.ingestSecret).sign(executionId, at, stream),
    },
  });
  assert.equal(answer.status, 202);
}
