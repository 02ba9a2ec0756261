/** Private answers to `/countersign`. Pure. */

import { platformName } from '../approval/names.ts';
import { quoted } from '../text/visible/quoted.ts';
import type { Deciders } from './card.ts';
import { whoCanText } from './cards/deciders.ts';
import { COMMAND } from './command.ts';

/** Of a typed name that is repeated, characters. */
const TYPED_MAX = 60;

/** What is not about runs. */
const OTHERS = `For operators: ${COMMAND} status, stop [reason], start. For your accounts: link [code], unlink.`;

/** @param startable names of the runs that this person may start */
export function helpText(startable: readonly string[]): string {
  return `Usage: ${COMMAND} run NAME [text]. ${listed(startable)} ${OTHERS}`;
}

export function unknownRunText(name: string, startable: readonly string[]): string {
  return `Unknown run ${quoted(name, TYPED_MAX)}. ${listed(startable)}`;
}

/** @param deciders who may start it, as this person reads it; undefined: not known */
export function unstartedText(
  name: string,
  right: 'denied' | 'unverified',
  startable: readonly string[],
  deciders?: Deciders,
): string {
  return right === 'unverified'
    ? `Your permission to start ${name} could not be checked. Please try again in a minute.`
    : `You can’t start ${name}.${deciders === undefined ? '' : ` ${whoCanText(deciders)}`} ${listed(startable)}`;
}

/** @param where the card goes: `rooms` counts those of this platform, which are named behind the text */
export function startedText(
  name: string,
  where: { inThisRoom: boolean; rooms: number; elsewhere: readonly string[] },
): string {
  const starting = `Starting ${name}. Follow it in`;
  if (where.inThisRoom) return `${starting} this channel.`;
  if (where.rooms > 0) return starting;
  if (where.elsewhere.length === 0) return `${starting} your direct messages.`;
  return `${starting} ${[...new Set(where.elsewhere)].map(platformName).join(' and ')}.`;
}

function listed(startable: readonly string[]): string {
  return startable.length === 0 ? 'You can’t start any run.' : `You can start: ${startable.join(', ')}.`;
}
