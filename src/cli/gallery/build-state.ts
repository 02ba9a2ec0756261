/** Builds a state of a card by `step`, as the bot reaches it. Tested in test/browser/gallery.test.ts. */
import type { Approval } from '../../core/approval/approval.ts';
import type { Input, InputOf } from '../../core/approval/inputs.ts';
import type { Actor } from '../../core/approval/parts/decision.ts';
import type { Pause } from '../../core/approval/pause/pause.ts';
import { step } from '../../core/approval/steps/step.ts';
import type { Stop } from '../../core/policy/operators/stop.ts';
import type { Policy } from '../../core/policy/rules/policy.ts';
import type { GrantOnCard, Ping } from '../../core/view/card.ts';

export interface GalleryState {
  name: string;
  caption: string;
  /** Its name for people. */
  backend: string;
  approval: Approval;
  /** The note in the thread rather than the card. */
  sheet: 'card' | 'result' | 'reminder' | 'pointer' | 'escalation';
  /** Why the platform refused the full card: its smallest form is drawn. */
  refused?: string;
  /** How many other decisions wait in its thread. */
  waits?: number;
  /** Whom it calls, on each platform. */
  pings?: Readonly<Record<'slack' | 'discord', readonly Ping[]>>;
  /** By which it was asked. Default: there is no file, and the settings name two reviewers. */
  policy?: Policy;
  /** An operator has stopped everything. Default: no one has. */
  stop?: Stop;
  /** The standing answer that was, or can be, given from it. Default: none. */
  grant?: GrantOnCard;
}

/** A request with what the bot adds to its announcement. */
export interface Asked {
  pause: Pause;
  more: Partial<InputOf<'announced'>>;
}

/** What happens to it: two minutes after it was asked, or so long after it. */
export type Event = Input | ((approval: Approval) => Input);
export interface Later {
  afterMs: number;
  event: Event;
}

const titles: Record<string, string> = { sonzai: 'Sonzai', hookpulse: 'HookPulse', inbox: 'Countersign' };
export const dana: Actor = { platform: 'slack', id: 'U0000000001', name: 'Dana Reyes' };
export const sam: Actor = { platform: 'discord', id: '9000000000000000001', name: 'Sam Okafor' };
export const mara: Actor = { platform: 'slack', id: 'U0000000002', name: 'Mara Lind' };
export const jon: Actor = { platform: 'discord', id: '9000000000000000003', name: 'Jon Aker' };
export const ana: Actor = { platform: 'slack', id: 'U0000000003', name: 'Ana Costa' };
export const lea: Actor = { platform: 'slack', id: 'U0000000004', name: 'Lea Roth' };
export const places = [
  { platform: 'slack', room: 'C0000000001' },
  { platform: 'discord', room: '4100000000000000001' },
];
export const MINUTE_MS = 60_000;

export const onItsWay: Input = { type: 'sending', resendable: true };
export const recorded: Extract<Input, { type: 'sent' }> = {
  type: 'sent',
  result: { type: 'recorded', following: false },
  resendable: true,
  last: false,
};

function sheetOf(name: string): GalleryState['sheet'] {
  if (name.startsWith('result')) return 'result';
  if (name.startsWith('pointer')) return 'pointer';
  if (name.startsWith('escalation')) return 'escalation';
  return name.startsWith('reminder') ? 'reminder' : 'card';
}

/** Builds states by `step`, the way the bot reaches them. @param now when everything began, ms since 1970 */
export function createState(now: number) {
  return (name: string, caption: string, what: Pause | Asked, ...events: (Event | Later)[]): GalleryState => {
    const { pause, more } = 'pause' in what ? what : { pause: what, more: {} };
    const known = { id: `ap-${name}`, fingerprint: 'd1', places };
    const deadline = pause.deadline === null ? null : now + pause.deadline;
    const asked: Input =
      pause.kind === 'run'
        ? { type: 'started', ...known, pause, actor: dana, text: 'Mara’s lamp came broken, A-1009.', right: 'allowed' }
        : {
            type: 'announced',
            ...known,
            pause: { ...pause, deadline },
            via: 'stream',
            streamOpen: false,
            recurs: false,
            ...more,
          };
    const first: Input = pause.kind === 'note' ? { type: 'noted', ...known, pause, why: 'asynchronous' } : asked;
    const refused = events.flatMap((event) =>
      'type' in event && event.type === 'content_refused' ? [event.slot] : [],
    );
    const seen = places.flatMap(({ platform, room }): Input[] => {
      const slot = `card@${platform}:${room}`;
      return refused.includes(slot) ? [] : [{ type: 'posted', slot, receipt: { platform, room, message: '1' } }];
    });
    let approval: Approval | null = null;
    for (const input of [first, ...seen]) approval = step(approval, input, now).state;
    for (const one of events) {
      const { afterMs, event } = 'afterMs' in one ? one : { afterMs: 2 * MINUTE_MS, event: one };
      if (approval === null) break;
      approval = step(approval, typeof event === 'function' ? event(approval) : event, now + afterMs).state;
    }
    if (approval === null) throw new Error(`The state ${name} can't be reached.`);
    const backend = titles[pause.backend] ?? 'Runtype';
    return { name, caption, backend, approval, sheet: sheetOf(name) };
  };
}

export type BuildState = ReturnType<typeof createState>;

/** Why a call did not arrive. */
export const REASON = 'connection refused';
