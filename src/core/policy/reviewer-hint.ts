/** What an entry that names no one was probably meant to be. Tested in test/core/policy/reviewer-hint.test.ts. */
import type { IdFormat, PlatformIds } from './reviewers.ts';

/**
 * What to write in place of an entry: the ID in it, with its platform and kind.
 * @param entry as it was written: `<@U0123>`, `slack:group:U0123`, `U0123`, `Slack:u0123`
 * @returns null where no ID is in it
 */
export function suggestedReviewer(entry: string, ids: readonly PlatformIds[]): string | null {
  const found = idIn(entry, ids);
  if (found === null) return null;
  const { platform, kind, id } = found;
  return kind === 'user' ? `${platform}:${id}` : `${platform}:${kind}:${id}`;
}

/** The ID of a room in what was written: `#C0123`, a link to it, `slack:C0123`. Null: none. */
export function suggestedRoom(entry: string, { platform, room }: PlatformIds): string | null {
  const pieces = piecesOf(entry, platform);
  // The last one of a link is the room; the others are its workspace or server.
  return pieces.reverse().find((piece) => isId(piece, room)) ?? null;
}

function idIn(entry: string, ids: readonly PlatformIds[]): { platform: string; kind: string; id: string } | null {
  const named = ids.filter(({ platform }) => new RegExp(`^\\W*${platform}\\b`, 'i').test(entry));
  // Of a platform that we do not know.
  if (named.length === 0 && /^\w+:/.test(entry) && !/^(?:user|group|role):/i.test(entry)) return null;
  const isRole = /<@&|\brole\b/i.test(entry);
  for (const { platform, reviewers } of named.length > 0 ? named : ids) {
    const pieces = piecesOf(entry, platform).reverse();
    // Where IDs of all kinds look the same, the entry says which one it is.
    const kinds = Object.entries(reviewers).sort(([one], [other]) => Number(other === 'role') - Number(one === 'role'));
    for (const [kind, format] of isRole ? kinds : kinds.reverse()) {
      const id = pieces.find((piece) => isId(piece, format));
      if (id !== undefined) return { platform, kind, id };
    }
  }
  return null;
}

/** Words that may be IDs, in capitals where the platform writes them so. */
function piecesOf(entry: string, platform: string): string[] {
  const words = entry.split(/[^A-Za-z0-9]+/).filter((word) => word !== '' && word.toLowerCase() !== platform);
  // A name in small letters is not an ID, unless it has digits.
  return words.map((word) => (/\d/.test(word) ? word.toUpperCase() : word));
}

function isId(piece: string, { pattern }: IdFormat): boolean {
  return /\d/.test(piece) && pattern.test(piece);
}
