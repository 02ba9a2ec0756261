/** For `--test-reporter`: one line of JSON for each test that is over, as soon as it is. */
import { basename } from 'node:path';
import type { TestEvent } from 'node:test/reporters';

export interface Told {
  /** `unloaded`: no test, but a file that could not be read. */
  result: 'passed' | 'skipped' | 'failed' | 'unloaded';
  title: string;
  /** Why it failed: the error's name, and its first lines. */
  error: string | null;
  words: string | null;
}

const WORDS = 300;

function toldOf(event: TestEvent): Told | null {
  if (event.type !== 'test:complete' || event.data.details.type === 'suite') return null;
  const { name, details, skip } = event.data;
  if (skip) return { result: 'skipped', title: name, error: null, words: null };
  if (details.passed) return { result: 'passed', title: name, error: null, words: null };
  const { error } = details;
  const cause = error?.cause instanceof Error ? error.cause : error;
  const failed = { title: name, error: cause?.name ?? null, words: cause?.message.trim().slice(0, WORDS) ?? null };
  if (/\.test\.ts$/.test(basename(name))) return { ...failed, result: 'unloaded' };
  // A test that was never run, and a test that failed by its subtests alone, say nothing themselves.
  const type = (error as { failureType?: string } | undefined)?.failureType;
  return type === 'subtestsFailed' || type === 'cancelledByParent' ? null : { ...failed, result: 'failed' };
}

export default async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of events) {
    const told = toldOf(event);
    if (told !== null) yield `${JSON.stringify(told)}\n`;
  }
}
