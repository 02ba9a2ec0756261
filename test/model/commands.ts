/** What can happen, in any order: questions, presses, answers, faults, deaths, and time. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Approval } from '../../src/core/approval/approval.ts';
import type { SendResult } from '../../src/core/approval/inputs.ts';
import type { Actor } from '../../src/core/approval/parts/decision.ts';
import { type Action, actions } from '../../src/core/approval/pause/pause.ts';
import type { Delivery, Press } from '../../src/core/ports/ports.ts';
import { type ButtonId, parseButtonId } from '../../src/core/view/button-id.ts';
import { application, dana, sam } from '../support/data/pauses.ts';
import type { Heart } from './engine-model.ts';
import { type Fate, onTheWire, pauseAt, type Question, questions } from './fakes.ts';
import type { Made } from './oracle.ts';

const kit: Actor = { platform: 'slack', id: 'U0KIT', name: 'Kit Duarte' };
const people = [dana, sam, kit];
const byName = (name: Question['name']) => questions.find((one) => one.name === name) ?? assert.fail(name);

type Via = Approval['via'];
export type Command = { pass: number | 'quiet' } & (
  | { type: 'ask'; name: Question['name']; via: Via }
  | { type: 'change'; name: Question['name'] }
  | { type: 'stream ends' }
  | { type: 'press'; name: Question['name']; who: number; action: Action; form: boolean; old: boolean }
  | { type: 'retry'; name: Question['name']; who: number; what: 'retry' | 'hand_back' | 'details' }
  | { type: 'again'; which: number }
  | {
      type: 'claim';
      name: 'A' | 'B' | 'C';
      action: Action;
      ends: 'ok' | 'unsent' | 'refused' | 'lost after' | 'lost before';
    }
  | { type: 'elsewhere'; name: Question['name']; verdict: Action; timeout: boolean }
  | { type: 'told'; name: Question['name'] }
  | { type: 'list'; backend: 'sonzai' | 'hookpulse'; begin: boolean }
  | { type: 'run ends'; run: 'run1' | 'run2' }
  | { type: 'fate'; fate: Fate }
  | { type: 'room fate'; fate: Fate | 'gone' }
  | { type: 'release' }
  | { type: 'disk full'; times: number }
  | { type: 'time'; ms: number }
  | { type: 'clock set'; ms: number }
  | { type: 'die'; after: number }
  | { type: 'start' }
);

/** Between two commands the test remembers no more than a person or a server would. */
export interface Memory {
  presses: Made[];
  lists: Map<string, { keys: string[]; begunAt: number }>;
  /** What was delivered, and how. */
  told: Set<string>;
  count: number;
}

const name = fc.constantFrom<Question['name']>('A', 'A', 'A', 'B', 'B', 'C', 'C', 'D', 'E');
const of = <T extends Command['type']>(type: T, more: object, weight = 1) => ({
  weight,
  arbitrary: fc.record({
    type: fc.constant(type),
    pass: fc.constantFrom(0, 1, 2, 'quiet', 'quiet'),
    ...more,
  }) as fc.Arbitrary<Command>,
});
const action = fc.constantFrom<Action>(...actions);

