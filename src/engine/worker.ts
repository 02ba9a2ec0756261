/** The outbox with its three kinds of jobs, wired. Tested in test/engine/engine.test.ts. */
import type { Approval } from '../core/approval/approval.ts';
import { mentionedOn } from '../core/approval/steps/time/escalation.ts';
import { remindedDirectly } from '../core/policy/deciding/reminded.ts';
import type { Metrics } from '../core/ports/metrics.ts';
import type { Backend } from '../core/ports/ports.ts';
import type { Shared } from './contract.ts';
import type { Foreground } from './foreground.ts';
import { announceChange } from './ingest/announcements.ts';
import type { IntakeDeps } from './ingest/ingest.ts';
import type { Tracing } from './observe/measure/tracing.ts';
import type { RoomAlerts } from './observe/room-alerts.ts';
import { createDecideJob } from './outbox/decide-job.ts';
import { createDrawJob } from './outbox/draw-job.ts';
import { createDigestGrouping } from './outbox/group-into-digest.ts';
import { settlementOfDecision } from './outbox/job-runner.ts';
import { createOutbox, type Outbox, type OutboxOptions } from './outbox/outbox.ts';
import { createWakeJob } from './outbox/wake-job.ts';
import { backendsWhileAlive, platformsWhileAlive } from './outbox/while-alive.ts';

export function createWorker({
  settings: { readFirst, resurfaceAfterMs },
  byName,
  follows,
  rooms,
  ingest,
  foreground,
  ...shared
}: Shared & {
  metrics: Metrics;
  tracing: Tracing | undefined;
  foreground: Foreground;
  byName: ReadonlyMap<string, Backend>;
  follows: Set<Promise<void>>;
  ingest: IntakeDeps;
  rooms: Pick<OutboxOptions, 'onPlaceDown' | 'onPlaceUp'> & Pick<RoomAlerts, 'onPlaced'>;
}): Outbox {
  const { fleet, policy } = shared;
  const onFollow = (reading: Promise<void>) => {
    const done = reading.finally(() => follows.delete(done));
    follows.add(done);
  };
  const groupIntoDigest = createDigestGrouping(shared);
  const mentions = (approval: Approval, slotName: string) =>
    policy.mentions(approval, approval.requirement && mentionedOn(approval, slotName));
  const drawing = {
    ...shared,
    onPlaced: rooms.onPlaced,
    grantOn: shared.standing.offers.onCard,
    readFirst,
    resurfaceAfterMs,
    mentions,
    groupIntoDigest,
  };
  const deciding: Omit<Parameters<typeof createDecideJob>[0], 'backends'> = {
    ...shared,
    me: fleet.me,
    unsent: new Map(),
    onFollow,
    announceChange: (approval, found) => announceChange(approval, found, ingest),
    settlementOf: (job, end) => settlementOfDecision(job, end, shared.clock),
  };
  return createOutbox({
    ...shared,
    ...rooms,
    foreground,
    draw: (job, ...call) =>
      createDrawJob({ ...drawing, platforms: platformsWhileAlive(shared.platforms, fleet, job) })(job, ...call),
    decide: (job, ...call) =>
      createDecideJob({ ...deciding, backends: backendsWhileAlive(byName, fleet, job) })(job, ...call),
    wake: createWakeJob({ ...shared, directPlaces: (approval) => remindedDirectly(approval, policy) }),
    isStopped: () => shared.stopped() !== null,
  });
}
