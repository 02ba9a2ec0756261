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
}

/** Resolves once everything is committed that the answer says; rejects when nothing was recorded. */
export type PressHandler = (press: Press) => Promise<Handled>;

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

export interface Claims {
  /**
   * Claims before the form opens, so that no other person decides meanwhile.
   * @returns `ignored`: why not. `claim`: what ends with this form; null where the form claims nothing
   */
  takeForForm(
    press: Press,
    approval: Approval,
    right: Right,
  ): Promise<{ ignored: Ignored | null; claim: FormClaim | null }>;
  /** Keeps it to do the work. @returns why not; null: it is kept */
  keep(press: Press, approval: Approval, right: Right): Promise<Ignored | null>;
  /** For how long this person could keep it from now, ms. */
  keptMs(approval: Approval, press: Press): number;
  /** *Release*. */
  release: PressHandler;
}