export const command: fc.Arbitrary<Command> = fc.oneof(
  of('ask', { name, via: fc.constantFrom('stream', 'stream', 'ingest', 'poll') }, 7),
  of('change', { name: fc.constantFrom('A', 'B', 'C', 'D', 'E') }, 2),
  of('stream ends', {}, 2),
  of(
    'press',
    {
      name,
      who: fc.nat(2),
      action,
      form: fc.constantFrom(true, true, false),
      old: fc.constantFrom(false, false, true),
    },
    10,
  ),
  of('retry', { name, who: fc.nat(2), what: fc.constantFrom('retry', 'retry', 'hand_back', 'details') }, 3),
  of('again', { which: fc.nat(20) }, 3),
  of('claim', {
    name: fc.constantFrom('A', 'B', 'C'),
    action,
    ends: fc.constantFrom('ok', 'unsent', 'refused', 'lost after', 'lost before'),
  }),
  of('elsewhere', { name, verdict: action, timeout: fc.boolean() }),
  of('told', { name }, 2),
  of('list', { backend: fc.constantFrom('sonzai', 'hookpulse'), begin: fc.boolean() }, 2),
  of('run ends', { run: fc.constantFrom('run1', 'run2') }),
  of('fate', { fate: fc.constantFrom('refused', 'unsent', 'lost after', 'lost before', 'held') }, 4),
  of('room fate', { fate: fc.constantFrom('unsent', 'lost after', 'lost before', 'held', 'gone') }, 2),
  of('release', {}, 2),
  of('disk full', { times: fc.integer({ min: 1, max: 3 }) }),
  of('time', { ms: fc.constantFrom(1_000, 5_000, 60_000, 900_000) }, 3),
  of('clock set', { ms: fc.constantFrom(-3_600_000, 3_600_000) }),
  of('die', { after: fc.nat(14) }, 3),
  of('start', {}, 2),
);

/** A backend that refuses, people who try again, and a platform that delivers twice: all that one input counts once for. */
export const stubborn: fc.Arbitrary<Command> = fc.oneof(
  of('ask', { name: fc.constant('A'), via: fc.constant('stream') }, 3),
  of('fate', { fate: fc.constant('refused') }, 5),
  of(
    'press',
    {
      name: fc.constant('A'),
      who: fc.nat(1),
      action: fc.constant('approve'),
      form: fc.constant(true),
      old: fc.constant(false),
    },
    3,
  ),
  of('retry', { name: fc.constant('A'), who: fc.nat(1), what: fc.constant('retry') }, 5),
  of('again', { which: fc.nat(4) }, 5),
  of('time', { ms: fc.constant(60_000) }),
);

/** Agents that rewrite what is pending, and people who press before a list shows that. */
export const rewritten: fc.Arbitrary<Command> = fc.oneof(
  of('ask', { name: fc.constantFrom('D', 'E'), via: fc.constant('poll') }, 4),
  of('change', { name: fc.constantFrom('D', 'E') }, 3),
  of(
    'press',
    {
      name: fc.constantFrom('D', 'E'),
      who: fc.nat(1),
      action: fc.constantFrom('approve', 'reject'),
      form: fc.constant(true),
      old: fc.boolean(),
    },
    6,
  ),
  of('fate', { fate: fc.constantFrom('refused', 'unsent', 'lost after', 'lost before', 'held') }),
  of('release', {}),
  of('die', { after: fc.nat(14) }),
  of('start', {}),
  of('time', { ms: fc.constant(60_000) }),
);

