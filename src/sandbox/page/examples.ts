import type { Script } from '../runtype/types.ts';
import type { Example } from './protocol.ts';

const described: readonly Example[] = [
  { name: 'refund-agent', label: 'Refund an order', about: 'An agent asks before it refunds: approve or reject.' },
  { name: 'slot-flow', label: 'Pick a slot', about: 'A flow waits for a tool output: take over and write the answer.' },
  { name: 'two-pauses', label: 'Two pauses', about: 'One run that asks twice, one after the other.' },
  { name: 'parallel-awaits', label: 'Two questions at once', about: 'Two answers that are sent together.' },
  { name: 'nasty', label: 'Long and nasty payload', about: 'Untrusted text that tries to break the card.' },
  { name: 'failing', label: 'Failing run', about: 'The run fails after it was approved.' },
  { name: 'plain', label: 'Run without a pause', about: 'Passes through the gateway; no card.' },
  { name: 'server-wait', label: 'Wait on the server', about: 'A pause that Runtype ends by itself; no card.' },
];

/** One button for each script: the well-known ones first, in the order above, then whatever else there is. */
export function examplesOf(scripts: ReadonlyMap<string, Script>): Example[] {
  const known = described.filter((example) => scripts.has(example.name));
  const others = [...scripts.values()].filter((script) => !described.some((example) => example.name === script.name));
  return [...known, ...others.map((script) => ({ name: script.name, label: script.title, about: script.title }))];
}
