import type { Input, SourceLimit } from '../../../src/core/approval/inputs.ts';
import { step } from '../../../src/core/approval/steps/step.ts';
import type { Changed, Clock, RunReading, Store } from '../../../src/core/ports/ports.ts';
import { createTestClock } from '../../support/clock.ts';
import { announced, slackRoom } from '../../support/data/pauses.ts';

export interface StoreUnderTest {
  store: Store;
  close(): Promise<void>;
}

/** Gives an empty store. */
export type OpenStore = (clock: Clock) => Promise<StoreUnderTest>;
export type TestClock = ReturnType<typeof createTestClock>;

/** An approval with one card, in Slack. */
export const one = announced({ places: [slackRoom] });

export async function withStore(
  open: OpenStore,
  run: (store: Store, clock: TestClock) => Promise<void>,
): Promise<void> {
  const clock = createTestClock();
  const { store, close } = await open(clock);
  try {
    await run(store, clock);
  } finally {
    await close();
  }
}

export function put(
  store: Store,
  clock: Clock,
  input: Input,
  options: { id?: string; inputId?: string | null; limit?: SourceLimit; run?: RunReading } = {},
): Promise<Changed> {
  return store.transact({
    approvalId: options.id ?? 'ap1',
    inputId: options.inputId ?? null,
    limit: options.limit,
    run: options.run,
    audit: { input: input.type, actor: 'actor' in input ? input.actor : null, facts: {} },
    fn: (state) => step(state, input, clock.now()),
  });
}
