import { createHookPulse, type HookPulseOptions } from '../../../src/backends/hookpulse/index.ts';
import type { TemplateState } from '../../../src/backends/hookpulse/templates.ts';
import type { ShownBrand } from '../../../src/backends/hookpulse/wire.ts';
import type { Pause } from '../../../src/core/approval/pause/pause.ts';
import type { Backend, Delivery } from '../../../src/core/ports/ports.ts';
import { createHookPulseEmulator } from '../../../src/sandbox/emulators/hookpulse/index.ts';
import type {
  HookPulseOptions as EmulatorOptions,
  HookPulseCall,
  HookPulseEmulator,
  HookPulseSeed,
} from '../../../src/sandbox/emulators/hookpulse/types.ts';
import { type CapturedLog, captureLog } from '../../support/log.ts';
import { RecordingIntake } from '../runtype/support/backend.ts';
import { createPacedClock, type PacedClock, watchFor } from '../shared/support.ts';

export const LIST = '/v1/api/get_all_pending_approvals_paginated/';
export const ACTION = '/v1/api/human_approval_action/';
export const TEMPLATE = '/v1/api/single_workflow_template_detail/';
export const never = new AbortController().signal;

/** A brand whose cards do not name it. */
export const aBrand: ShownBrand = { uuid: 'brand_1', apiKey: 'key_1', name: null, isShown: false };
export const unread: TemplateState = { type: 'unread' };

export interface HookPulseWorld {
  hookpulse: HookPulseEmulator;
  backend: Backend;
  intake: RecordingIntake;
  clock: PacedClock;
  log: CapturedLog;
  /** Seeds a plan and has its first approval announced. */
  announce(seed?: HookPulseSeed): Promise<Pause>;
  /** Without those for templates, unless the method is `TEMPLATE`. */
  calls(method?: string): HookPulseCall[];
  effects(): number;
  listed(): Extract<Delivery, { type: 'listed' }>[];
}

/** The backend on its own, towards the sandbox's HookPulse or `url`. */
export async function withHookPulse<T>(
  emulator: EmulatorOptions,
  more: Partial<HookPulseOptions>,
  use: (world: HookPulseWorld) => Promise<T>,
): Promise<T> {
  const intake = new RecordingIntake();
  const clock = createPacedClock();
  const log = captureLog();
  const hookpulse = await createHookPulseEmulator({ now: clock.now, ...emulator });
  const { url, apiKey, brandUuid } = hookpulse;
  const brands = [{ apiKey, uuid: brandUuid, name: null }];
  const backend = createHookPulse({ url, brands, pollMs: 15_000, intake, clock, log: log.log, ...more });
  const calls = (method?: string) =>
    hookpulse.journal.entries.flatMap((one) => {
      if (one.kind !== 'call' || (one.path === TEMPLATE) !== (method === 'TEMPLATE')) return [];
      return method === undefined || method === 'TEMPLATE' || one.method === method ? [one] : [];
    });
  try {
    return await use({
      hookpulse,
      backend,
      intake,
      clock,
      log,
      announce(seed = {}) {
        const { executionPlanUuid } = hookpulse.seed(seed);
        return watchFor(backend, intake, ({ runId }) => runId === executionPlanUuid);
      },
      calls,
      effects: () => calls().filter(({ effect }) => effect).length,
      listed: () => intake.deliveries.flatMap((one) => (one.type === 'listed' ? [one] : [])),
    });
  } finally {
    await backend.stop();
    await hookpulse.close();
  }
}
