import assert from 'node:assert/strict';
import type { Backend, Finding } from '../../../../src/core/ports/ports.ts';
import { type Examined, examine } from '../../../../src/doctor/run.ts';
import { systemClock } from '../../../../src/system/clock.ts';

/** What the doctor finds at a backend. */
export async function lookAt({ title, checkups }: Pick<Backend, 'title' | 'checkups'>): Promise<Examined> {
  const [examined] = await examine([{ title, checkups: checkups?.() ?? [] }], systemClock);
  return examined ?? assert.fail('nothing was looked at');
}

/** The one finding. */
export function only({ findings }: Pick<Examined, 'findings'>): Finding {
  assert.equal(findings.length, 1, JSON.stringify(findings, null, 2));
  return findings[0] ?? assert.fail();
}

export function assertFound(
  found: Finding,
  expected: { check: string; level: string; what: RegExp; remedy: RegExp },
): void {
  assert.deepEqual([found.check, found.level], [expected.check, expected.level], JSON.stringify(found));
  assert.match(found.what, expected.what);
  assert.match(found.remedy, expected.remedy);
}
