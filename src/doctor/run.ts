/** Makes all looks, in parallel and each with its limit. Tested in test/doctor/run.test.ts. */
import { coerceError } from '../core/ports/errors.ts';
import type { Checkup, Clock, Finding, Found, Untold } from '../core/ports/ports.ts';

/** Limit of one look, ms: longer than any healthy answer, and than a call's own limit of ten seconds. */
export const LOOK_MS = 15_000;
/**
 * Looks of one group at once. The groups are in parallel: each asks another system. With more, one system would get a burst
 * of calls, which counts against the limits that presses share.
 */
const AT_ONCE = 2;

/** What asks one system, or looks at one part of this machine. */
export interface Group {
  /** For people: `Slack`, `Database`. */
  title: string;
  checkups: readonly Checkup[];
}

/** A group whose looks were made. */
export interface Examined {
  title: string;
  findings: readonly Finding[];
  /** The titles of the looks that found nothing, by their names. */
  fine: readonly { check: string; title: string }[];
  /** What the looks could not tell, whatever they found. */
  untold: readonly (Untold & { check: string })[];
}

/** Never rejects: a look that could not be made is a finding, too. */
export async function examine(groups: readonly Group[], clock: Clock, signal?: AbortSignal): Promise<Examined[]> {
  return Promise.all(groups.map((group) => examineGroup(group, clock, signal)));
}

async function examineGroup({ title, checkups }: Group, clock: Clock, signal?: AbortSignal): Promise<Examined> {
  const results = new Map<Checkup, readonly Found[] | null>();
  const left = [...checkups];
  const work = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      results.set(next, await limitedLook(next, clock, signal));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const found = checkups.flatMap((checkup) => {
    const findings = results.get(checkup) ?? null;
    return findings === null ? [] : [{ checkup, findings }];
  });
  return {
    title,
    findings: found.flatMap(({ checkup: { check }, findings }) => findings.map((one) => ({ check, ...one }))),
    untold: checkups.flatMap(({ check, untold = [] }) => untold.map((one) => ({ check, ...one }))),
    fine: found.flatMap(({ checkup, findings }) =>
      findings.length > 0 ? [] : [{ check: checkup.check, title: checkup.title }],
    ),
  };
}

async function limitedLook(checkup: Checkup, clock: Clock, outer?: AbortSignal): Promise<readonly Found[] | null> {
  const { title, look, limitMs = LOOK_MS } = checkup;
  const done = new AbortController();
  const late = new AbortController();
  const ends = [late.signal, ...(outer === undefined ? [] : [outer])];
  const limit = clock.sleep(limitMs, AbortSignal.any([done.signal, ...ends.slice(1)])).then(() => {
    throw new Error(`There was no answer within ${limitMs / 1000} s.`);
  });
  try {
    return await Promise.race([look(AbortSignal.any(ends)), limit]);
  } catch (thrown) {
    return [notMade(title, coerceError(thrown).message)];
  } finally {
    limit.catch(() => {});
    done.abort();
    // Ends a look that still runs.
    late.abort();
  }
}

/** What was not looked at is not known to be fine. */
function notMade(title: string, why: string): Found {
  const what = `Not checked: ${title}. ${why}`;
  return { level: 'warning', what, remedy: 'Remove the cause, and run the doctor again.' };
}
