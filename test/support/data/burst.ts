/** Many similar pauses at once, and the message that shows each of them. */

import type { Pause } from '../../../src/core/approval/pause/pause.ts';
import type { Card } from '../../../src/core/view/card.ts';
import type { Engine } from '../worlds/engine.ts';
import { pauseOf } from './pauses.ts';

/** The n-th pause, from 1; it has its own run and is identified by its order number. */
export function burstPause(number: number, more: Partial<Pause> = {}): Pause {
  return pauseOf({
    key: `approval:burst_${number}`,
    groupId: `approval:burst_${number}`,
    runId: `exec_${number}`,
    reason: null,
    parameters: { orderId: orderOf(number), amount: 10 + number },
    ...more,
  });
}

export function orderOf(number: number): string {
  return `A-${1000 + number}`;
}

export async function announce(engine: Engine, from: number, to: number, more: Partial<Pause> = {}): Promise<void> {
  for (let number = from; number <= to; number += 1) {
    const pause = burstPause(number, more);
    await engine.intake.deliver({ type: 'announced', pause, via: 'stream', streamOpen: false, inputId: null });
  }
}

/** The lines of a digest; empty for any other card. */
export function linesOf(card: Card | undefined): string[] {
  const lines = card !== undefined && /^\d+ × /.test(card.title) ? (card.body?.text.split('\n') ?? []) : [];
  return lines.filter((line) => /^\S+ \d+\. /.test(line));
}

/** The messages of a room that show the n-th pause now: as a line of a digest, or as its own card. */
export function placesOf(engine: Engine, platform: string, number: number): number[] {
  return engine.messages.flatMap((message, index) => {
    const card = message.cards.at(-1);
    if (message.platform !== platform || card === undefined || card.body?.label === 'Result') return [];
    const isDigest = /^\d+ × /.test(card.title);
    const isShown = isDigest
      ? linesOf(card).some((line) => line.includes(orderOf(number)) && !line.endsWith('moved to its own message'))
      : JSON.stringify(card).includes(orderOf(number));
    return isShown && !engine.gone.has(index) ? [index] : [];
  });
}

/** Resolves once nothing more happens unless time advances. */
export async function untilIdle(engine: Engine): Promise<void> {
  const seen = () => engine.lines().length + engine.messages.length + engine.calls.length;
  for (let quiet = 0; quiet < 4; ) {
    const before = seen();
    await engine.store.release('no-worker');
    await new Promise((resolve) => setImmediate(resolve));
    quiet = seen() === before ? quiet + 1 : 0;
  }
}
