import type { Place } from '../core/approval/approval.ts';

/** What the id of a room looks like on each platform. */
const roomPatterns: Readonly<Record<string, RegExp>> = { slack: /^[CGD][A-Z0-9]+$/, discord: /^\d{1,20}$/ };

/**
 * The places that alerts are posted to: `slack:C0123,discord:456`. Empty: alerts are only logged.
 * @throws Error that names the invalid entry and says what it should look like
 */
export function parseAlertPlaces(text: string): readonly Place[] {
  const entries = text.split(',').map((entry) => entry.trim());
  return entries.filter((entry) => entry !== '').map(parsePlace);
}

function parsePlace(entry: string): Place {
  const [platform = '', room = '', ...rest] = entry.split(':');
  const pattern = Object.hasOwn(roomPatterns, platform) ? roomPatterns[platform] : undefined;
  if (pattern === undefined || rest.length > 0 || !pattern.test(room)) {
    throw new Error(
      `"${entry}" is not a valid place. Write slack:C… or discord:<channel id>, with the id, not the name.`,
    );
  }
  return { platform, room };
}
