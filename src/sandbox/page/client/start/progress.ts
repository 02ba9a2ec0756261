import { list, obj, str } from '../lib/json.ts';
import type { BotStatus, SlackMessage, Tally } from '../lib/protocol.ts';

/** The steps of *Start here*, in order. */
export const steps = ['approve', 'reject', 'answer', 'restart'] as const;
export type Step = (typeof steps)[number];

/** How far a person is; stored in the browser. */
export interface Progress {
  done: readonly Step[];
  /** What had been decided when the guide was started over: only what comes later counts. */
  from: Tally;
  /** How much had been decided when the bot was seen stopped; null if it was not. */
  stoppedAt: number | null;
}

export const NOTHING_DECIDED: Tally = { approved: 0, rejectedWithReason: 0, answered: 0, decided: 0 };
export const START: Progress = { done: [], from: NOTHING_DECIDED, stoppedAt: null };

/** What really happened so far. */
export interface Facts {
  tally: Tally;
  bot: BotStatus['state'];
  /** The person starts and stops it, not the page. */
  isOwn?: boolean;
  /** What open cards wait for. */
  waits: { approval: boolean; question: boolean };
}

const countOf = { approve: 'approved', reject: 'rejectedWithReason', answer: 'answered' } as const;

/** The progress after what happened; the same object if nothing changed. A step counts in any order. */
export function advance(progress: Progress, { tally, bot, waits }: Facts): Progress {
  // Another sandbox has started at the same address, and counts from zero again.
  const from = tally.decided < progress.from.decided ? NOTHING_DECIDED : progress.from;
  const reached = (step: Step): boolean => {
    if (step !== 'restart') return tally[countOf[step]] > from[countOf[step]];
    return stoppedAt !== null && bot === 'running' && tally.decided > stoppedAt;
  };
  let { stoppedAt } = progress;
  // A press that was sent before the bot ended may still be counted while it stops.
  if (bot === 'stopped' && (waits.approval || waits.question || stoppedAt !== null)) stoppedAt = tally.decided;
  else if (stoppedAt !== null && tally.decided < stoppedAt) stoppedAt = null;
  const done = steps.filter((step) => progress.done.includes(step) || reached(step));
  const isSame = done.length === progress.done.length && from === progress.from && stoppedAt === progress.stoppedAt;
  return isSame ? progress : { done, from, stoppedAt };
}

export function currentStep({ done }: Progress): Step | null {
  return steps.find((step) => !done.includes(step)) ?? null;
}

/** What the cards in the Slack room wait for, by their buttons: the same cards are in the Discord room. */
export function waitsOf(messages: readonly SlackMessage[]): Facts['waits'] {
  const labels = messages
    .filter(({ onlyFor }) => onlyFor === null)
    .map(({ blocks }) =>
      blocks.flatMap((block) => list(block['elements']).map((element) => str(obj(element['text'])['text']))),
    );
  const isApproval = (buttons: readonly string[]) => buttons.some((label) => label.startsWith('Approve'));
  return {
    approval: labels.some(isApproval),
    question: labels.some((buttons) => buttons.includes('Answer') && !isApproval(buttons)),
  };
}

/** What to press next; it is highlighted on the page. */
export type Target = 'refund-agent' | 'slot-flow' | 'bot' | 'card' | null;

/** What to do now, in one or two sentences, and where. Names of buttons are marked with asterisks. */
export function instruction(progress: Progress, facts: Facts): { text: string; target: Target } {
  const { waits } = facts;
  switch (currentStep(progress)) {
    case 'approve':
      return waits.approval
        ? { text: 'An agent waits for you. Press *Approve* on its card, in Slack or in Discord.', target: 'card' }
        : {
            text: 'Press *1 Refund an order*: an agent pauses, and a card appears in both rooms.',
            target: 'refund-agent',
          };
    case 'reject':
      return waits.approval
        ? { text: 'Press *Reject* on the card and write why: the agent gets your reason.', target: 'card' }
        : {
            text: 'Both cards said so at once, and the run went on: its result is in the card’s thread. Press *1* again, this time to refuse.',
            target: 'refund-agent',
          };
    case 'answer':
      return waits.question
        ? { text: 'Press *Answer* on the card, and send your choice to the agent.', target: 'card' }
        : { text: 'Press *2 Pick a slot*: an agent asks which one, not whether.', target: 'slot-flow' };
    case 'restart':
      return restartInstruction(progress, facts);
    case null:
      return {
        text: 'That is all of it. Next: change who may decide, under *Policy file*; become Kit, who may not; or type */approvals* in a room.',
        target: null,
      };
  }
}

function restartInstruction({ stoppedAt }: Progress, { bot, isOwn = false, waits }: Facts) {
  const isWaiting = waits.approval || waits.question;
  const [start, stop] = isOwn
    ? ['start your bot again', 'Stop your bot by Ctrl-C in its terminal.']
    : ['press *Start bot*', 'Press *Stop bot*, at the top.'];
  const target = isOwn ? null : 'bot';
  if (bot === 'stopping' || bot === 'starting') return { text: `The bot is ${bot} …`, target: null } as const;
  if (bot === 'stopped') {
    return isWaiting
      ? ({
          text: `Press *Approve* on the card: the room says that it failed, and nothing is sent. Then ${start}.`,
          target,
        } as const)
      : ({ text: `Now ${start}.`, target } as const);
  }
  if (!isWaiting) {
    return {
      text: 'What if the bot stops? Press *1* once more, and leave the card open.',
      target: 'refund-agent',
    } as const;
  }
  return stoppedAt === null
    ? ({ text: `${stop} The card stays in both rooms.`, target } as const)
    : ({ text: 'Press *Approve* again: the old button still works, and is sent once.', target: 'card' } as const);
}
