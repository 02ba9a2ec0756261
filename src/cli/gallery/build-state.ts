/** Builds a state of a card by `step`, as the bot reaches it. Tested in test/browser/gallery.test.ts. */
import type { Approval } from '../../core/approval/approval.ts';
import type { Input } from '../../core/approval/inputs.ts';
import type { Actor } from '../../core/approval/parts/decision.ts';
import type { Pause } from '../../core/approval/pause/pause.ts';
import { step } from '../../core/approval/steps/step.ts';
import type { Ping } from '../../core/view/card.ts';

export interface GalleryState {
  name: string;
  caption: string;
  /** Its name for people. */
  backend: string;
  approval: Approval;
  /** The note in the thread rather than the card. */
  sheet: 'card' | 'result' | 'reminder' | 'pointer';
  /** Why the platform refused the full card: its smallest form is drawn. */
  refused?: string;
  /** How many other decisions wait in its thread. */
  waits?: number;
  /** Whom it calls, on each platform. */
  pings?: Readonly<Record<'slack' | 'discord', readonly Ping[]>>;
}

const titles: Record<string, string> = { sonzai: 'Sonzai', hookpulse: 'HookPulse', inbox: 'Countersign' };
export const dana: Actor = { platform: 'slack', id: 'U0000000001', name: 'Dana Reyes' };
export const sam: Actor = { platform: 'discord', id: '9000000000000000001', name: 'Sam Okafor' };
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
  return name.startsWith('reminder') ? 'reminder' : 'card';
}

/** Builds states by `step`, the way the bot reaches them. @param now when everything began, ms since 1970 */
export function createState(now: number) {
  return (name: string, caption: string, pause: Pause, ...inputs: Input[]): GalleryState => {
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
          };
    const first: Input = pause.kind === 'note' ? { type: 'noted', ...known, pause, why: 'asynchronous' } : asked;
    const refused = inputs.flatMap((input) => (input.type === 'content_refused' ? [input.slot] : []));
    const seen = places.flatMap(({ platform, room }): Input[] => {
      const slot = `card@${platform}:${room}`;
      return refused.includes(slot) ? [] : [{ type: 'posted', slot, receipt: { platform, room, message: '1' } }];
    });
    let approval: Approval | null = null;
    for (const [index, input] of [first, ...seen, ...inputs].entries()) {
      approval = step(approval, input, now + (index > places.length ? 2 * MINUTE_MS : 0)).state;
    }
    if (approval === null) throw new Error(`The state ${name} can't be reached.`);
    const backend = titles[pause.backend] ?? 'Runtype';
    return { name, caption, backend, approval, sheet: sheetOf(name) };
  };
}

export type BuildState = ReturnType<typeof createState>;

/** Why a call did not arrive. */
export const REASON = 'connection refused';
