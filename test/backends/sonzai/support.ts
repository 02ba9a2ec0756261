import { openSonzai, type SonzaiClient } from '../../../src/backends/sonzai/client.ts';
import { createSonzai, type SonzaiOptions } from '../../../src/backends/sonzai/index.ts';
import { createTokenProvider } from '../../../src/backends/sonzai/token.ts';
import type { Approval, ApprovalIn } from '../../../src/core/approval/approval.ts';
import type { Action, Pause } from '../../../src/core/approval/pause/pause.ts';
import type { Backend } from '../../../src/core/ports/ports.ts';
import { createSonzaiEmulator } from '../../../src/sandbox/emulators/sonzai/index.ts';
import type {
  SonzaiOptions as EmulatorOptions,
  SonzaiCall,
  SonzaiEmulator,
  SonzaiItem,
} from '../../../src/sandbox/emulators/sonzai/types.ts';
import { type CapturedLog, captureLog } from '../../support/log.ts';
import { decided, RecordingIntake } from '../runtype/support/backend.ts';
import { createPacedClock, type PacedClock, watchFor } from '../shared/support.ts';

export const LIST = 'GET /api/v1/approvals';
export const RESOLVE = '/api/v1/approvals/:id/resolve';
export const never = new AbortController().signal;

export interface SonzaiWorld {
  sonzai: SonzaiEmulator;
  backend: Backend;
  /** The same way to Sonzai, without a bot. */
  client: SonzaiClient;
  intake: RecordingIntake;
  clock: PacedClock;
  log: CapturedLog;
  /** Seeds an item and has it announced. */
  announce(item?: Partial<SonzaiItem>): Promise<Pause>;
  calls(method?: string): SonzaiCall[];
  effects(): number;
}

export function aDecision(
  pause: Pause,
  action: Action = 'approve',
  more: Partial<ApprovalIn<'sending'>> = {},
): Approval {
  return { ...decided(pause, action), ...more };
}

/** The backend on its own, towards the sandbox's Sonzai or `url`. */
export async function withSonzai<T>(
  emulator: EmulatorOptions,
  more: Partial<SonzaiOptions>,
  use: (world: SonzaiWorld) => Promise<T>,
): Promise<T> {
  const intake = new RecordingIntake();
  const clock = createPacedClock();
  const log = captureLog();
  const sonzai = await createSonzaiEmulator({ now: clock.now, ...emulator });
  const token = createTokenProvider({ kind: 'value', value: sonzai.token }, clock);
  const options = { url: sonzai.url, token, pollMs: 5_000, intake, clock, log: log.log, ...more };
  const backend = createSonzai(options);
  const client = openSonzai(options);
  const calls = (method?: string) =>
    sonzai.journal.entries.flatMap((one) =>
      one.kind === 'call' && (method ?? one.method) === one.method ? [one] : [],
    );
  try {
    return await use({
      sonzai,
      backend,
      client,
      intake,
      clock,
      log,
      announce(item = {}) {
        const { approval_id } = sonzai.seed(item);
        return watchFor(backend, intake, ({ key }) => key === approval_id);
      },
      calls,
      effects: () => calls().filter(({ effect }) => effect).length,
    });
  } finally {
    await backend.stop();
    client.close();
    await sonzai.close();
  }
}

/** What an agent asks for, about this contact. */
export function draftOf(contact: string) {
  return {
    agent_id: 'agt',
    agent_name: 'Rana',
    user_id: 'usr',
    contact_name: contact,
    channel: 'web',
    type: 'message',
    context: 'c',
    payload: { text: 'hi' },
    tags: null,
    confidence: 0.5,
  };
}
