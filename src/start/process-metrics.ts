/** Metrics of the process itself, read as they are shown. Tested in test/stories/operator/metrics/story.test.ts. */
import type { BufferBudget } from '../core/ports/buffer-budget.ts';
import type { Metrics } from '../core/ports/metrics.ts';
import type { Clock } from '../core/ports/ports.ts';
import type { LoopLag } from '../engine/observe/loop-lag.ts';
import type { Earlier } from '../engine/recovery/process-history.ts';

interface Shown extends Metrics {
  beforeShown(update: () => void): void;
}

export function showProcess(
  metrics: Shown,
  of: Pick<Earlier, 'starts'> & { clock: Clock; release: string | null; buffers: BufferBudget },
): void {
  const { starts, clock, release, buffers } = of;
  metrics.set('build_info', { version: release ?? 'unknown' }, 1);
  for (const [ending, count] of Object.entries(starts))
    metrics.count('starts', { after: ending.replaceAll(' ', '_') }, count);
  metrics.beforeShown(() => {
    metrics.set('buffered_bytes', {}, buffers.used);
    metrics.set('clock_seconds', {}, clock.now() / 1000);
  });
}

/** @param policy of the file; undefined: there is none */
export function showParts(
  metrics: Shown,
  {
    lag,
    policy,
  }: {
    lag: Pick<LoopLag, 'worst'>;
    policy: (() => { loadedAt: number; problems: readonly string[] }) | undefined;
  },
): void {
  metrics.beforeShown(() => {
    metrics.set('event_loop_lag_seconds', {}, lag.worst() / 1000);
    if (policy === undefined) return;
    const { loadedAt, problems } = policy();
    metrics.set('policy_problems', {}, problems.length);
    metrics.set('policy_loaded_timestamp_seconds', {}, loadedAt / 1000);
  });
}