export async function perform(command: Command, heart: Heart, memory: Memory): Promise<void> {
  const engine = heart.engine();
  const { oracle, world } = heart;
  switch (command.type) {
    case 'ask': {
      const question = byName(command.name);
      const { over, version } = oracle.truth(question.key);
      const via = question.backend !== 'runtype' ? 'poll' : command.via === 'poll' ? 'ingest' : command.via;
      const told = `${question.key}:${via}`;
      // A list shows what waits; a stream or a sender may deliver the same again.
      if (over !== null && (via === 'poll' || !memory.told.has(told))) break;
      memory.told.add(told);
      if (via === 'stream') oracle.asked(question);
      heart.begin(async () => {
        const known = await heart.base.get(heart.idOf(question.key));
        await engine.intake.deliver(announcementOf(question, version, via));
        // The list shows a change first: a press on the old version is void.
        const isChange = known !== null && known.pause.parameters['version'] !== version;
        if (via === 'poll' && isChange && !engine.life.dead) oracle.changed(question);
      });
      break;
    }
    case 'change': {
      const question = byName(command.name);
      const truth = oracle.truth(question.key);
      if (truth.over !== null || world.held.size > 0) break;
      truth.version += 1;
      oracle.changed(question);
      // A list is read later, or never: then it is read again before a call.
      if (question.backend !== 'runtype') break;
      heart.begin(async () => {
        await engine.intake.deliver(announcementOf(question, truth.version, 'stream'));
        // A press that was committed before it is void with the rest.
        if (!engine.life.dead) oracle.changed(question);
      });
      break;
    }
    case 'stream ends':
      heart.begin(() => engine.intake.deliver({ type: 'stream_ended', groupId: 'stream:run2' }));
      break;
    case 'press': {
      const question = byName(command.name);
      const found = aimOn(heart, question, command.action, command.old);
      const actor = people[command.who];
      if (found === null || actor === undefined) break;
      const form = command.form && command.action !== 'approve' ? { text: 'why' } : null;
      press(heart, memory, question, { ...found, actor, form });
      break;
    }
    case 'retry': {
      const question = byName(command.name);
      const found = aimOn(heart, question, command.what, false);
      const actor = people[command.who];
      if (found !== null && actor !== undefined) press(heart, memory, question, { ...found, actor, form: null });
      break;
    }
    case 'again': {
      const made = memory.presses[command.which % Math.max(1, memory.presses.length)];
      if (made !== undefined) deliverPress(heart, made);
      break;
    }
    case 'claim':
      claim(heart, byName(command.name), command);
      break;
    case 'elsewhere': {
      const question = byName(command.name);
      // Awaits of one run are answered together, by people or by the application.
      for (const { key, kind } of questions.filter(({ runId }) => runId === question.runId)) {
        const truth = oracle.truth(key);
        if (truth.over !== null) continue;
        if (command.timeout) truth.over = 'timeout';
        else truth.take(onTheWire(kind, command.verdict), 'elsewhere');
      }
      break;
    }
    case 'told': {
      const question = byName(command.name);
      const { over, effects } = oracle.truth(question.key);
      if (question.backend !== 'runtype' || over === null || over === 'cancelled') break;
      const verdict = over === 'timeout' ? 'timeout' : (effects[0]?.verdict ?? null);
      oracle.standing(question.key).toldOver = true;
      heart.begin(() =>
        engine.intake.deliver({
          type: 'resolved',
          backend: 'runtype',
          key: question.key,
          verdict,
          reason: 'It was resolved.',
        }),
      );
      break;
    }
    case 'list': {
      const { backend } = command;
      if (command.begin) {
        const waiting = questions.filter((one) => one.backend === backend && oracle.truth(one.key).over === null);
        memory.lists.set(backend, { keys: waiting.map(({ key }) => key), begunAt: heart.clock.now() });
        break;
      }
      const list = memory.lists.get(backend);
      memory.lists.delete(backend);
      if (list === undefined) break;
      for (const one of questions) {
        if (one.backend === backend && !list.keys.includes(one.key)) oracle.standing(one.key).toldOver = true;
      }
      heart.begin(() => engine.intake.deliver({ type: 'listed', backend, ...list }));
      break;
    }
    case 'run ends': {
      for (const { key, runId } of questions) {
        if (runId !== command.run) continue;
        const truth = oracle.truth(key);
        truth.over ??= 'cancelled';
        oracle.standing(key).toldOver = true;
      }
      heart.begin(() =>
        engine.intake.deliver({
          type: 'run_ended',
          backend: 'runtype',
          runId: command.run,
          state: 'completed',
          text: 'Done',
        }),
      );
      break;
    }
    case 'fate':
      if (world.fates.length < 3) world.fates.push(command.fate);
      break;
    case 'room fate':
      if (world.roomFates.length < 3) world.roomFates.push(command.fate);
      break;
    case 'release':
      release(heart);
      break;
    case 'disk full':
      heart.full.next = command.times;
      break;
    case 'time':
      heart.clock.advance(command.ms);
      break;
    case 'clock set':
      heart.clock.setWall(heart.clock.now() + command.ms);
      break;
    case 'die':
      engine.life.dieAfter(command.after);
      break;
    case 'start':
      if (heart.dead) await heart.restart();
      break;
  }
  await heart.pass(command.pass);
  if (oracle.failure !== null) throw oracle.failure;
}

