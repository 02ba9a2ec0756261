/** The settings of Countersign's own inbox. */
import type { Actor } from '../../core/approval/approval.ts';
import type { SharedSettings } from '../../core/ports/adapter.ts';
import { type Parsed, setting } from '../../core/text/setting.ts';
import { parseResolvers } from './item.ts';

const { list, optional, parsedBy } = setting;

export const settings = {
  ASK_TOKENS: list.default([]),
  RESOLVE_TOKENS: parsedBy(parseResolvers).default(new Map()),
  CALLBACK_HOSTS: list.default([]),
  CALLBACK_SECRET: optional,
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

/** Never null: without tokens the inbox answers that it is off. */
export function read(set: Parsed<typeof settings>, _shared: SharedSettings, _problems: string[]): InboxConfig {
  const { ASK_TOKENS: askTokens, RESOLVE_TOKENS: resolvers, CALLBACK_SECRET: callbackSecret = null } = set;
  return {
    askTokens,
    resolvers,
    callbackHosts: set.CALLBACK_HOSTS,
    callbackSecret,
    enabled: askTokens.length > 0,
    secrets: [...askTokens, ...resolvers.keys(), ...(callbackSecret?.split(/[\s,]+/).filter(Boolean) ?? [])],
  };
}
