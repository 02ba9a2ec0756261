/**
 * Passwords in the short options of well-known commands, in a text or as a list of words: `mysql -px`, `curl -u user:x`.
 * The same letter means other things elsewhere (`mkdir -p`, `ssh -p`), so only a known command counts.
 * Tested in test/core/mask/commands.test.ts.
 */
import type { Span } from './mask.ts';
import { hasMoreWords, isReference, isToken, looksTyped } from './token.ts';

interface Command {
  /** What is before the secret in the value of an option: the user. */
  user: RegExp | null;
  options: readonly string[];
  /** Counts only with the word *login* before its options. */
  login?: true;
  /** A name behind the option is not its value: `mysql -p orders` asks for a password, and *orders* is the database. */
  asks?: true;
}

const rows: readonly [names: string, options: string, rest?: Partial<Command>][] = [
  ['curl', '-u --user -U --proxy-user', { user: /^[^:]*:/ }],
  ['http https xh', '-a --auth', { user: /^[^:]*:/ }],
  ['lftp', '-u', { user: /^[^,]*,/ }],
  ['smbclient smbget rpcclient', '-U', { user: /^[^%]*%/ }],
  ['mysql mysqldump mysqladmin mysqlimport mysqlcheck mysqlshow mysqlsh mariadb mariadb-dump', '-p', { asks: true }],
  ['sshpass mongo mongosh mongodump mongorestore mongoexport mongoimport cqlsh rabbitmqadmin twine 7z 7za', '-p'],
  ['docker podman nerdctl buildah skopeo helm oras crane az oc cf', '-p', { login: true }],
  ['redis-cli', '-a --pass'],
  ['ldapsearch ldapmodify ldapadd ldapdelete ldappasswd ldapwhoami', '-w'],
  ['sqlcmd bcp isql tsql zip unzip ipmitool mosquitto_pub mosquitto_sub', '-P'],
  ['plink pscp psftp', '-pw'],
];
const commands = new Map<string, Command>(
  rows.flatMap(([names, options, rest]) =>
    names.split(' ').map((name) => [name, { user: null, options: options.split(' '), ...rest }] as const),
  ),
);

/** These have options of the same letters that mean something else. */
const others = new Set('ssh scp sftp rsync mkdir cp install tar nmap psql git ps'.split(' '));

interface Word {
  text: string;
  start: number;
}

const commandNames = new RegExp(`(?<![\\w.-])(?:${[...commands.keys()].join('|')})(?:\\.exe)?(?=[ \\t])`, 'g');
const separator = /(?:[ \t]|\\\r?\n){1,200}/y;
const word = /(?:"[^"\n]{0,2000}"|'[^'\n]{0,2000}'|[^\s"'`;|&()<>])+/y;
/** Of one command, words. */
const WORDS_MAX = 200;

/** Looked for first: far fewer texts have one. */
const anyOption = new RegExp(
  `[ \\t](?:${[...new Set([...commands.values()].flatMap(({ options }) => options))].join('|')})`,
);

export function commandsIn(text: string): Span[] {
  if (!anyOption.test(text)) return [];
  const spans: Span[] = [];
  commandNames.lastIndex = 0;
  for (let found = commandNames.exec(text); found !== null; found = commandNames.exec(text)) {
    const words: Word[] = [{ text: found[0], start: found.index }];
    let at = commandNames.lastIndex;
    while (words.length < WORDS_MAX) {
      separator.lastIndex = at;
      if (!separator.test(text)) break;
      const start = separator.lastIndex;
      word.lastIndex = start;
      const next = word.exec(text);
      if (next === null) break;
      at = word.lastIndex;
      // What goes on with a bracket or a backtick is executed.
      if (/[`(<]/.test(text.charAt(at))) break;
      words.push({ text: next[0], start });
    }
    // A plain word before others may be one of theirs.
    const isWhole = ({ start, end }: Span) => !hasMoreWords(text, end) || looksTyped(text.slice(start, end));
    spans.push(...secretsOf(words).filter(isWhole));
    commandNames.lastIndex = at;
  }
  return [...spans, ...pairsIn(text)];
}

/** Of a command as a list of words. @returns the places in each of them, by its index */
export function secretsInWords(list: readonly string[]): { index: number; start: number; end: number }[] {
  // Beside each other as if they were one text, so that a place says which word it is in.
  let start = 0;
  const words = list.map((text) => {
    const word = { text, start };
    start += text.length + 1;
    return word;
  });
  return secretsOf(words).map((span) => {
    const index = words.findLastIndex((word) => word.start <= span.start);
    const from = words[index]?.start ?? 0;
    return { index, start: span.start - from, end: span.end - from };
  });
}

function secretsOf(words: readonly Word[]): Span[] {
  const spans: Span[] = [];
  let command: Command | undefined;
  let isLogin = false;
  for (const [at, { text, start }] of words.entries()) {
    const named = commands.get(text.replace(/^.{0,200}[/\\]|\.exe$/g, ''));
    if (named !== undefined || others.has(text)) [command, isLogin] = [named, false];
    if (text === 'login') isLogin = true;
    if (command === undefined || (command.login && !isLogin)) continue;
    const option = command.options.find((one) => text.startsWith(one));
    if (option === undefined) continue;
    const next = words[at + 1];
    const found = text === option ? next : { text: text.slice(option.length), start: start + option.length };
    if (found === undefined || (text === option && found.text.startsWith('-'))) continue;
    if (text !== option && option.startsWith('--') && !found.text.startsWith('=')) continue;
    if (text === option && command.asks && /^[A-Za-z_]+$/.test(found.text)) continue;
    spans.push(...secretIn(found, command.user, option));
  }
  return spans;
}

function secretIn({ text, start }: Word, user: RegExp | null, key: string): Span[] {
  const equals = text.startsWith('=') ? 1 : 0;
  const quoted = /^["']/.test(text.slice(equals)) ? 1 : 0;
  const value = text.slice(equals + quoted, quoted === 1 ? -1 : undefined);
  const before = user === null ? 0 : (user.exec(value)?.[0].length ?? value.length);
  const secret = value.slice(before);
  if (!isToken(secret) || isReference(secret)) return [];
  const from = start + equals + quoted + before;
  return [{ start: from, end: from + secret.length, kind: 'name', key }];
}

const pair = /(?<=[ \t])-u[ =]?[^\s-][^\s]{0,100}[ \t]{1,3}-p[ =]?([^\s"'`;|&()<>\\]{1,200})/g;

/** `-u NAME -p PASSWORD` of any command, where the value is not a name, a port or a path. */
function pairsIn(text: string): Span[] {
  return [...text.matchAll(pair)].flatMap(({ index, 0: all, 1: value = '' }) => {
    const isPassword = /[A-Za-z]/.test(value) && /[^A-Za-z_-]/.test(value) && isToken(value) && !isReference(value);
    const end = index + all.length;
    return isPassword ? [{ start: end - value.length, end, kind: 'name' as const, key: '-p' }] : [];
  });
}
