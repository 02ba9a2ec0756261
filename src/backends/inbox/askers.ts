/**
 * Who may ask, with which tokens, and where each may have its outcomes sent. Tested in
 * test/backends/inbox/askers.test.ts.
 */
import { Webhook } from 'standardwebhooks';
import { SetupError } from '../../core/ports/errors.ts';
import type { Clock } from '../../core/ports/ports.ts';
import { problemOfSecret, problemOfWebhookSecret, secretsIn } from '../../core/text/settings/secret.ts';
import { createTargetCheck } from './callback/hosts.ts';

/** As it is set. */
export interface AskerSetting {
  /** Given by the operator; the card and the signed body of a callback have it. */
  name: string;
  /** Several while one replaces the other. */
  tokens: readonly string[];
  /** Where its callbacks may go; empty: nowhere. */
  hosts: readonly string[];
  /** `whsec_…`, or the new and the old one separated by a space or a comma; null where there are no hosts. */
  secret: string | null;
  /** Its tokens are in ASK_TOKENS, where each token is an asker of its own. Default: it is one of ASKERS. */
  unnamed?: true;
}

export interface Asker {
  name: string;
  /** The stable name of the owner of its items, without a token in it. */
  id: string;
  tokens: readonly string[];
  /** `id`, and those under which it has asked before. */
  ids: readonly string[];
  /** Whether an item that was asked for under this ID is its own. */
  owns(id: string): boolean;
  /** What is wrong with a callback's address; null when it may be called. */
  checkCallback(url: string): string | null;
  /** Each signs its callbacks. */
  signers: readonly Webhook[];
  /** Where its secret is set, for messages. */
  secretSetting: string;
}

/** @throws SetupError that names the bad setting */
export function createAskers(
  settings: readonly AskerSetting[],
  { clock, allowHttp }: { clock: Pick<Clock, 'hash'>; allowHttp: boolean },
): readonly Asker[] {
  return settings.map((asker) => {
    const { name, tokens, hosts, secret, unnamed = false } = asker;
    const byToken = tokens.map((token) => clock.hash(`asker\n${token}`));
    // An asker with a name keeps its items when its token changes, also those of the time before it had the name.
    const id = unnamed ? (byToken[0] ?? '') : clock.hash(`asker by name\n${name}`);
    const ids = [...new Set([id, ...byToken])];
    const hostSetting = unnamed ? 'CALLBACK_HOSTS' : `the hosts of ${name} in ASKERS`;
    const secretSetting = unnamed ? 'CALLBACK_SECRET' : `the secret of ${name} in ASKERS`;
    if (hosts.length > 0 && secret === null) {
      throw new SetupError(`Callbacks are signed: with ${hostSetting}, set ${secretSetting} (whsec_…), too.`);
    }
    return {
      name,
      id,
      tokens,
      ids,
      owns: (owner) => ids.includes(owner),
      checkCallback: createTargetCheck({ hosts, setting: hostSetting, allowHttp }),
      signers: signersOf(secret, secretSetting),
      secretSetting,
    };
  });
}

function signersOf(secret: string | null, setting: string): Webhook[] {
  try {
    return secretsIn(secret).map((one) => new Webhook(one));
  } catch {
    throw new SetupError(`${setting} is not a valid Standard Webhooks secret (whsec_ and base64).`);
  }
}

/** One name on every machine and in every log line. */
const NAME = /^[a-z][a-z0-9_.-]{0,39}$/;
const EXAMPLE = 'deploy token=TOKEN hosts=hooks.example.com/deploy/ secret=whsec_…';

/**
 * Parses `deploy token=… hosts=a.example.com,b.example.com secret=whsec_…; billing token=…`.
 * @throws Error that says which entry is wrong, without its token or its secret
 */
export function parseAskers(text: string): readonly AskerSetting[] {
  const entries = text.split(';').filter((entry) => entry.trim() !== '');
  return entries.map((entry, index) => {
    const where = `entry ${index + 1} of ${entries.length}`;
    const [name = '', ...fields] = entry.trim().split(/\s+/);
    if (!NAME.test(name)) {
      throw new Error(`${where} must begin with a name of lower-case letters, digits, ".", "_" and "-": ${EXAMPLE}`);
    }
    if (/^token-\d+$/.test(name)) throw new Error(`${where}: names like token-1 are those of ASK_TOKENS.`);
    const values = new Map<string, string>();
    for (const field of fields) {
      const [, key = '', value = ''] = /^(token|hosts|secret)=(.+)$/.exec(field) ?? [];
      if (key === '' || values.has(key)) {
        throw new Error(`${where} (${name}) must be a name and token=, hosts= and secret=, each once: ${EXAMPLE}`);
      }
      values.set(key, value);
    }
    const list = (key: string) => (values.get(key) ?? '').split(',').filter((item) => item !== '');
    const tokens = list('token');
    if (tokens.length === 0) throw new Error(`${where} (${name}) has no token=: ${EXAMPLE}`);
    const secret = values.get('secret') ?? null;
    const hosts = list('hosts');
    if (secret !== null && hosts.length === 0) throw new Error(`${where} (${name}) has a secret, and no hosts=.`);
    const faults = [
      ...tokens.map((token) => ['a token', problemOfSecret(token)]),
      ...secretsIn(secret).map((one) => ['a secret', problemOfWebhookSecret(one)]),
    ];
    for (const [what, fault] of faults) {
      if (fault !== null) throw new Error(`${what} of ${where} (${name}) ${fault}`);
    }
    return { name, tokens, hosts, secret };
  });
}

/**
 * What two askers must not share, and what the old settings can't say.
 * @returns each with its setting and what to write
 */
export function problemsOf(askers: readonly AskerSetting[]): string[] {
  const shared = (field: string, valuesOf: (asker: AskerSetting) => readonly string[]): string[] => {
    const all = askers.flatMap((asker) => [...new Set(valuesOf(asker))].map((value) => ({ value, asker })));
    const twice = all.filter(({ value, asker }) => all.some((one) => one.value === value && one.asker !== asker));
    const names = [...new Set(twice.map(({ asker }) => asker.name))];
    if (names.length === 0) return [];
    return [
      `ASKERS: ${names.join(' and ')} have the same ${field}. Give each its own, so that one can’t pass for the other.`,
    ];
  };
  const unnamed = askers.filter((asker) => asker.unnamed);
  const [first] = unnamed;
  const names = askers.map(({ name }) => name);
  const repeated = names.filter((name, index) => names.indexOf(name) !== index);
  return [
    ...repeated.map((name) => `ASKERS: ${name} is there twice. Write its tokens in one entry: token=NEW,OLD`),
    ...(repeated.length > 0 ? [] : shared('token', ({ tokens }) => tokens)),
    ...(repeated.length > 0 || unnamed.length > 1 ? [] : shared('secret', ({ secret }) => secretsIn(secret))),
    ...(unnamed.length > 1 && first !== undefined && first.hosts.length > 0
      ? [
          `CALLBACK_HOSTS: the ${unnamed.length} tokens of ASK_TOKENS would share its hosts and CALLBACK_SECRET, so that the signed approval of one script could pass for that of another. Move them to ASKERS, each with its own: ${EXAMPLE}; other token=TOKEN`,
        ]
      : []),
  ];
}
