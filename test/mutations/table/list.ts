import type { Remedies } from '../remedy.ts';
import { callRemedies } from './calls.ts';
import { discordRemedies } from './discord.ts';
import { diskRemedies } from './disk.ts';
import { healthRemedies } from './health.ts';
import { inputRemedies } from './input.ts';
import { pressRemedies } from './presses.ts';
import { processRemedies } from './process.ts';
import { roomRemedies } from './rooms.ts';
import { slackRemedies } from './slack.ts';
import { startRemedies } from './starts.ts';
import { streamRemedies } from './streams.ts';

/** Whatever is promised rests on these. Each can be taken away, and then its test fails. */
export const remedies: Remedies = {
  ...streamRemedies,
  ...diskRemedies,
  ...slackRemedies,
  ...roomRemedies,
  ...discordRemedies,
  ...pressRemedies,
  ...callRemedies,
  ...processRemedies,
  ...startRemedies,
  ...healthRemedies,
  ...inputRemedies,
};
