/** Our own ports, played by the plainest thing that keeps a record: a backend that is decided at, and two rooms. */
import type { Approval } from '../../src/core/approval/approval.ts';
import type { SendResult } from '../../src/core/approval/inputs.ts';
import type { Receipt } from '../../src/core/approval/parts/slot.ts';
import type { Action, Pause } from '../../src/core/approval/pause/pause.ts';
import { PlatformError } from '../../src/core/ports/errors.ts';
import type { Backend, DecideAnswer, Intake, Platform } from '../../src/core/ports/ports.ts';
import type { Card } from '../../src/core/view/card.ts';
import { pauseOf } from '../support/data/pauses.ts';
import type { Watcher } from './oracle.ts';

/** How a call goes: with or without effect, answered or not. `held`: it stays open until it is released. */
export type Fate = 'ok' | 'refused' | 'unsent' | 'lost after' | 'lost before' | 'held';

export interface Question {
  key: string;
  name: 'A' | 'B' | 'C' | 'D' | 'E';
  kind: Approval['pause']['kind'];
  backend: 'runtype' | 'sonzai' | 'hookpulse';
  runId: string;
  /** A second decision is refused. */
  guarded: boolean;
}

export const questions: readonly Question[] = [
  { key: 'approval:A', name: 'A', kind: 'approval', backend: 'runtype', runId: 'run1', guarded: true },
  { key: 'await:B', name: 'B', kind: 'await', backend: 'runtype', runId: 'run2', guarded: false },
  { key: 'await:C', name: 'C', kind: 'await', backend: 'runtype', runId: 'run2', guarded: false },
  { key: 'D', name: 'D', kind: 'item', backend: 'sonzai', runId: 'D', guarded: true },
  { key: 'E', name: 'E', kind: 'item', backend: 'hookpulse', runId: 'E', guarded: false },
];

export function isLong(key: string): boolean {
  return key === 'D';
}

/** What its backend says of a question now. */
export function pauseAt({ key, kind, backend, runId }: Question, version: number, via: Approval['via']): Pause {
  const groupId = kind !== 'await' ? key : `${via}:${runId}`;
  // Too long for any card: it is read before it is approved.
  const parameters = { version, ...(isLong(key) && { note: 'word '.repeat(1_000) }) };
  return pauseOf({ backend, key, kind, runId, groupId, parameters, wire: {} });
}

/** What a wire that knows yes and no only makes of a decision. */
export function onTheWire(kind: Question['kind'], action: Action): Action {
  return kind === 'item' || action === 'approve' ? action : 'reject';
}

/** What really happened to each question. */
export class Truth {
  /** Decisions that had effect, in order, as the wire names them. */
  readonly effects: { verdict: Action; by: 'us' | 'application' | 'elsewhere' }[] = [];
  /** Null while it waits. */
  over: 'decided' | 'timeout' | 'cancelled' | null = null;
  version = 1;

  take(verdict: Action, by: 'us' | 'application' | 'elsewhere'): void {
    this.effects.push({ verdict, by });
    this.over = 'decided';
  }
}

export interface World {
  truths: ReadonlyMap<string, Truth>;
  /** How the next calls of the backends go; then all is well. */
  fates: Fate[];
  /** The same for the rooms. */
  roomFates: (Fate | 'gone')[];
  /** Lets every call go on that is held. */
  held: Set<() => void>;
  /** How many messages there ever were. */
  posts: number;
  /** Messages that a room said it can't take any more: dead letters, which the operator sees. */
  lost: Set<string>;
}

async function fateOf<F extends string>(fates: F[], held: Set<() => void>): Promise<Exclude<F, 'held'> | 'ok'> {
  const fate = fates.shift() ?? 'ok';
  if (fate !== 'held') return fate as Exclude<F, 'held'>;
  await new Promise<void>((resolve) => held.add(resolve));
  return 'ok';
}

