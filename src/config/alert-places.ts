import type { Place } from '../core/approval/parts/slot.ts';
import { suggestedRoom } from '../core/policy/reviewer-hint.ts';
import { orList, type PlatformIds } from '../core/policy/reviewers.ts';
import { entriesOf, parseEach } from '../core/text/settings/entries.ts';

/**
 * The places that alerts are posted to: `slack:C0123,discord:456`. Empty: alerts are only logged.
 * @throws Error, or an AggregateError of several, that names each invalid entry and says what to write
 */
export function parseAlertPlaces(text: string, ids: readonly PlatformIds[]): readonly Place[] {
  return parseEach(entriesOf(text), (entry) => parsePlace(entry, ids));
}

function parsePlace(entry: string, ids: readonly PlatformIds[]): Place {
  const [platform = '', room = '', ...rest] = entry.split(':');
  const known = ids.find((one) => one.platform === platform);
  if (known?.room.pattern.test(room) && rest.length === 0) return { platform, room };
  const examples = orList(ids.map((one) => one.room.example));
  const near = (known === undefined ? ids : [known]).flatMap((one) => {
    const id = suggestedRoom(entry, one);
    return id === null ? [] : [`${one.platform}:${id}`];
  });
  const remedy = near[0] === undefined ? `Write ${examples}, with the ID, not the name.` : `Write ${near[0]}.`;
  throw new Error(`"${entry}" is not a valid place. ${remedy}`);
}
