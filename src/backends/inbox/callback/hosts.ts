/** Which hosts an asker may name in its callback's URL; none by default. */
import { SetupError } from '../../../core/ports/errors.ts';

export interface TargetOptions {
  /** `hooks.example.com`, or with a port that is not 443: `hooks.example.com:8443`. */
  hosts: readonly string[];
  /** For tests: also plain http. */
  allowHttp: boolean;
}

/**
 * @returns what is wrong with a callback's URL, for its asker; null when it may be called
 * @throws SetupError when a host is not valid
 */
export function createTargetCheck({ hosts, allowHttp }: TargetOptions): (url: string) => string | null {
  const known = new Set(hosts.map(hostOf));

  return (text) => {
    if (known.size === 0) return 'Callbacks are disabled: CALLBACK_HOSTS is empty. Read the outcome with GET.';
    if (!URL.canParse(text)) return 'It is not a valid address.';
    const url = new URL(text);
    const secure = url.protocol === 'https:' || (allowHttp && url.protocol === 'http:');
    if (!secure) return 'It must be an https address.';
    if (url.username !== '' || url.password !== '') return 'It must not contain a user name or a password.';
    // A fragment is never sent, so the asker expects something else.
    if (url.hash !== '') return 'It must not have a fragment (#…).';
    if (!known.has(url.host)) return `${url.host} is not one of CALLBACK_HOSTS.`;
    return null;
  };
}

/** Normalised as in a parsed URL, so that both can be compared. */
function hostOf(entry: string): string {
  const url = URL.canParse(`https://${entry}`) ? new URL(`https://${entry}`) : null;
  const plain = url !== null && url.pathname === '/' && url.search === '' && url.hash === '' && url.username === '';
  if (url === null || !plain || /[/?#@*]/.test(entry)) {
    throw new SetupError(
      `CALLBACK_HOSTS: "${entry}" is not a valid host. Write hooks.example.com, or hooks.example.com:8443 for another port.`,
    );
  }
  return url.host;
}
