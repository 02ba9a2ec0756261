/** How each pause comes to the bot: from senders that send again until they are answered, or from a list. */
import { Webhook } from 'standardwebhooks';
import type { GatedCall, Script, Step } from '../../../src/sandbox/emulators/runtype/types.ts';
import type { World } from '../world/world.ts';
import type { Question, Ref } from './questions.ts';
import type { PauseScript, WrongClock } from './script.ts';

/** Between two tries of a sender, ms. */
const AGAIN_MS = 120;
/** Far longer than a run here takes, so that none runs out. */
const TIMEOUT_MS = 3_600_000;
const STALE_MS = 3_600_000;
/** Longer than a run's time-out. */
const CLOCK_OFF_MS = 5 * 3_600_000;

export async function bring(world: World, pause: PauseScript, questions: Question[], over: AbortSignal): Promise<void> {
  await world.pause(pause.at, over);
  world.note(`${pause.kind} by ${pause.way}: ${questions.map(({ marker }) => marker).join(', ')}`);
  switch (pause.way) {
    case 'poll':
      return seed(world, pause, questions);
    case 'ask':
      return ask(world, pause, questions, over);
    case 'ingest':
      return forward(world, pause, questions, over);
    case 'gateway':
      return dispatch(world, pause, questions, over);
  }
}

function seed(world: World, pause: PauseScript, questions: Question[]): void {
  const [first] = questions;
  if (first === undefined) return;
  if (pause.kind === 'sonzai') {
    const { marker } = first;
    const { approval_id: id } = world.sonzai.seed({ context: `Offer ${marker}`, payload: { note: marker } });
    first.ref = { kind: 'sonzai', id };
  } else {
    const steps = questions.map(({ marker }) => ({ step_identifier: marker }));
    const { executionPlanUuid: plan } = world.hookpulse.seed({ steps });
    for (const [index, question] of questions.entries()) {
      question.ref = { kind: 'hookpulse', plan, step: question.marker, index };
    }
  }
  for (const question of questions) question.known = true;
}

/** What the dashboard of a polled backend does, unless somebody was faster. */
export function decideInDashboard(world: World, pause: PauseScript, [question]: Question[]): void {
  const { dashboard } = pause;
  const ref = question?.ref;
  if (dashboard === null || ref === null || ref === undefined) return;
  try {
    if (ref.kind === 'sonzai') world.sonzai.decideInDashboard(ref.id, dashboard.action);
    if (ref.kind === 'hookpulse' && dashboard.action !== 'take_over') {
      world.hookpulse.decideInDashboard(ref.plan, dashboard.action);
    }
    world.note(`decided in the dashboard: ${question?.marker} ${dashboard.action}`);
  } catch {
    world.note(`too late in the dashboard: ${question?.marker}`);
  }
}

async function ask(world: World, pause: PauseScript, questions: Question[], over: AbortSignal): Promise<void> {
  const [question] = questions;
  if (question === undefined) return;
  const { marker } = question;
  const body = JSON.stringify({
    context: `Deploy ${marker}?`,
    ...(pause.callback && { callback_url: world.receiver.url }),
  });
  const headers = { authorization: `Bearer ${world.askToken}`, 'idempotency-key': marker };
  const one = () =>
    untilAnswered(world, over, async () => {
      const answer = await fetch(`${world.bot.url()}/api/v1/approvals`, { method: 'POST', headers, body });
      const text = await answer.text();
      if (answer.status !== 200) return false;
      question.ref = { kind: 'inbox', id: String(JSON.parse(text).approval_id) };
      question.known = true;
      return true;
    });
  await Promise.all(Array.from({ length: pause.deliveries }, one));
}

async function forward(world: World, pause: PauseScript, questions: Question[], over: AbortSignal): Promise<void> {
  const run = await world.runtype.runToPause(addRun(world, questions));
  const { executionId } = run;
  const stream = atClock(run.stream, pause.clock);
  findRefs(world, executionId, questions);
  const webhook = new Webhook(pause.forged === 'signature' ? `whsec_${btoa('another secret')}` : world.ingestSecret);
  const id = `msg_${questions[0]?.marker}`;
  const one = () =>
    untilAnswered(world, over, async () => {
      const sentAt = new Date(Date.now() - (pause.forged === 'stale' ? STALE_MS : 0));
      const answer = await fetch(`${world.bot.url()}/ingest/runtype`, {
        method: 'POST',
        body: stream,
        headers: {
          'content-type': 'text/event-stream',
          'webhook-id': id,
          'webhook-timestamp': String(Math.floor(sentAt.getTime() / 1000)),
          'webhook-signature': webhook.sign(id, sentAt, stream),
        },
      });
      await answer.text();
      if (answer.status === 202) for (const question of questions) question.known = true;
      return answer.status === 202 || answer.status === 401;
    });
  await Promise.all(Array.from({ length: pause.deliveries }, one));
}

