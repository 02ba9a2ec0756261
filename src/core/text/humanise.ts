import { revealLine } from './visible/reveal.ts';

/** `refund_order`, `refundOrder` → `Refund order`. */
export function humanise(name: string): string {
  const words = revealLine(name)
    .replace(/^[a-z]+:(?=\S)/, '')
    .replace(/([a-z0-9])([A-Z])/g, (_, before: string, after: string) => `${before} ${after.toLowerCase()}`)
    .replace(/[_\-.\s]+/g, ' ')
    .trim();
  return words === '' ? 'Unnamed tool' : words.charAt(0).toUpperCase() + words.slice(1);
}
