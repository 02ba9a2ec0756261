/** What somebody who typed `/countersign` is told in private. */

import { platformName } from '../approval/names.ts';
import { clip, revealLine } from '../text/text.ts';
import { COMMAND } from './command.ts';

/** Of what somebody typed, when it is repeated to them. */
const TYPED_MAX = 60;

/** @param startable names of the runs that this person may start */
export function helpText(startable: readonly string[]): string {
  return `${COMMAND} run NAME [text] starts a run. Its card, its questions and its result stand in one thread. ${listed(startable)}`;
}

export function unknownRunText(name: string, startable: readonly string[]): string {
  return `There is no run “${clip(revealLine(name), TYPED_MAX)}”. Nothing was started. ${listed(startable)}`;
}

export function unstartedText(name: string, right: 'denied' | 'unverified', startable: readonly string[]): string {
  return right === 'unverified'
    ? `Countersign could not verify just now that you may start ${name}. Nothing was started. Please try again in a minute.`
    : `You may not start ${name}. Nothing was started. ${listed(startable)}`;
}

/** @param where the card goes: `rooms` counts those of this platform, which are named behind the text */
export function startedText(
  name: string,
  where: { inThisRoom: boolean; rooms: number; elsewhere: readonly string[] },
): string {
  const starting = `Starting ${name}. Its card and its result`;
  if (where.inThisRoom) return `${starting} come in this room.`;
  if (where.rooms > 0) return `${starting} come in`;
  if (where.elsewhere.length === 0) return `${starting} come by direct message.`;
  return `${starting} come in ${[...new Set(where.elsewhere)].map(platformName).join(' and ')}.`;
}

function listed(startable: readonly string[]): string {
  return startable.length === 0 ? 'There is no run that you may start.' : `You may start: ${startable.join(', ')}.`;
}
