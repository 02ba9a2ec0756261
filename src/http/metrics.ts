import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { counters, gauges, histograms, type Metrics } from '../core/ports/metrics.ts';

const PREFIX = 'countersign_';

export interface PrometheusMetrics extends Metrics {
  /** In Prometheus' text format, with its content type. */
  text(): Promise<{ body: string; contentType: string }>;
}

/**
 * The metrics in their own registry: nothing is shared within the process.
 * @param options.process adds those of Node and the process; their observers stay until it ends
 */
export function createMetrics(options: { process?: boolean } = {}): PrometheusMetrics & {
  beforeShown(update: () => void): void;
} {
  const registry = new Registry();
  const registers = [registry];
  if (options.process) collectDefaultMetrics({ register: registry });
  const updates: (() => void)[] = [];

  const made = {
    counters: each(counters, (name, entry) => {
      const { help, labels } = entry;
      const counter = new Counter({ name: `${PREFIX}${name}_total`, help, labelNames: [...labels], registers });
      // Present from the first scrape, so that its first increment shows as a rise.
      if (labels.length === 0) counter.inc(0);
      if ('initial' in entry) for (const values of entry.initial) counter.inc(values, 0);
      return counter;
    }),
    gauges: each(gauges, (name, { help, labels }) => {
      return new Gauge({ name: `${PREFIX}${name}`, help, labelNames: [...labels], registers });
    }),
    histograms: each(histograms, (name, { help, labels, buckets }) => {
      const labelNames = [...labels];
      return new Histogram({ name: `${PREFIX}${name}`, help, labelNames, buckets: [...buckets], registers });
    }),
  };

  return {
    count: (name, labels, by = 1) => made.counters[name].inc(labels, by),
    set: (name, labels, value) => made.gauges[name].set(labels, value),
    clear: (name) => made.gauges[name].reset(),
    observe: (name, labels, value) => made.histograms[name].observe(labels, value),
    beforeShown: (update) => void updates.push(update),
    async text() {
      for (const update of updates) update();
      return { body: await registry.metrics(), contentType: registry.contentType };
    },
  };
}

function each<T extends object, M>(table: T, make: (name: string, entry: T[keyof T]) => M): Record<keyof T, M> {
  return Object.fromEntries(Object.entries(table).map(([name, entry]) => [name, make(name, entry)])) as Record<
    keyof T,
    M
  >;
}
