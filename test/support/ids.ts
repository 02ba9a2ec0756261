/** The IDs of the real platforms, for lists of people and places. */
import { ids as discord } from '../../src/platforms/discord/settings.ts';
import { ids as slack } from '../../src/platforms/slack/settings.ts';

export const ids = [slack, discord];
