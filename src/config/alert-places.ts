import type { Place } from '../core/approval/approval.ts';
import { orList, type PlatformIds } from '../core/policy/reviewers.ts';

/**
 * The places that alerts are posted to: `slack:C0123,discord:456`. Empty: alerts are only logged.
 * @throws Error that names the invalid entry and says what to write
 */
export function parseAlertPlaces(text: string, ids: readonly PlatformIds[]): readonly Place[] {
  const entries = text.split(',').map((entry) => entry.trim());
  return entries.filter((entry) => entry !== '').map((entry) => parsePlace(entry, ids));
}

function parsePlace(entry: string, ids: readonly PlatformIds[]): Place {
  const [platform = '', room = '', ...rest] = entry.split(':');
  const format = ids.find((one) => one.platform === platform)?.room;
  if (format === undefined || rest.length > 0 || !format.pattern.test(room)) {
    const examples = orList(ids.map((one) => one.room.example));
    throw new Error(`"${entry}" is not a valid place. Write ${examples}, with the ID, not the name.`);
  }
  return { platform, room };
}
