/** Where an asker may have its outcomes sent: hosts, or paths below them; nowhere by default. */
import { SetupError } from '../../../core/ports/errors.ts';

export interface TargetOptions {
  /**
   * `hooks.example.com`, with a port that is not 443: `hooks.example.com:8443`; or only what is below a path:
   * `hooks.example.com/deploy/`.
   */
  hosts: readonly string[];
  /** Where the hosts are set, for messages. */
  setting: string;
  /** For tests: also plain http. */
  allowHttp: boolean;
}

interface Target {
  host: string;
  /** With a slash at its end: only below it. `/`: every path. */
  below: string;
}

/**
 * @returns what is wrong with a callback's URL, for its asker; null when it may be called
 * @throws SetupError when a host is not valid
 */
export function createTargetCheck({ hosts, setting, allowHttp }: TargetOptions): (url: string) => string | null {
  const targets = hosts.map((entry) => targetOf(entry, setting));

  return (text) => {
    if (targets.length === 0) return `Callbacks are disabled: ${setting} is empty. Read the outcome with GET.`;
    if (!URL.canParse(text)) return 'It is not a valid address.';
    const url = new URL(text);
    const secure = url.protocol === 'https:' || (allowHttp && url.protocol === 'http:');
    if (!secure) return 'It must be an https address.';
    if (url.username !== '' || url.password !== '') return 'It must not contain a user name or a password.';
    // A fragment is never sent, so the asker expects something else.
    if (url.hash !== '') return 'It must not have a fragment (#…).';
    const onHost = targets.filter(({ host }) => host === url.host);
    if (onHost.length === 0) return `${url.host} is not one of ${setting}.`;
    if (onHost.some(({ below }) => below === '/' || isBelow(url.pathname, below))) return null;
    return `${url.host} may only be called below ${onHost.map(({ below }) => below).join(' or ')} (${setting}).`;
  };
}

/** What servers read as another path, once they have decoded it: a coded dot, slash or percent, `;`, `//`, `\`. */
const AMBIGUOUS = /%(?:2e|2f|5c|25|00)|[;\\]|\/\/|\/\.\./i;

/** @param path as a parsed URL has it: without `.` and `..` */
function isBelow(path: string, below: string): boolean {
  return path.startsWith(below) && !AMBIGUOUS.test(path);
}

/** Normalised as in a parsed URL, so that both can be compared. */
function targetOf(entry: string, setting: string): Target {
  const url = URL.canParse(`https://${entry}`) ? new URL(`https://${entry}`) : null;
  const isPlain = url !== null && url.search === '' && url.hash === '' && url.username === '';
  const isPath =
    url !== null && (url.pathname === '/' || (url.pathname.endsWith('/') && !AMBIGUOUS.test(url.pathname)));
  if (url === null || !isPlain || !isPath || /[?#@*\\]|^\/|:\//.test(entry)) {
    throw new SetupError(
      `${setting}: "${entry}" is not a valid host. Write hooks.example.com, hooks.example.com:8443 for another port, or hooks.example.com/deploy/ for the paths below one.`,
    );
  }
  return { host: url.host, below: url.pathname };
}