export function release({ world }: Heart): void {
  for (const goOn of world.held) goOn();
  world.held.clear();
}

function announcementOf(question: Question, version: number, via: Via): Delivery {
  const { key, kind } = question;
  const streamOpen = via === 'stream' && kind === 'await';
  const inputId = via === 'ingest' ? `ingest:${key}:${version}` : null;
  return { type: 'announced', pause: pauseAt(question, version, via), via, streamOpen, inputId };
}

/** What a button on a card of this question carries, on its last version or its first. */
function aimOn(
  heart: Heart,
  question: Question,
  wanted: ButtonId['action'],
  old: boolean,
): { buttonId: ButtonId; version: number } | null {
  const id = heart.idOf(question.key);
  const cards = [...heart.messages.values()]
    .filter(({ key }) => key.includes(`/${id}:card@`))
    .flatMap((one) => one.cards);
  const shown = old ? cards.find(({ buttons }) => buttons.some((one) => one.action === wanted)) : cards.at(-1);
  const buttonId = parseButtonId(shown?.buttons.find((one) => one.action === wanted)?.id ?? '');
  return buttonId === null ? null : { buttonId, version: Number(/version: (\d+)/.exec(shown?.body?.text ?? '')?.[1]) };
}

function press(
  heart: Heart,
  memory: Memory,
  question: Question,
  { buttonId, version, actor, form }: { buttonId: ButtonId; version: number; actor: Actor; form: Press['form'] },
): void {
  memory.count += 1;
  const made: Made = {
    press: { id: `press-${memory.count}`, platform: actor.platform, actor, roles: [], buttonId, form },
    question,
    version,
    allowed: actor !== kit,
    told: 'nothing yet',
  };
  memory.presses.push(made);
  heart.oracle.presses.set(made.press.id, made);
  deliverPress(heart, made);
}

function deliverPress(heart: Heart, made: Made): void {
  if (heart.dead) return;
  const { onPress, life } = heart.engine();
  // Delivered once more, it may come to more than the first time.
  if (made.told === 'not recorded' || made.told === 'refused') made.told = 'nothing yet';
  // What a dead process still says is not heard.
  const unlessDead = (tell: () => void) => (life.dead ? undefined : tell());
  heart.begin(() =>
    onPress(made.press).then(
      (answer) => unlessDead(() => heart.oracle.answeredPress(made, answer)),
      () => unlessDead(() => heart.oracle.notRecorded(made)),
    ),
  );
}

/** An application's own call, as the gateway would pass it on. */
function claim(heart: Heart, question: Question, { action, ends }: Extract<Command, { type: 'claim' }>): void {
  const { oracle } = heart;
  const { intake, life } = heart.engine();
  if (life.dead) return;
  oracle.claiming.add(question);
  heart.begin(async () => {
    const answer = await intake.recordApplicationDecision({
      backend: 'runtype',
      key: question.key,
      action,
      actor: { ...application, id: 'app' },
      text: null,
      isOwn: () => true,
    });
    if (!life.dead) oracle.claiming.delete(question);
    if (answer.type !== 'recorded' || life.dead) return;
    oracle.claimed(question, action);
    const truth = oracle.truth(question.key);
    const waits = truth.over === null;
    const arrives = ends === 'ok' || ends === 'lost after';
    if (arrives && waits) truth.take(onTheWire(question.kind, action), 'application');
    const result: SendResult =
      ends === 'ok'
        ? waits
          ? { type: 'recorded', following: false }
          : { type: 'gone', reason: 'It does not wait.' }
        : ends === 'unsent' || ends === 'refused'
          ? { type: ends, reason: 'w' }
          : { type: 'ambiguous', reason: 'w' };
    oracle.claimEnded(question, result);
    await intake.settleApplicationDecision(answer.approvalId, result);
  });
}
