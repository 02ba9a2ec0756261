/** The settings of Countersign's own inbox. */
import type { Actor } from '../../core/approval/approval.ts';
import { orList, type PlatformIds } from '../../core/policy/reviewers.ts';
import type { SharedSettings } from '../../core/ports/adapter.ts';
import { coerceError } from '../../core/ports/errors.ts';
import { problemOfSecret } from '../../core/text/settings/secret.ts';
import { type Parsed, setting } from '../../core/text/settings/setting.ts';

const { list, secrets, text, webhookSecrets } = setting;

export const settings = {
  ASK_TOKENS: secrets.default([]),
  RESOLVE_TOKENS: text.default(''),
  CALLBACK_HOSTS: list.default([]),
  CALLBACK_SECRET: webhookSecrets.optional(),
};

/** What a start without any backend asks for. */
export const needs = 'ASK_TOKENS';

export interface InboxConfig {
  askTokens: readonly string[];
  /** Who decides with which token. */
  resolvers: ReadonlyMap<string, Actor>;
  callbackHosts: readonly string[];
  callbackSecret: string | null;
  /** Whether scripts may ask. */
  enabled: boolean;
  secrets: readonly string[];
}

/** Never null: without tokens the inbox answers that it is disabled. */
export function read(set: Parsed<typeof settings>, { ids }: SharedSettings, problems: string[]): InboxConfig {
  const { ASK_TOKENS: askTokens, CALLBACK_SECRET: callbackSecret = null } = set;
  let resolvers: InboxConfig['resolvers'] = new Map();
  try {
    resolvers = parseResolvers(set.RESOLVE_TOKENS, ids);
  } catch (thrown) {
    problems.push(`RESOLVE_TOKENS: ${coerceError(thrown).message}`);
  }
  return {
    askTokens,
    resolvers,
    callbackHosts: set.CALLBACK_HOSTS,
    callbackSecret,
    enabled: askTokens.length > 0,
    secrets: [...askTokens, ...resolvers.keys(), ...(callbackSecret?.split(/[\s,]+/).filter(Boolean) ?? [])],
  };
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
