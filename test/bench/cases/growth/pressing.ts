/** Presses one at a time on cards that the bot has just posted. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { SlackMessage } from '../../../../src/sandbox/emulators/slack/types.ts';
import type { Bench, Figures, Server } from '../../contract.ts';
import { approve, ask, cardWith, median, quantile, until, type World } from '../../world/world.ts';

const PRESSES = 30;
const QUICK_PRESSES = 8;
/** The first ones are slower. */
const WARM_UP = 2;
/** Between two presses, ms: what follows from one is done, and home tabs are drawn meanwhile. */
const GAP_MS = 150;

/** @param begin called once the cards are there */
export async function measurePresses(
  bench: Bench,
  { slack }: World,
  product: Server,
  begin: () => Promise<void> = async () => {},
): Promise<Figures> {
  const presses = bench.quick ? QUICK_PRESSES : PRESSES;
  const marks = Array.from({ length: presses + WARM_UP }, (_, at) => `To press ${String(at).padStart(4, '0')}`);
  for (const [at, context] of marks.entries()) await ask(product.port, 1 + at, { context, agent_id: `asks-${at}` });
  const cards: SlackMessage[] = [];
  for (const mark of marks) cards.push(await cardWith(slack, mark));
  await begin();
  const times: number[] = [];
  let cpu = product.cpuMs();
  for (const [at, card] of cards.entries()) {
    if (at === WARM_UP) cpu = product.cpuMs();
    const { afterMs } = await approve(slack, card);
    if (at >= WARM_UP) times.push(afterMs ?? Number.NaN);
    await sleep(GAP_MS);
  }
  const used = product.cpuMs() - cpu;
  const pressed = new Set(cards.map(({ ts }) => ts));
  const isSettled = () => {
    const shown = slack.state().messages.filter(({ ts }) => pressed.has(ts));
    return shown.every((one) => JSON.stringify(one).includes('pproved')) || undefined;
  };
  await until('settled cards', isSettled, 20);
  return { p50: median(times), longest: quantile(times, 1), cpu: used / presses };
}
