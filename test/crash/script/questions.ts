/** The promise log: what was asked and pressed, and how the outside world was answered. Kept outside the bot. */

import type { World } from '../world/world.ts';
import type { Action, PauseScript, PersonKey, PlatformName, QuestionScript } from './script.ts';

/** Its state at its backend. */
export type Ref =
  | { kind: 'approval'; executionId: string; approvalId: string }
  | { kind: 'await'; executionId: string; toolCallId: string; toolName: string }
  | { kind: 'sonzai'; id: string }
  | { kind: 'hookpulse'; plan: string; step: string; index: number }
  | { kind: 'inbox'; id: string };

/**
 * `unheard`: no answer came. `acked`: Slack's acknowledgement of a button, which says nothing more. `accepted`: only an
 * accepted press is answered so. `refused`: answered in private that it changed nothing. `form`: a form opened, or *Details*
 * that are read first.
 */
export type Heard = 'unheard' | 'acked' | 'accepted' | 'refused' | 'form' | 'failed';

export interface PressRecord {
  person: PersonKey;
  platform: PlatformName;
  action: Action | 'retry' | 'hand_back';
  at: number;
  /** Of which life of the bot. */
  life: number;
  /** A decision, if it counts; not a button that only opens a form. */
  decisive: boolean;
  foreign: boolean;
  heard: Heard;
  /** How many private messages this person had received on the platform before. */
  toldBefore: number;
}

export type ButtonAction = Action | 'retry' | 'hand_back' | 'one_by_one';

export interface Question {
  marker: string;
  script: QuestionScript;
  pause: PauseScript;
  ref: Ref | null;
  /** Its sender was answered that the bot has it, or its backend lists it. */
  known: boolean;
  /** Of a run whose stream was cut before its end: it is not promised that it was seen. */
  unseen: boolean;
  presses: PressRecord[];
  /** Asked in one breath with it, itself included: decided awaits are sent together. */
  group: Question[];
  /** Its approval's ids, as its cards carry them: a card in its smallest form has no marker. */
  ids: Set<string>;
  /** What its buttons carried while they stood there. */
  buttons: Partial<Record<`${PlatformName} ${ButtonAction}`, { room: string; message: string; id: string }>>;
  /** How many messages there were before its round. */
  from: { slack: number; discord: number };
}

export function questionsOf(world: World, pause: PauseScript): Question[] {
  const from = { slack: world.slack.state().messages.length, discord: world.discord.state().messages.length };
  const group: Question[] = [];
  for (const script of pause.questions) {
    group.push({
      marker: script.marker,
      script,
      pause,
      ref: null,
      known: false,
      unseen: false,
      presses: [],
      ids: new Set(),
      buttons: {},
      group,
      from,
    });
  }
  return group;
}
