import { limitPause } from '../../../../src/core/approval/pause/limit-pause.ts';
import { renderCard } from '../../../../src/core/view/cards/approval-card.ts';
import { renderMessage as renderDiscord } from '../../../../src/platforms/discord/render/message.ts';
import { renderMessage as renderSlack } from '../../../../src/platforms/slack/render/message.ts';
import { systemClock } from '../../../../src/system/clock.ts';
import { after, announced, pauseOf } from '../../../support/data/pauses.ts';
import { newKey } from './events.ts';
import { cpuOf } from './turns.ts';

/** Draws that are timed together: the clock of CPU time ticks every 4 ms. */
const DRAWS = 20;

/**
 * CPU ms of one draw for both platforms, as if it was the first: each has a fingerprint of its own, and parameters that
 * were not masked yet.
 */
export function costOfDrawing(parameters: string): number {
  const pause = limitPause(pauseOf({ parameters: JSON.parse(parameters) }), systemClock.hash);
  const approval = after(announced({ pause }));
  const draw = (index: number) => {
    const parameters = { ...approval.pause.parameters };
    const one = {
      ...approval,
      fingerprint: newKey().padEnd(22, `-${index}`),
      pause: { ...approval.pause, parameters },
    };
    JSON.stringify([
      renderSlack(renderCard(one, { backend: 'Runtype' })),
      renderDiscord(renderCard(one, { backend: 'Runtype' })),
    ]);
  };
  const drawAll = () => Array.from({ length: DRAWS }, (_, index) => draw(index));
  drawAll();
  return cpuOf(drawAll) / DRAWS;
}
