/** The pictures of docs/ that are no state of the gallery: parts of the sandbox's page after a few presses. */
import type { Locator, Page } from 'playwright-core';

export interface Scene {
  name: string;
  path: string;
  /** Makes the page show it. @returns what the picture is of */
  open(page: Page): Promise<Locator>;
}

const slack = (page: Page) => page.getByTestId('slack-room');
const discord = (page: Page) => page.getByTestId('discord-room');

async function start(page: Page, name: string): Promise<void> {
  await page.locator('[data-testid="bot"][data-state="running"]').waitFor();
  const guide = page.getByRole('button', { name: 'Close the guide' });
  if ((await guide.count()) > 0) await guide.click();
  await page.locator('label[data-person="dana"]').click();
  await page.locator(`button[data-run="${name}"]`).click();
  for (const room of [slack(page), discord(page)]) {
    await room.getByRole('button', { name: 'Details' }).first().waitFor();
  }
}

const cardIn = (room: Locator, page: Page) =>
  room
    .getByTestId('message')
    .filter({ has: page.getByRole('button', { name: 'Approve' }) })
    .last();

/** In this order: each begins where the one before it ended. */
export const scenes: readonly Scene[] = [
  {
    name: 'slack-card',
    path: '/',
    async open(page) {
      await start(page, 'refund-agent');
      return cardIn(slack(page), page);
    },
  },
  {
    name: 'discord-card',
    path: '/',
    open: async (page) => cardIn(discord(page), page),
  },
  {
    name: 'details',
    path: '/',
    async open(page) {
      await cardIn(slack(page), page).getByRole('button', { name: 'Details' }).click();
      const details = page.getByRole('dialog').last();
      await details.waitFor();
      return details;
    },
  },
  {
    name: 'app-home',
    path: '/',
    async open(page) {
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      for (const run of ['slot-flow', 'refund-agent']) await page.locator(`button[data-run="${run}"]`).click();
      await slack(page).getByRole('button', { name: 'App Home' }).click();
      const home = page.getByTestId('slack-home');
      await home.getByText(/3 pending requests for you/).waitFor();
      return home;
    },
  },
  {
    name: 'policy-page',
    path: '/policy',
    async open(page) {
      await page.getByTestId('policy-text').waitFor();
      await page.getByTestId('waiting').first().waitFor();
      return page.locator('body');
    },
  },
];

/** Pages for operators that are shown, by the names of their pictures. */
export const operatorPages = { 'operator-waiting': '/operator', 'operator-dead-letters': '/operator/dead-letters' };