export function createBackend(
  name: Question['backend'],
  world: World,
  watcher: Watcher,
  intake: Pick<Intake, 'isAsShown'>,
): Backend {
  const questionOf = ({ pause }: Approval) => questions.find(({ key }) => key === pause.key);

  /** What a list shows in place of what was decided on; Runtype has no list. */
  function changedOf([approval]: readonly Approval[]): Pause | null {
    const question = approval && questionOf(approval);
    const truth = world.truths.get(question?.key ?? '');
    if (approval === undefined || question === undefined || truth === undefined) return null;
    if (name === 'runtype' || truth.over !== null) return null;
    const pause = pauseAt(question, truth.version, 'poll');
    return intake.isAsShown(approval, pause) ? null : pause;
  }

  /** Who is asked a second time refuses, or obeys again. */
  function receive(group: readonly Approval[]): SendResult {
    const results = group.map((approval): SendResult => {
      const question = questionOf(approval);
      const truth = world.truths.get(approval.pause.key);
      if (question === undefined || truth === undefined || approval.decision === null) throw new Error('not ours');
      const verdict = onTheWire(question.kind, approval.decision.action);
      const ours = truth.effects.some(({ by }) => by === 'us');
      if (truth.over === null || (ours && !question.guarded)) {
        truth.take(verdict, 'us');
        return { type: 'recorded', following: false };
      }
      const standing = truth.effects[0]?.verdict ?? null;
      return truth.over === 'decided' && question.guarded
        ? { type: 'already', verdict: standing, reason: 'It is resolved already.' }
        : { type: 'gone', reason: 'It does not wait any more.' };
    });
    return results.find(({ type }) => type === 'recorded') ?? results[0] ?? { type: 'gone', reason: 'Nothing.' };
  }

  return {
    name,
    title: name,
    resendable: (group) => group.every((approval) => questionOf(approval)?.guarded === true),
    async decide(group): Promise<DecideAnswer> {
      const pause = changedOf(group);
      if (pause !== null) {
        watcher.foundChanged(group);
        return { result: { type: 'changed', pause } };
      }
      watcher.called(group);
      const fate = await fateOf(world.fates, world.held);
      const result = fate === 'ok' || fate === 'lost after' ? receive(group) : null;
      const answer: SendResult =
        fate === 'ok' && result !== null
          ? result
          : fate === 'refused' || fate === 'unsent'
            ? { type: fate, reason: `It was ${fate}.` }
            : { type: 'ambiguous', reason: 'There was no answer.' };
      watcher.answered(group, answer);
      return { result: answer };
    },
    stop: async () => {},
  };
}

export interface Message {
  /** Room and key: the same for every copy. */
  key: string;
  cards: Card[];
}

/**
 * A room. Of the two, one takes a second post with the same key for the first one, which shows what it showed; the other
 * one takes it for another message. In both an earlier post can be looked for.
 */
export function createRoom(name: string, world: World, watcher: Watcher, messages: Map<string, Message>): Platform {
  const nameOf = (key: string) => `${name}/${key}`;
  const copiesOf = (key: string) => [...messages].filter(([, message]) => message.key === nameOf(key));
  const receiptOf = (message: string): Receipt => ({ platform: name, room: name, message });
  async function act<T>(key: string, work: () => T): Promise<T> {
    const fate = await fateOf(world.roomFates, world.held);
    if (fate === 'lost before') throw new PlatformError('ambiguous', 'no answer');
    if (fate === 'unsent' || fate === 'refused') throw new PlatformError('unsent', 'not reached');
    if (fate === 'gone') {
      world.lost.add(key);
      throw new PlatformError('gone', 'no such room');
    }
    const done = work();
    if (fate === 'lost after') throw new PlatformError('ambiguous', 'no answer');
    return done;
  }
  return {
    name,
    start: async () => {},
    stop: async () => {},
    check: async () => {},
    canRead: async () => true,
    post: (_place, _thread, card, key) =>
      act(nameOf(key), () => {
        const [first] = copiesOf(key);
        if (first !== undefined && name === 'discord') return receiptOf(first[0]);
        watcher.shown(card, key);
        world.posts += 1;
        const message = `${nameOf(key)}#${world.posts}`;
        messages.set(message, { key: nameOf(key), cards: [card] });
        return receiptOf(message);
      }),
    update: (receipt, card) =>
      act(messages.get(receipt.message)?.key ?? '', () => {
        const message = messages.get(receipt.message);
        if (message === undefined) throw new PlatformError('gone', 'no such message');
        watcher.shown(card, message.key.slice(name.length + 1));
        message.cards.push(card);
      }),
    find: ({ key, receipt }) =>
      act(nameOf(key), () =>
        copiesOf(key)
          .map(([message]) => receiptOf(message))
          .filter(({ message }) => message !== receipt?.message),
      ),
    remove: ({ message }) => act(messages.get(message)?.key ?? '', () => void messages.delete(message)),
  };
}
