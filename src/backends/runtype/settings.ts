/** Runtype's settings, and what they mean together. */
import type { SharedSettings } from '../../core/ports/adapter.ts';
import { secretsIn } from '../../core/text/settings/secret.ts';
import { type Parsed, setting } from '../../core/text/settings/setting.ts';
import { parseKeys } from './named-keys.ts';
import type { WebsiteOptions } from './website/chats.ts';
import { parseWebsites } from './website/parse-websites.ts';

const { key, keys, of, onOff, origin, parsedBy, patterns, time, webhookSecrets } = setting;

/** In place of keys: every caller's streams get cards. */
const ANY_KEY = '*';

const RUNTYPE_KEY = { texts: ['rt_live_', 'rt_test_'], called: 'an API key of Runtype' };
const CLIENT_TOKEN = { texts: ['ct_live_', 'ct_test_'], called: 'a client token of Runtype' };

export const settings = {
  RUNTYPE_API_URL: origin.default('https://api.runtype.com'),
  RUNTYPE_API_KEY: of(key, { format: 'API key (rt_…)', secret: true, begins: RUNTYPE_KEY }).optional(),
  RUNTYPE_NOTE_AS_MESSAGE: onOff.default(false),
  HOLD: onOff.default(true),
  HOLD_MAX: time(1_000).default(3_600_000),
  AWAIT_TOOLS: patterns.default([]),
  APPLICATION_DECIDES: onOff.default(true),
  GATEWAY_KEYS: of(
    keys
      .refine((given) => given.length > 0, 'must be keys, separated by commas')
      .refine((given) => given.length < 2 || !given.includes(ANY_KEY), 'must be keys, or only *'),
    { format: '`KEY` or `NAME=KEY`, separated by commas, or `*`', secret: true, begins: RUNTYPE_KEY },
  ).optional(),
  WEBSITE_CHATS: parsedBy(parseWebsites, 'client tokens and origins, separated by commas', {
    secret: true,
    begins: CLIENT_TOKEN,
  }).prefault(''),
  WEBSITE_VISITOR_TOOLS: patterns.default([]),
  // Several while a sender changes its secret: a signature of either one is accepted.
  INGEST_SECRET: webhookSecrets.optional(),
};

/** Named in the error when no backend is configured. */
export const needs = 'RUNTYPE_API_KEY';

/** Its callers can say who asked, where the policy lets them. */
export const namesRequesters = true;

export interface RuntypeConfig {
  url: string;
  /** Null: decisions can't be sent, but the gateway passes everything through. */
  apiKey: string | null;
  gateway: { keys: readonly string[] | 'any'; names: ReadonlyMap<string, string> };
  /** The names of keys that the policy file may let name a requester. */
  requesters: readonly string[];
  website: WebsiteOptions;
  ingestSecret: string | null;
  noteAsMessage: boolean;
  hold: { on: boolean; maxMs: number };
  /** Whether applications may decide by calls of their own. */
  applicationDecides: boolean;
  /** Whether approvals can be decided. */
  enabled: boolean;
  secrets: readonly string[];
  /** Set where the browsers of a website's visitors call this server. */
  exposedBy: string | null;
}

/** Never null: the gateway is open without any setting. */
export function read(
  set: Parsed<typeof settings>,
  { exposedBy, runs }: SharedSettings,
  problems: string[],
): RuntypeConfig {
  const { RUNTYPE_API_KEY: apiKey = null, INGEST_SECRET: ingestSecret = null, GATEWAY_KEYS: given } = set;
  if (runs.length > 0 && apiKey === null) problems.push('RUNS: set RUNTYPE_API_KEY, too. It starts them.');
  const { WEBSITE_CHATS: websites, WEBSITE_VISITOR_TOOLS: visitorTools } = set;
  const isWebsite = websites.tokens.length + websites.origins.length > 0;
  if (isWebsite && apiKey === null) problems.push('WEBSITE_CHATS: set RUNTYPE_API_KEY, too. It answers for visitors.');
  if (!isWebsite && visitorTools.length > 0) problems.push('WEBSITE_VISITOR_TOOLS: set WEBSITE_CHATS, too.');
  const visitors = isWebsite ? 'the chats of WEBSITE_CHATS come from browsers' : null;
  const isAny = given?.[0] === ANY_KEY;
  const named = isAny || given === undefined ? [] : parseKeys(given, problems);
  const keys = given && [...new Set(named.map(({ key }) => key))];
  const names = new Map(named.flatMap(({ key, name }) => (name === null ? [] : [[key, name]])));
  const open = exposedBy ?? visitors;
  if (isAny && open !== null) {
    problems.push(
      `GATEWAY_KEYS: * lets every caller make cards, and others than this machine may call (${open}). List the keys of your applications.`,
    );
  }
  const ours = apiKey === null ? [] : [apiKey];
  return {
    url: set.RUNTYPE_API_URL,
    apiKey,
    gateway: { keys: isAny ? 'any' : (keys ?? ours), names },
    requesters: [...new Set(names.values())],
    website: { ...websites, visitorTools },
    ingestSecret,
    noteAsMessage: set.RUNTYPE_NOTE_AS_MESSAGE,
    hold: { on: set.HOLD, maxMs: set.HOLD_MAX },
    applicationDecides: set.APPLICATION_DECIDES,
    enabled: apiKey !== null,
    secrets: [...ours, ...secretsIn(ingestSecret), ...(isAny ? [] : (keys ?? [])), ...websites.tokens],
    exposedBy: visitors,
  };
}
