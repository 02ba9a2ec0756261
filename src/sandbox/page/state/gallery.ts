/** Every state of a card as the bot draws it, from the bot's code in a child process. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { DrawnState } from '../protocol.ts';

const json = z.record(z.string(), z.unknown());
const statesSchema = z.array(
  z.object({
    name: z.string(),
    caption: z.string(),
    slack: z.object({ text: z.string(), blocks: z.array(json) }),
    discord: json,
    slackDetails: json,
    discordDetails: json,
  }),
);

/** Largest output of the child process: long payloads, drawn for both platforms. */
const MAX_BYTES = 16 * 1024 * 1024;

/** @throws Error if the bot's code can't draw a state */
export async function drawGallery(): Promise<DrawnState[]> {
  const file = fileURLToPath(new URL('../../../cli/gallery/main.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [file], { maxBuffer: MAX_BYTES });
  return statesSchema.parse(JSON.parse(stdout));
}
