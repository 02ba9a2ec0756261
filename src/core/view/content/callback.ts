/** Where the answer to an item of our own inbox is sent, as its card shows it. Tested in test/core/view/content/callback.test.ts. */
import type { Subject } from '../../approval/subject.ts';
import type { Mask } from '../../mask/mask.ts';
import { maskText } from '../../mask/text.ts';
import { clipEnds } from '../../text/clip.ts';
import { revealLine } from '../../text/visible/reveal.ts';

/** Of a host with its port: longer ones are cut in the middle, so that both the name and its owner can be read. */
const HOST_MAX = 80;
/** Of the path and the query: the middle is cut. */
const PATH_MAX = 100;

export interface Callback {
  /** Host, path and query: it always has TLS. */
  text: string;
  /** How many characters of it are cut. */
  hidden: number;
  masks: readonly Mask[];
}

/** Null where the answer is not sent to an address. */
export function callbackOf({ address }: Pick<Subject, 'address'>): Callback | null {
  const sent = address?.['callback'];
  if (typeof sent !== 'string') return null;
  // As it is called: parsed, so that nothing in its spelling can hide the host.
  if (!URL.canParse(sent)) return { text: 'an unreadable address', hidden: sent.length, masks: [] };
  const { value, masks } = maskText(new URL(sent).href);
  const shown = revealLine(value);
  // A parsed host has only ASCII letters, and no slash.
  const [, host = '', path = ''] = /^https?:\/\/([^/?#]*)(.*)$/.exec(shown) ?? [null, '', shown];
  const text = `${clipEnds(host, HOST_MAX)}${path === '/' ? '' : clipEnds(path, PATH_MAX)}`;
  const hidden = Math.max(0, host.length - HOST_MAX) + Math.max(0, path.length - PATH_MAX);
  return { text, hidden, masks };
}

/** The name that the operator gave the token's owner; null where it has none. */
export function tokenOwnerOf({ address }: Pick<Subject, 'address'>): string | null {
  const owner = address?.['asker'];
  return typeof owner === 'string' ? owner : null;
}
