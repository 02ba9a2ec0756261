/** Which metrics and labels a query in PromQL names. */
import { counters, gauges, histograms } from '../../../src/core/ports/metrics.ts';

const ADDED = ['job', 'instance'];
/** Of Prometheus, of Node’s own metrics, and of recording rules. */
const others = new Map<string, readonly string[]>([
  ['up', []],
  ['process_resident_memory_bytes', []],
  ['process_cpu_seconds_total', []],
  ['nodejs_heap_size_used_bytes', []],
  ['countersign:decision_seconds:median1d', ['route']],
  ['countersign:decision_seconds:p90_1d', ['route']],
  ['countersign:backend_call_failures:ratio5m', ['backend']],
  ['countersign:press_answer_seconds:p99_5m', ['platform']],
]);

/** Every series that `/metrics` has, with its labels. */
function seriesOfCode(): Map<string, readonly string[]> {
  const found = new Map<string, readonly string[]>(others);
  for (const [name, { labels }] of Object.entries(counters)) found.set(`countersign_${name}_total`, labels);
  for (const [name, { labels }] of Object.entries(gauges)) found.set(`countersign_${name}`, labels);
  for (const [name, { labels }] of Object.entries(histograms)) {
    found.set(`countersign_${name}_bucket`, [...labels, 'le']);
    found.set(`countersign_${name}_sum`, labels);
    found.set(`countersign_${name}_count`, labels);
  }
  return found;
}

const known = seriesOfCode();

/** What a query names that does not exist: metrics, labels in braces, and labels that it groups by. */
export function unknownIn(query: string): string[] {
  const found: string[] = [];
  const labels = new Set<string>([...ADDED]);
  const text = query.replace(/"[^"]*"/g, '""');
  for (const [, name = '', , inside = ''] of text.matchAll(
    /\b((?:countersign|process|nodejs)[_:][\w:]+|up)\b(\{([^}]*)\})?/g,
  )) {
    const own = known.get(name);
    if (own === undefined) {
      found.push(name);
      continue;
    }
    for (const label of own) labels.add(label);
    for (const [, label = ''] of inside.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)) {
      if (!own.includes(label) && !ADDED.includes(label)) found.push(`${name}{${label}}`);
    }
  }
  for (const [, list = ''] of text.matchAll(/\b(?:by|without|on|ignoring)\s*\(([^)]*)\)/g)) {
    for (const label of list
      .split(',')
      .map((one) => one.trim())
      .filter((one) => one !== '')) {
      if (!labels.has(label)) found.push(`by (${label})`);
    }
  }
  return found;
}
