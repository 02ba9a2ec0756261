/**
 * What is not a secret although it is one token: a plain word, a name, a place. Used for tokens that
 * only the words around them make look like a secret. Tested in test/core/mask/context/facts.test.ts.
 */
import { isReadable } from '../token.ts';

/** Also of several words, and numbers beside them: `all-users`, `wipe_prod`, `orders-2024`. */
export function isPlain(text: string): boolean {
  const parts = text.split(/[-_.]/);
  return (
    text.length > 1 && parts.every((part) => /^(?:[A-Z]?[a-z]*|[A-Z]+|[vV]?\d{1,10})$/.test(part) || isCamel(part))
  );
}

function isCamel(text: string): boolean {
  return /^[A-Za-z]{4,40}$/.test(text) && isReadable(text);
}

const places = [
  // `8080:80`, `0.0.0.0:22:22/tcp`, `10.0.0.0/8`
  /^\d[\d*-]*[.:][\d.:*-]*(?:\/(?:tcp|udp|sctp|\d{1,3}))?$/,
  // `mallory@evil.example`, `backup1.evil.example:/srv`, `new2.py`
  /^(?:[\w.+-]{1,64}@[\w-]+|[a-z\d_-]+)(?:\.[a-z\d_-]+){0,8}\.[a-z][a-z\d]{0,23}(?::\d{0,5})?(?:[:/].*)?$/,
  // `backup1:/srv`, `bob@host:~/x`
  /^[\w.-]{1,100}(?:@[\w.-]{1,100})?:[~/.]/,
  // `localhost:5432/shop`
  /^[\w.-]{1,100}:\d{2,5}(?:\/.*)?$/,
  // `fe80::1`
  /^(?=.*::)[\da-f:]{3,40}$/i,
  // `/srv/x9`, `../x9`, `~/x9`, `Reports/Q3x.xlsx`
  /^(?:\.{0,2}|~)\//,
  /^[\w./-]{1,200}\.(?:csv|docx?|exe|gz|html?|js|json|log|md|pdf|pem|php|ps1|py|sh|sql|tar|tgz|toml|ts|txt|xlsx?|xml|ya?ml|zip)$/,
];

/** An address, a host, a port, a mapping of these, a path or a file. */
export function isPlace(text: string): boolean {
  return places.some((place) => place.test(text));
}
