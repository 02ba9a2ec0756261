/** What handles a press, and what it needs. Tested in test/engine/presses/confirm.test.ts. */
import type { Approval } from '../../core/approval/approval.ts';
import type { Ignored, Right } from '../../core/approval/inputs.ts';
import type { Stop } from '../../core/policy/operators/stop.ts';
import type { Policy } from '../../core/policy/rules/policy.ts';
import type { Clock, FormClaim, Log, Press, PressAnswer, Store } from '../../core/ports/ports.ts';
import type { Consequences } from '../../core/view/card.ts';
import type { FormSettings } from '../../core/view/forms/form-rule.ts';
import type { Apply } from '../apply.ts';
import type { DeciderNames } from '../background/decider-names.ts';
import type { Readers } from '../background/readers.ts';
import type { Attempts } from './attempts.ts';

/** `outcome` is for the log. */
export interface Handled {
  answer: PressAnswer;
  outcome: string;
  backend?: string | undefined;
  /** The approval as the press left it. Absent: it was not looked at. */
  state?: Approval | null;
}

/**
 * Resolves once everything is committed that the answer says; rejects when nothing was recorded, or when that is not known.
 * Nothing is read between the commit and the answer: a database can be gone by then, and the person waits.
 * @param ready called right before a change is requested, which waits for it
 */
export type PressHandler = (press: Press, ready?: Ready) => Promise<Handled>;
export type Ready = () => Promise<void> | void;

/** Times in ms since 1970. `approval`: as it is after the press; null: there is none. */
export interface PressTracing {
  pressed(
    press: Press,
    approval: Approval | null,
    about: { startedAt: number; endedAt: number; outcome: string },
  ): void;
}

export interface PressDeps {
  store: Store;
  apply: Apply;
  attempts: Attempts;
  readers: Readers;
  policy: Policy;
  /** What each decision leads to, as its backend says. Default: details do not say. */
  consequences?: (approval: Approval) => Consequences | undefined;
  /** Who may decide, as it is read on a platform. Default: details and refusals do not say. */
  deciders?: DeciderNames['of'];
  /** An operator's stop: nothing is decided. Default: it runs. */
  stopped?: () => Stop | null;
  forms: FormSettings;
  /** What the card does not show is read in *Details* before it is approved. */
  readFirst: boolean;
  /** *Show* opens masked values. */
  reveal: boolean;
  backendTitle: (backend: string) => string;
  /** Records each press. Absent: no spans are recorded. */
  tracing?: PressTracing | undefined;
  clock: Clock;
  log: Log;
}

/** `ignored`: why not; null: it is claimed. `state`: the approval by then. */
export interface Claimed {
  ignored: Ignored | null;
  state: Approval | null;
}

export interface Claims {
  /**
   * Claims before the form opens, so that no other person decides meanwhile.
   * @returns `claim`: what ends with this form; null where the form claims nothing
   */
  takeForForm(
    press: Press,
    approval: Approval,
    right: Right,
    ready?: Ready,
  ): Promise<Claimed & { claim: FormClaim | null }>;
  /** Keeps it to do the work. */
  keep(press: Press, approval: Approval, right: Right, ready?: Ready): Promise<Claimed>;
  /** For how long this person could keep it from now, ms. */
  keptMs(approval: Approval, press: Press): number;
  /** *Release*. */
  release: PressHandler;
}
