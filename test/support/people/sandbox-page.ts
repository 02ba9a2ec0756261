/** The sandbox page in a browser, used with the mouse, by the labels of the buttons. */
import { after, before } from 'node:test';
import type { Locator } from 'playwright-core';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../../src/sandbox/sandbox.ts';
import { compileCache, scriptFile } from '../child.ts';
import { type OpenPage, openPageIn } from './browser.ts';
import { STILL, sharedBrowser } from './shared-browser.ts';

/** The bot as it starts with the least work. */
export const quickBot = () => ({ script: scriptFile('src/main.ts'), env: compileCache });

/** A sandbox and its page for the tests of one `describe`. Use the result only inside those tests. */
export function sandboxPage(options: Partial<SandboxOptions> = {}) {
  let sandbox: Sandbox;
  let open: OpenPage;

  before(async () => {
    sandbox = await startSandbox({ port: 0, quiet: true, bot: quickBot(), ...options });
    open = await openPageIn(await sharedBrowser(), sandbox.url, STILL);
  });
  after(async () => {
    await open?.close();
    await sandbox?.close();
  });

  const page = () => open.page;
  const rooms = () => [page().getByTestId('slack-room'), page().getByTestId('discord-room')] as const;
  /** The newest card in the room itself, with its thread. */
  const cards = (room: Locator) => room.getByTestId('message').filter({ has: page().getByRole('button') });

  return {
    get sandbox() {
      return sandbox;
    },
    get page() {
      return page();
    },
    get slack() {
      return rooms()[0];
    },
    get discord() {
      return rooms()[1];
    },
    get form() {
      return page().getByRole('dialog');
    },
    shoot: (name: string) => open.shoot(name),
    cards,
    become: (person: 'dana' | 'sam' | 'remy' | 'kit') => page().locator(`label[data-person="${person}"]`).click(),
    sees: (room: Locator, text: string | RegExp) => room.getByText(inAnyRoom(text)).last().waitFor(),
    /** Waits for a thread in this part of a room, and opens the newest one unless it is open. */
    async openThread(part: Locator) {
      const toggle = part.getByTestId('thread').last().locator('button[aria-expanded]');
      if ((await toggle.getAttribute('aria-expanded')) === 'false') await toggle.click();
    },

    /** Calls that Runtype accepted as a decision. */
    decided: () =>
      sandbox.runtype.journal.entries.flatMap((entry) => (entry.kind === 'call' && entry.effect ? [entry] : [])),

    /** How often both rooms show it so far; a step waits for one more. */
    sayings: (text: string) => Promise.all(rooms().map((room) => room.getByText(inAnyRoom(text)).count())),
    async seeOnceMore(text: string, before: readonly number[]) {
      for (const [index, room] of rooms().entries())
        await room
          .getByText(inAnyRoom(text))
          .nth(before[index] ?? 0)
          .waitFor();
    },

    async startRun(name: string) {
      const shown = await Promise.all(rooms().map((room) => cards(room).count()));
      await page().locator(`button[data-run="${name}"]`).click();
      for (const [index, room] of rooms().entries())
        await cards(room)
          .nth(shown[index] ?? 0)
          .waitFor();
    },
    async typeIn(room: Locator, line: string) {
      await room.getByRole('textbox', { name: 'Command' }).fill(line);
      await room.getByRole('button', { name: 'Send' }).click();
    },
  };
}

/** Slack shows a person as `@Dana Reyes`, where the card is an edited one. */
export function inAnyRoom(text: string | RegExp): string | RegExp {
  if (typeof text !== 'string') return text;
  const literal = text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(literal.replace(/(?=Dana Reyes|Sam Okafor|Remy Laurent|Kit Moreau)/g, '@?'));
}
