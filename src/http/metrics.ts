import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry, type RegistryContentType } from 'prom-client';
import { counters, gauges, histograms, type Metrics } from '../core/ports/metrics.ts';

const PREFIX = 'countersign_';

export interface PrometheusMetrics extends Metrics {
  /**
   * In Prometheus' text format, with its content type. @param accept as the request says it: with exemplars, those who take
   * OpenMetrics get that, for only it has them
   */
  text(accept?: string): Promise<{ body: string; contentType: string }>;
}

/**
 * The metrics in their own registry: nothing is shared within the process.
 * @param options.process adds those of Node and the process; their observers stay until it ends
 * @param options.exemplars histograms keep the trace of an example
 */
export function createMetrics(options: { process?: boolean; exemplars?: boolean } = {}): PrometheusMetrics & {
  beforeShown(update: () => void): void;
} {
  const { exemplars: enableExemplars = false } = options;
  const registry = new Registry<RegistryContentType>();
  // The library makes exemplars only where OpenMetrics is the format.
  if (enableExemplars) registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
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
      const named = { name: `${PREFIX}${name}`, help, labelNames, buckets: [...buckets], registers };
      return new Histogram({ ...named, enableExemplars });
    }),
  };

  return {
    count: (name, labels, by = 1) => made.counters[name].inc(labels, by),
    set: (name, labels, value) => made.gauges[name].set(labels, value),
    clear: (name) => made.gauges[name].reset(),
    observe(name, labels, value, traceId) {
      const histogram: Histogram = made.histograms[name];
      if (!enableExemplars) histogram.observe(labels, value);
      else histogram.observe({ labels, value, ...(traceId && { exemplarLabels: { trace_id: traceId } }) });
    },
    beforeShown: (update) => void updates.push(update),
    async text(accept = '') {
      for (const update of updates) update();
      const body = await registry.metrics();
      const isWanted = !enableExemplars || accept.includes('application/openmetrics-text');
      if (isWanted) return { body, contentType: registry.contentType };
      return { body: withoutExemplars(body), contentType: Registry.PROMETHEUS_CONTENT_TYPE };
    },
  };
}

/**
 * OpenMetrics as Prometheus' text format. The library can write both, but not in turn: OpenMetrics takes the `_total` from the
 * names of its counters for good.
 */
function withoutExemplars(text: string): string {
  const isCounter = new Set([...text.matchAll(/^# TYPE (\S+) counter$/gm)].map(([, name = '']) => name));
  return text
    .replace(/^# (HELP|TYPE) (\S+)/gm, (line, what, name) => (isCounter.has(name) ? `# ${what} ${name}_total` : line))
    .replace(/^(.*\} \S+) # \{trace_id="[0-9a-f]{32}"\} \S+ \S+$/gm, '$1')
    .replace(/^# EOF\n$/m, '');
}

function each<T extends object, M>(table: T, make: (name: string, entry: T[keyof T]) => M): Record<keyof T, M> {
  return Object.fromEntries(Object.entries(table).map(([name, entry]) => [name, make(name, entry)])) as Record<
    keyof T,
    M
  >;
}
