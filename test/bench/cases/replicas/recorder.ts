/** The load of presses that are recorded, whatever records them. */
import { announced, pauseOf } from '../../../support/data/pauses.ts';
import type { Bench, Figures } from '../../contract.ts';

/** How many callers wait for their commits at once, and how many presses they make. */
const PHASES: readonly { callers: number; presses: number }[] = [
  { callers: 1, presses: 400 },
  { callers: 16, presses: 1_600 },
  { callers: 64, presses: 3_200 },
];
const WARM_UP = 200;
const QUICK = 5;
export interface Recorder {
  /** So many approvals wait for a press. */
  prepare(count: number): Promise<void>;
  /** Resolves when the press on this one is recorded. */
  press(index: number): Promise<void>;
}

export const idOf = (index: number): string => `ap_${String(index).padStart(8, '0')}`;

/** The approval of this number, as it was announced. */
export function announcedAs(index: number) {
  const key = `approval:${index}`;
  return announced({ id: idOf(index), pause: pauseOf({ key, groupId: key, runId: `exec_${index}` }) });
}

export async function measure({ quick }: Bench, { prepare, press }: Recorder): Promise<Figures> {
  const phases = PHASES.map(({ callers, presses }) => ({ callers, presses: quick ? presses / QUICK : presses }));
  await prepare(WARM_UP + phases.reduce((sum, { presses }) => sum + presses, 0));
  let made = 0;
  const together = async (callers: number, presses: number) => {
    const end = made + presses;
    const call = async () => {
      while (made < end) {
        made += 1;
        await press(made - 1);
      }
    };
    await Promise.all(Array.from({ length: callers }, call));
  };
  await together(16, WARM_UP);
  const figures: Figures = {};
  for (const { callers, presses } of phases) {
    const since = performance.now();
    await together(callers, presses);
    const seconds = (performance.now() - since) / 1_000;
    if (callers === 1) figures['one caller'] = (seconds * 1_000) / presses;
    else figures[`${callers} callers`] = presses / seconds;
  }
  return figures;
}