/** The same stream, from a backend whose clock is off, or that has no time-outs. */
function atClock(stream: string, clock: WrongClock | null): string {
  if (clock === null) return stream;
  if (clock === 'no time-out') return stream.replaceAll(/"timeout":\d+/g, '"timeout":0');
  return stream.replaceAll(/"(startedAt|awaitedAt)":"([^"]+)"/g, (_, name: string, text: string) => {
    const at = Date.parse(text);
    if (clock === 'microseconds') return `"${name}":${at * 1_000}`;
    if (clock === 'no zone') return `"${name}":"${text.replace(/Z$/, '')}"`;
    return `"${name}":"${new Date(at + (clock === 'ahead' ? CLOCK_OFF_MS : -CLOCK_OFF_MS)).toISOString()}"`;
  });
}

/** An application sends its run through the gateway. It can't send it again: that would be another run. */
async function dispatch(world: World, pause: PauseScript, questions: Question[], over: AbortSignal): Promise<void> {
  const name = addRun(world, questions);
  const isAgent = pause.kind === 'approval' || pause.saved;
  const target = {
    ...(isAgent ? { agent: { agentId: name } } : { flow: { id: name } }),
    ...(pause.saved && { conversationId: `conv-${name}` }),
  };
  const body = JSON.stringify({ ...target, messages: [{ role: 'user', content: 'Go.' }] });
  const headers = {
    authorization: `Bearer ${world.runtype.applicationKey}`,
    'content-type': 'application/json',
    'x-countersign-hold': 'off',
  };
  await untilAnswered(world, over, async () => {
    let whole = false;
    try {
      const answer = await fetch(`${world.bot.url()}/v1/dispatch`, { method: 'POST', headers, body });
      await answer.text();
      whole = answer.status === 200;
    } catch {}
    const run = world.runtype.runs().find((one) => one.name === name);
    if (run === undefined) return false;
    for (const question of questions) {
      question.known = whole;
      question.unseen = !whole;
    }
    const paused = () => {
      const now = world.runtype.runs().find((one) => one.name === name);
      return now !== undefined && now.pending.length > 0 ? now.executionId : null;
    };
    const executionId = await world.until(paused, 5_000, over);
    if (executionId !== null) findRefs(world, executionId, questions);
    return true;
  });
}

async function untilAnswered(world: World, over: AbortSignal, attempt: () => Promise<boolean>): Promise<void> {
  while (!over.aborted) {
    if (await attempt().catch(() => false)) return;
    await world.pause(AGAIN_MS, over);
  }
}

/** @returns the run's name */
function addRun(world: World, questions: Question[]): string {
  const [first] = questions;
  // In lower case: cards of namesakes show it, and a card is known by its marker.
  const name = `run-${first?.marker.toLowerCase()}`;
  const isApproval = first?.pause.kind === 'approval';
  const gated = questions.map(({ marker }): GatedCall => {
    // Runs of one tool, so that a digest can hold them; two in one stream differ by their tools.
    const toolName = questions.length === 1 ? 'refund_order' : toolOf(marker);
    return { toolName, parameters: { order: marker }, timeoutMs: TIMEOUT_MS };
  });
  const calls = questions.map(({ marker }) => ({ toolName: toolOf(marker), parameters: { order: marker } }));
  const step: Step = isApproval ? { do: 'pauses', approvals: gated } : { do: 'awaits', calls };
  const script: Script = {
    name,
    kind: isApproval || first?.pause.saved ? 'agent' : 'flow',
    title: 'Order desk',
    // Runs of one agent, so that a digest can hold them.
    ...(isApproval && { agentId: 'refund-agent' }),
    steps: [{ do: 'text', text: 'One moment.' }, step, { do: 'complete', finalOutput: 'All done.' }],
  };
  world.runtype.scripts.set(name, script);
  return name;
}

function toolOf(marker: string): string {
  return `confirm_${marker.toLowerCase()}`;
}

function findRefs(world: World, executionId: string, questions: Question[]): void {
  const run = world.runtype.runs().find((one) => one.executionId === executionId);
  for (const question of questions) {
    const call = run?.pending.find(({ toolName }) => toolName === toolOf(question.marker)) ?? run?.pending[0];
    if (call === undefined) continue;
    question.ref = refOf(executionId, call);
  }
}

function refOf(executionId: string, call: { approvalId?: string; toolCallId?: string; toolName: string }): Ref {
  if (call.approvalId !== undefined) return { kind: 'approval', executionId, approvalId: call.approvalId };
  return { kind: 'await', executionId, toolCallId: call.toolCallId ?? '', toolName: call.toolName };
}
