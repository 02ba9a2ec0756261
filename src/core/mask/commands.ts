/**
 * Passwords in the short options of well-known commands, in a text or as a list of words: `mysql -px`, `curl -u user:x`.
 * The same letter means other things elsewhere (`mkdir -p`, `ssh -p`), so only a known command counts.
 * Tested in test/core/mask/commands.test.ts.
 */
import { isPlace } from './context/facts.ts';
import { endsInRest, type Span } from './mask.ts';
import { hasMoreWords, isReference, isToken, looksTyped, matchEnd } from './token.ts';

interface Command {
  /** What is before the secret in the value of an option: the user. */
  user: RegExp | null;
  options: readonly string[];
  /** Counts only in its subcommand *login*. */
  login?: true;
  /** The word behind the option is not its value: `mysql -p orders` asks for a password, and *orders* is the database. */
  glued?: true;
}

const rows: readonly [names: string, options: string, rest?: Partial<Command>][] = [
  ['curl', '-u --user -U --proxy-user', { user: /^[^:]*:/ }],
  ['http https xh', '-a --auth', { user: /^[^:]*:/ }],
  ['lftp', '-u', { user: /^[^,]*,/ }],
  ['smbclient smbget rpcclient', '-U', { user: /^[^%]*%/ }],
  [
    'mysql mysqldump mysqladmin mysqlimport mysqlcheck mysqlshow mysqlslap mysqlbinlog mysqlsh mariadb mariadb-dump 7z 7za 7zr',
    '-p',
    { glued: true },
  ],
  ['sshpass mongo mongosh mongodump mongorestore mongoexport mongoimport cqlsh rabbitmqadmin twine mycli', '-p'],
  ['ncftp ncftpget ncftpput beeline cypher-shell hdbsql evil-winrm crackmapexec netexec nxc', '-p'],
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

/** `--password` of these takes no value: they ask for it. */
const clients =
  /(?:^|[\s/"'(])(?:psql|createdb|dropdb|createuser|dropuser|pg_\w{2,12}|pgbench|reindexdb|vacuumdb|clusterdb)\s[^;|&\n]*$/;

/** @param before the words of a command before its option */
export function asksFor(before: string, option: string): boolean {
  return /^-{0,2}password$/.test(option) && clients.test(before);
}

/** A secret in a list of words. */
interface Found {
  /** Of its word. */
  index: number;
  /** Within its word. */
  start: number;
  end: number;
  /** The option before it. */
  key: string;
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
    if (endsInRest(spans, text, found.index)) return spans;
    const words = [found[0]];
    const starts = [found.index];
    let at = commandNames.lastIndex;
    while (words.length < WORDS_MAX) {
      const start = matchEnd(text, at, separator);
      const end = start === null ? null : matchEnd(text, start, word);
      if (start === null || end === null) break;
      at = end;
      // What goes on with a bracket or a backtick is executed.
      if (/[`(<]/.test(text.charAt(at))) break;
      words.push(text.slice(start, end));
      starts.push(start);
    }
    for (const { index, key, ...place } of secretsOf(words)) {
      const from = starts[index] ?? 0;
      const [start, end] = [from + place.start, from + place.end];
      // A plain word before others may be one of theirs.
      const isWhole = !hasMoreWords(text, end) || looksTyped(text.slice(start, end));
      if (isWhole) spans.push({ start, end, kind: 'name', key });
    }
    commandNames.lastIndex = at;
  }
  return [...spans, ...pairsIn(text)];
}

const pair = /(?<=[ \t])-u[ =]?[^\s-][^\s]{0,100}[ \t]{1,3}-p[ =]?([^\s"'`;|&()<>\\]{1,200})/g;
const gluedNames = rows.flatMap(([names, , rest]) => (rest?.glued ? names.split(' ') : []));
const gluedCommand = new RegExp(`(?:^|[\\s;|&/])(?:${gluedNames.join('|')})(?:\\.exe)?\\s[^;|&\\n]{0,200}$`);

/** `-u NAME -p PASSWORD` of any other command, where the value is not a name, a port or a place. */
function pairsIn(text: string): Span[] {
  return [...text.matchAll(pair)].flatMap(({ index, 0: all, 1: value = '' }) => {
    const isPassword = /[A-Za-z]/.test(value) && /[^A-Za-z_-]/.test(value) && isToken(value) && !isReference(value);
    const isOther = isPlace(value) || gluedCommand.test(text.slice(Math.max(0, index - 240), index));
    const end = index + all.length;
    return isPassword && !isOther ? [{ start: end - value.length, end, kind: 'name' as const, key: '-p' }] : [];
  });
}

/** The same of a command as a list of words. */
export function secretsInWords(words: readonly string[]): Omit<Found, 'key'>[] {
  return secretsOf(words).map(({ index, start, end }) => ({ index, start, end }));
}

function secretsOf(words: readonly string[]): Found[] {
  const secrets: Found[] = [];
  let command: Command | undefined;
  for (const [at, text] of words.entries()) {
    const named = commands.get(text.replace(/^.{0,200}[/\\]|\.exe$/g, ''));
    if (named !== undefined || others.has(text)) command = named?.login && !isLogin(words, at) ? undefined : named;
    const option = command?.options.find((one) => text.startsWith(one));
    if (command === undefined || option === undefined) continue;
    const [index, from] = text === option ? [at + 1, 0] : [at, option.length];
    const value = words[index]?.slice(from);
    if (value === undefined) continue;
    if (text === option) {
      if (value.startsWith('-') || command.glued) continue;
    } else if (option.startsWith('--') && !value.startsWith('=')) continue;
    const [start, end] = secretIn(value, command.user);
    if (start < end) secrets.push({ index, start: from + start, end: from + end, key: option });
  }
  return secrets;
}

const OPTIONS_MAX = 10;
const valued = /^(?:-[cHl]|--(?:config|context|connection|host|log-level|root|url|tls\w+))$/;

/** `docker --context x login`, `helm registry login`; not `docker run --name login`. @param at of its command */
function isLogin(words: readonly string[], at: number): boolean {
  let next = at + 1;
  while (next < at + OPTIONS_MAX && words[next]?.startsWith('-')) next += valued.test(words[next] ?? '') ? 2 : 1;
  if (words[next] === 'registry' || words[next] === 'auth') next += 1;
  return words[next] === 'login';
}

/** @returns where it starts and ends; the same place where there is none */
function secretIn(text: string, user: RegExp | null): [start: number, end: number] {
  const equals = text.startsWith('=') ? 1 : 0;
  const quoted = /^["']/.test(text.slice(equals)) ? 1 : 0;
  const value = text.slice(equals + quoted, quoted === 1 ? -1 : undefined);
  const before = user === null ? 0 : (user.exec(value)?.[0].length ?? value.length);
  const secret = value.slice(before);
  const start = equals + quoted + before;
  return [start, isToken(secret) && !isReference(secret) && !isPlace(secret) ? start + secret.length : start];
}
