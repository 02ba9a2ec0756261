/** Metrics that a test reads by their series. */
import type { Metrics } from '../../../src/core/ports/metrics.ts';
import { createMetrics } from '../../../src/http/metrics.ts';

export type Series = Map<string, number>;

/** The series of Prometheus' text format, such as `countersign_presses_total{platform="slack",outcome="accepted"}`. */
export function seriesIn(text: string): Series {
  const found: Series = new Map();
  for (const line of text.split('\n')) {
    const [, name = '', value = ''] = /^([a-z_]\w*(?:\{.*?\})?) (\S+)$/.exec(line) ?? [];
    if (name !== '') found.set(name, Number(value));
  }
  return found;
}

/** @param name without `countersign_`; what is 0 or has no value yet is left out, and so are buckets */
export function valuesOf(series: Series, name: string): Record<string, number> {
  const prefix = `countersign_${name}`;
  const own = [...series].filter(([key, value]) => value !== 0 && (key === prefix || key.startsWith(`${prefix}{`)));
  return Object.fromEntries(own.map(([key, value]) => [key.slice(prefix.length), value]));
}

export function createCounted() {
  const metrics = createMetrics();
  return { metrics, values: async (name: string) => valuesOf(seriesIn((await metrics.text()).body), name) };
}

/** Metrics that are observed after something was answered. @param count resolves once there are so many */
export function observing(count: number) {
  const { promise, resolve } = Promise.withResolvers<void>();
  const seen: { name: string; labels: object }[] = [];
  const observe: Metrics['observe'] = (name, labels) => {
    if (seen.push({ name, labels }) === count) resolve();
  };
  return { metrics: { observe }, seen: () => promise.then(() => seen) };
}
