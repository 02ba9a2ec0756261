/** What a round's script is made for. */
import type { FailPoint } from '../../../src/core/ports/fail-points.ts';

/** It dies when it comes by there for the nth time. */
export interface Reach {
  point: FailPoint;
  nth: number;
}

export interface ScriptOptions {
  /** How many share the work. Default: one. */
  replicas?: number;
  /** The bot runs on the rig's own entry, which has fail-points and lets callbacks go to this machine. */
  own: boolean;
  /** Dies exactly at these, whatever chance says. */
  points?: readonly Reach[];
  /** Few questions, and two deaths: for a short run. */
  small?: boolean;
  /** No faults of the network, for a round that is to show one thing. */
  calm?: boolean;
}

/** Most of what a round does is over within this, ms. */
export const BUSY_MS = 1_600;
