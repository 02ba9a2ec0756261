/** Looks for what keeps people from using a page, in the browser: axe-core, as it is drawn. */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  id: string;
  impact: string | null;
  help: string;
  nodes: { html: string; failureSummary?: string }[];
}

/** @returns what is serious or critical, each with its first places; empty: nothing */
export async function seriousFindings(page: Page): Promise<string[]> {
  // By the debugger, which no policy of the page concerns.
  await page.evaluate(source);
  const violations = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(options: object): Promise<{ violations: Violation[] }> } };
    // A rule of moderate impact that looks at every element: what it finds would not be reported.
    const rules = { region: { enabled: false } };
    // What passes is not described, with a selector for each element of the page.
    return (await axe.run({ resultTypes: ['violations'], rules })).violations;
  });
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, help, nodes }) => {
      const places = nodes.slice(0, 3).map(({ html, failureSummary }) => `${html}\n  ${failureSummary ?? ''}`);
      return `${id}: ${help} (${nodes.length})\n${places.join('\n')}`;
    });
}
