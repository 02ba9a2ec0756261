/** `npm run moving-picture`: see `usage`. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { parseCommandLine, runCommand } from '../test/support/command-line.ts';
import { inSandbox } from '../test/support/people/in-sandbox.ts';

const usage = `Usage: npm run moving-picture -- [flags]

Makes the README's moving picture of one press, in both themes: press-light.gif and press-dark.gif. Needs Chromium (or
CHROMIUM) and ffmpeg (Debian: apt-get install ffmpeg).

  --to FOLDER  where they are written (default: docs/images)
  --help       prints this

Example: npm run moving-picture -- --to /tmp/pictures`;

const VIEWPORT = { width: 1400, height: 900 };
/** Pixels of the picture for one of the page: sharp on most screens. */
const SCALE = 1.5;
/** Higher than any card. */
const HIGHEST = 1_150;
/** A page loads larger pictures too slowly, bytes. */
const MAX_BYTES = 1_500_000;
/** How long a frame is shown, ms: what is to be read, what moves, and what the bot does meanwhile. */
const READ_MS = 2_600;
const MOVE_MS = 90;
const CHANGE_MS = 420;
/** How long the last frame is shown before the picture begins again. */
const END_MS = 4_200;
const CURSOR_STEPS = 8;

interface Frame {
  png: Buffer;
  ms: number;
}

/** The mouse pointer, which screenshots don't have. */
const CURSOR = `
  const cursor = document.createElement('div');
  cursor.id = 'cursor';
  cursor.innerHTML = '<svg width="26" height="26" viewBox="0 0 26 26"><path d="M4 2l15 13-7 .8 4 7.6-3.2 1.6-3.9-7.8L4 22z" fill="#111" stroke="#fff" stroke-width="1.6"/></svg>';
  cursor.style.cssText = 'position:fixed;z-index:99;pointer-events:none;left:0;top:0';
  document.body.append(cursor);`;

class Film {
  readonly frames: Frame[] = [];
  readonly #page: Page;
  readonly #clip: Clip;

  constructor(page: Page, clip: Clip) {
    this.#page = page;
    this.#clip = clip;
  }

  /** Takes the rooms as they are now; a frame like the last one makes that one longer. */
  async take(ms: number): Promise<void> {
    const png = await this.#page.screenshot({ clip: this.#clip, animations: 'disabled' });
    const last = this.frames.at(-1);
    if (last?.png.equals(png)) last.ms += ms;
    else this.frames.push({ png, ms });
  }

  async move(from: Point, to: Point): Promise<void> {
    for (let step = 1; step <= CURSOR_STEPS; step += 1) {
      const part = step / CURSOR_STEPS;
      const eased = part * part * (3 - 2 * part);
      const [x, y] = [from.x + (to.x - from.x) * eased, from.y + (to.y - from.y) * eased];
      await this.#page.mouse.move(x, y);
      await this.#page.evaluate(`document.getElementById('cursor').style.translate = '${x}px ${y}px'`);
      await this.take(MOVE_MS);
    }
  }
}

/** All frames have the same size, px. */
interface Clip extends Point {
  width: number;
  height: number;
}

interface Point {
  x: number;
  y: number;
}

/** One refund: the card, the press on *Approve*, what both rooms say then, and the result in the thread. */
async function press(page: Page): Promise<Frame[]> {
  await page.getByRole('button', { name: 'Close the guide' }).click();
  const [slack, discord] = [page.getByTestId('slack-room'), page.getByTestId('discord-room')];
  await page.locator('button[data-run="refund-agent"]').click();
  for (const room of [slack, discord]) await room.getByRole('button', { name: 'Approve' }).waitFor();
  // High enough for the whole card in both rooms.
  const missing = await page.evaluate<number>(
    `Math.max(...[...document.querySelectorAll('.room-messages')].map((list) => list.scrollHeight - list.clientHeight))`,
  );
  await page.setViewportSize({ ...VIEWPORT, height: Math.min(VIEWPORT.height + missing, HIGHEST) });
  await page.evaluate(CURSOR);
  const rooms = await page.locator('.rooms').boundingBox();
  if (rooms === null) throw new Error('The page has no rooms.');
  const [x, y] = [Math.floor(rooms.x) + 8, Math.floor(rooms.y)];
  const film = new Film(page, { x, y, width: Math.ceil(rooms.width) - 4, height: Math.ceil(rooms.height) - 6 });
  const approve = slack.getByRole('button', { name: 'Approve' });
  const box = await approve.boundingBox();
  if (box === null) throw new Error('The card has no Approve.');
  const target = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const start = { x: target.x + 330, y: target.y - 190 };
  await film.move({ x: start.x + 40, y: start.y - 20 }, start);
  await film.take(READ_MS);
  await film.move(start, target);
  await film.take(CHANGE_MS);
  await page.mouse.click(target.x, target.y);
  const threads = [slack, discord].map((room) => room.getByTestId('thread'));
  const areDone = async () => (await Promise.all(threads.map((thread) => thread.count()))).every((count) => count > 0);
  while (!(await areDone())) await film.take(CHANGE_MS);
  await film.take(READ_MS);
  const toggle = slack.getByTestId('thread').locator('button[aria-expanded]');
  const line = await toggle.boundingBox();
  if (line !== null) {
    const reply = { x: line.x + 40, y: line.y + line.height / 2 };
    await film.move(target, reply);
    await page.mouse.click(reply.x, reply.y);
  }
  await slack.getByText(/Refunded 42\.50 EUR/).waitFor();
  await film.take(END_MS);
  return film.frames;
}

/** @throws Error with ffmpeg's own message */
async function write(frames: readonly Frame[], file: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-film-'));
  try {
    const list = frames.map(({ png, ms }, index) => {
      writeFileSync(join(folder, `${index}.png`), png);
      return `file '${index}.png'\nduration ${ms / 1_000}`;
    });
    // The demuxer ignores the duration of the last entry.
    list.push(`file '${frames.length - 1}.png'`);
    writeFileSync(join(folder, 'frames.txt'), list.join('\n'));
    const palette =
      'split[a][b];[a]palettegen=max_colors=128:stats_mode=full[p];[b][p]paletteuse=dither=none:diff_mode=rectangle';
    const args = ['-loglevel', 'error', '-y', '-f', 'concat', '-i', join(folder, 'frames.txt'), '-fps_mode', 'vfr'];
    await promisify(execFile)('ffmpeg', [...args, '-vf', palette, '-loop', '0', file]);
  } finally {
    rmSync(folder, { recursive: true });
  }
  const { size } = statSync(file);
  if (size > MAX_BYTES) throw new Error(`${file} has ${size} bytes, more than ${MAX_BYTES}.`);
  console.log(`${file}: ${frames.length} frames, ${Math.round(size / 1_000)} kB`);
}

await runCommand(async () => {
  const { values } = parseCommandLine(usage, { to: { type: 'string' } } as const);
  const folder = values.to ?? fileURLToPath(new URL('../docs/images/', import.meta.url));
  mkdirSync(folder, { recursive: true });
  for (const theme of ['light', 'dark'] as const) {
    const browser = { viewport: VIEWPORT, deviceScaleFactor: SCALE, colorScheme: theme, bypassCSP: true };
    await inSandbox({ path: '/', browser }, async ({ page }) => {
      await page.locator('[data-testid="bot"][data-state="running"]').waitFor();
      await write(await press(page), join(folder, `press-${theme}.gif`));
    });
  }
});
