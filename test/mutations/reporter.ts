/** For `--test-reporter`: one line of JSON for each finished test, as soon as it has finished. */
import { basename } from 'node:path';
import type { TestEvent } from 'node:test/reporters';

export interface TestResult {
  /** `unloaded`: the file could not be loaded. */
  result: 'passed' | 'skipped' | 'failed' | 'unloaded';
  title: string;
  /** The name of the error; null where the test did not fail. */
  error: string | null;
  /** The first characters of its message. */
  message: string | null;
}

const MESSAGE_MAX = 300;

function resultOf(event: TestEvent): TestResult | null {
  if (event.type !== 'test:complete' || event.data.details.type === 'suite') return null;
  const { name, details, skip } = event.data;
  if (skip) return { result: 'skipped', title: name, error: null, message: null };
  if (details.passed) return { result: 'passed', title: name, error: null, message: null };
  const { error } = details;
  const cause = error?.cause instanceof Error ? error.cause : error;
  const message = cause?.message.trim().slice(0, MESSAGE_MAX) ?? null;
  const failed = { title: name, error: cause?.name ?? null, message };
  if (/\.test\.ts$/.test(basename(name))) return { ...failed, result: 'unloaded' };
  // A test that never ran, or that failed only because of its subtests, has no message of its own.
  const type = (error as { failureType?: string } | undefined)?.failureType;
  return type === 'subtestsFailed' || type === 'cancelledByParent' ? null : { ...failed, result: 'failed' };
}

export default async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of events) {
    const result = resultOf(event);
    if (result !== null) yield `${JSON.stringify(result)}\n`;
  }
}
