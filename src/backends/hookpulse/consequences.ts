/**
 * What each decision does in HookPulse: approving resumes the workflow at this step, rejecting skips the step. Where a
 * workflow goes after a rejection is in its settings. Tested in test/backends/consequences.test.ts.
 */
import type { Consequences } from '../../core/view/card.ts';
import { TITLE } from './wire.ts';

export function consequencesOf(): Consequences {
  return {
    approve: ['this step runs and the workflow goes on'],
    // Its API takes no reason.
    reject: [
      'this step is skipped, the workflow takes its failure path or stops, and your reason stays in Countersign',
    ],
    silence: [`the workflow waits: ${TITLE} names no deadline`],
  };
}
