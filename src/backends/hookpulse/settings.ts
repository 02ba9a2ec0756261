/** HookPulse's settings, and what they mean together. Tested in test/config/config.test.ts. */
import type { SharedSettings } from '../../core/ports/adapter.ts';
import { type Parsed, setting } from '../../core/text/settings/setting.ts';

const { keys: apiKeys, list, of, origin, pollMs } = setting;

export const settings = {
  HOOKPULSE_API_URL: origin.default('https://api.hookpulse.io'),
  HOOKPULSE_API_KEY: of(apiKeys, { format: 'API keys, separated by commas', secret: true }).default([]),
  HOOKPULSE_BRAND_UUID: of(list, { format: 'UUIDs, separated by commas' }).default([]),
  HOOKPULSE_BRAND_NAME: list.default([]),
  HOOKPULSE_POLL_MS: pollMs,
};

/** Named in the error when no backend is configured. */
export const needs = 'HOOKPULSE_API_KEY and HOOKPULSE_BRAND_UUID';

/** A brand of HookPulse, with the key that was made for it. */
export interface Brand {
  uuid: string;
  apiKey: string;
  /** As the operator calls it; null: it is shown by its UUID, where it is shown. */
  name: string | null;
}

export interface HookPulseConfig {
  url: string;
  /** At least one. */
  brands: readonly Brand[];
  pollMs: number;
  enabled: true;
  secrets: readonly string[];
}

/** Null when HookPulse is not configured. */
export function read(
  set: Parsed<typeof settings>,
  _shared: SharedSettings,
  problems: string[],
): HookPulseConfig | null {
  const { HOOKPULSE_API_KEY: keys, HOOKPULSE_BRAND_UUID: uuids, HOOKPULSE_BRAND_NAME: names } = set;
  if (keys.length === 0 && uuids.length === 0 && names.length === 0) return null;
  const found = problemsOf(keys, uuids, names);
  problems.push(...found);
  if (found.length > 0) return null;
  const brands = uuids.map((uuid, at) => ({ uuid, apiKey: keys[at] ?? '', name: names[at] ?? null }));
  const { HOOKPULSE_API_URL: url, HOOKPULSE_POLL_MS: pollMs } = set;
  return { url, brands, pollMs, enabled: true, secrets: keys };
}

function problemsOf(keys: readonly string[], uuids: readonly string[], names: readonly string[]): string[] {
  if (keys.length === 0) return ['HOOKPULSE_API_KEY: missing, while HOOKPULSE_BRAND_UUID is set.'];
  if (uuids.length === 0) return ['HOOKPULSE_BRAND_UUID: missing, while HOOKPULSE_API_KEY is set.'];
  const problems: string[] = [];
  if (keys.length !== uuids.length) {
    const counts = `${keys.length} and ${uuids.length}`;
    problems.push(
      `HOOKPULSE_API_KEY and HOOKPULSE_BRAND_UUID: give one key for each brand, in the same order (got ${counts}).`,
    );
  }
  if (names.length > 0 && names.length !== uuids.length) {
    problems.push(`HOOKPULSE_BRAND_NAME: give one name for each of the ${uuids.length} brands, or none.`);
  }
  if (isRepeated(uuids)) problems.push('HOOKPULSE_BRAND_UUID: a brand is given twice.');
  if (isRepeated(names)) problems.push('HOOKPULSE_BRAND_NAME: two brands have the same name.');
  return problems;
}

function isRepeated(texts: readonly string[]): boolean {
  return new Set(texts.map((text) => text.toLowerCase())).size < texts.length;
}
