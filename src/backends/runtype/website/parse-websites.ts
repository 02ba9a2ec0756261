import { isClientToken } from './wire.ts';

/**
 * The websites whose chats get cards, as an operator names them: client tokens and origins, separated by commas.
 * @throws Error that says which name is wrong
 */
export function parseWebsites(text: string): { tokens: string[]; origins: string[] } {
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const tokens: string[] = [];
  const origins: string[] = [];
  for (const name of names) {
    const origin = originOf(name);
    if (isClientToken(name)) tokens.push(name);
    else if (origin !== null) origins.push(origin);
    else throw new Error(problemOf(name));
  }
  return { tokens, origins };
}

/** As a browser sends it: in lower case, without the port that is usual. */
function originOf(name: string): string | null {
  if (!/^https?:\/\//i.test(name) || !URL.canParse(name)) return null;
  const { origin, pathname, search, hash, username } = new URL(name);
  return pathname === '/' && search === '' && hash === '' && username === '' ? origin : null;
}

/** A name that may be a secret is not repeated. */
function problemOf(name: string): string {
  const expected = 'name client tokens (ct_live_…) and origins (https://shop.example), separated by commas';
  if (/^(?:rt|tv)_/.test(name)) return `contains an API key, which no website may have; ${expected}`;
  if (/^ct_/.test(name)) return `contains the ID of a client token; ${expected}`;
  if (/^https?:/i.test(name)) return `${name} is not an origin: leave out the path; ${expected}`;
  return expected;
}
