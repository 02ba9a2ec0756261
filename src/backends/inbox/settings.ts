/** The settings of Countersign's own inbox. */
import type { Actor } from '../../core/approval/parts/decision.ts';
import { orList, type PlatformIds } from '../../core/policy/reviewers.ts';
import type { SharedSettings } from '../../core/ports/adapter.ts';
import { coerceError } from '../../core/ports/errors.ts';
import { problemOfSecret, secretsIn } from '../../core/text/settings/secret.ts';
import { type Parsed, setting } from '../../core/text/settings/setting.ts';
import { type AskerSetting, createAskers, parseAskers, problemsOf } from './askers.ts';

const { list, of, secrets, text, webhookSecrets } = setting;

export const settings = {
  ASK_TOKENS: secrets.default([]),
  ASKERS: of(text, { format: '`NAME token=… hosts=… secret=…`, separated by `;`', secret: true }).default(''),
  RESOLVE_TOKENS: of(text, { format: '`TOKEN=PERSON`, separated by commas', secret: true }).default(''),
  CALLBACK_HOSTS: of(list, { format: 'hosts, separated by commas' }).default([]),
  CALLBACK_SECRET: webhookSecrets.optional(),
};

/** What a start without any backend asks for. */
export const needs = 'ASK_TOKENS';

/** Its callers can say who asked, where the policy lets them. */
export const namesRequesters = true;

export interface InboxConfig {
  askers: readonly AskerSetting[];
  /** Who decides with which token. */
  resolvers: ReadonlyMap<string, Actor>;
  /** Whether scripts may ask. */
  enabled: boolean;
  /** The names of those whom the policy file may let name a requester. */
  requesters: readonly string[];
  secrets: readonly string[];
}

/** Never null: without tokens the inbox answers that it is disabled. */
export function read(set: Parsed<typeof settings>, { ids }: SharedSettings, problems: string[]): InboxConfig {
  let resolvers: InboxConfig['resolvers'] = new Map();
  try {
    resolvers = parseResolvers(set.RESOLVE_TOKENS, ids);
  } catch (thrown) {
    problems.push(`RESOLVE_TOKENS: ${coerceError(thrown).message}`);
  }
  const askers = [...readNamed(set, problems), ...unnamed(set)];
  problems.push(...problemsOf(askers));
  if (set.ASK_TOKENS.length === 0 && set.CALLBACK_HOSTS.length > 0 && askers.length > 0) {
    problems.push('CALLBACK_HOSTS is for ASK_TOKENS, which is empty. Write hosts=… and secret=… for each of ASKERS.');
  }
  try {
    createAskers(askers, { clock: { hash: (text) => text }, allowHttp: false });
  } catch (thrown) {
    problems.push(coerceError(thrown).message);
  }
  const known = askers.flatMap(({ tokens, secret }) => [...tokens, ...secretsIn(secret)]);
  const secrets = [...new Set([...known, ...resolvers.keys(), ...secretsIn(set.CALLBACK_SECRET ?? null)])];
  return { askers, resolvers, enabled: askers.length > 0, requesters: askers.map(({ name }) => name), secrets };
}

function readNamed(set: Parsed<typeof settings>, problems: string[]): readonly AskerSetting[] {
  try {
    return parseAskers(set.ASKERS);
  } catch (thrown) {
    problems.push(`ASKERS: ${coerceError(thrown).message}`);
    return [];
  }
}

/** Each of ASK_TOKENS is an asker of its own. */
function unnamed(set: Parsed<typeof settings>): AskerSetting[] {
  const { ASK_TOKENS: tokens, CALLBACK_HOSTS: hosts, CALLBACK_SECRET: secret = null } = set;
  return [...new Set(tokens)].map((token, index) => {
    return { name: `token-${index + 1}`, tokens: [token], hosts, secret, unnamed: true };
  });
}

/**
 * Parses `token=slack:U0123,token2=discord:789`: who decides with which token over the API.
 * @throws Error that says which entry is wrong, without its token
 */
export function parseResolvers(text: string, ids: readonly PlatformIds[]): ReadonlyMap<string, Actor> {
  const entries = text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  const resolvers = new Map<string, Actor>();
  for (const [index, entry] of entries.entries()) {
    const [, token = '', platform = '', id = ''] = /^(.+)=([a-z]+):([A-Za-z0-9]+)$/.exec(entry) ?? [];
    const where = `entry ${index + 1} of ${entries.length}`;
    const user = ids.find((one) => one.platform === platform)?.reviewers.user;
    if (token === '' || user === undefined || !user.pattern.test(id)) {
      const examples = orList(ids.map(({ reviewers }) => `TOKEN=${reviewers.user.example}`));
      throw new Error(`${where} is not valid. Write ${examples}.`);
    }
    const weakness = problemOfSecret(token);
    if (weakness !== null) throw new Error(`the token of ${where} ${weakness}`);
    if (resolvers.has(token)) throw new Error(`${where} repeats the token of an earlier entry.`);
    // The name shows on the card that no button was pressed.
    resolvers.set(token, { platform, id, name: `${id} (by API)` });
  }
  return resolvers;
}
