/** One fault, and what the doctor has to say about it. */
import type { Level } from '../../../src/core/ports/ports.ts';
import type { DoctorWorld } from '../world.ts';

export interface PlantedFault {
  name: string;
  /** Plants it in a sound set-up; what it changes in the settings and the policy is written afterwards. */
  plant(world: DoctorWorld): void | Promise<void>;
  finds: { check: string; level: Level; what: RegExp; remedy: RegExp };
  /** Whether it is also found without a bot. Default: yes. */
  alone?: false;
  /**
   * When it is planted where a bot runs. `never`: no bot can run with it, or none is affected by it. Default: `after` its
   * start.
   */
  bot?: 'before' | 'after' | 'never';
}
