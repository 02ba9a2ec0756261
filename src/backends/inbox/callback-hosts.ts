/** Which addresses an asker may name for its callback; empty by default, so that there are none. */
import { SetupError } from '../../core/ports/errors.ts';

export interface TargetOptions {
  /** `hooks.example.com`, or with a port that is not 443: `hooks.example.com:8443`. */
  hosts: readonly string[];
  /** For tests: plain http, too. */
  allowHttp: boolean;
}

/**
 * @returns what is wrong with a callback's address, in words for its asker; null when it may be called
 * @throws SetupError when a host is none
 */
export function createTargetCheck({ hosts, allowHttp }: TargetOptions): (url: string) => string | null {
  const known = new Set(hosts.map(hostOf));

  return (text) => {
    if (known.size === 0) return 'Callbacks are off here: CALLBACK_HOSTS names no host. Read the outcome with GET.';
    if (!URL.canParse(text)) return 'It is not an address.';
    const url = new URL(text);
    const secure = url.protocol === 'https:' || (allowHttp && url.protocol === 'http:');
    if (!secure) return 'It must be an https address.';
    if (url.username !== '' || url.password !== '') return 'It must not hold a name or a password.';
    // A fragment is never sent, so that whoever wrote one expects something else.
    if (url.hash !== '') return 'It must not have a fragment (#…).';
    if (!known.has(url.host)) return `${url.host} is not one of CALLBACK_HOSTS.`;
    return null;
  };
}

/** Spelled as in a parsed address, so that both are compared alike. */
function hostOf(entry: string): string {
  const url = URL.canParse(`https://${entry}`) ? new URL(`https://${entry}`) : null;
  const plain = url !== null && url.pathname === '/' && url.search === '' && url.hash === '' && url.username === '';
  if (url === null || !plain || /[/?#@*]/.test(entry)) {
    throw new SetupError(
      `CALLBACK_HOSTS: "${entry}" is no host. Write hooks.example.com, or hooks.example.com:8443 for another port.`,
    );
  }
  return url.host;
}
