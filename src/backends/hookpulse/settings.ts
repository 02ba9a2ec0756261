/** HookPulse's settings, and what they mean together. */
import type { SharedSettings } from '../../core/ports/adapter.ts';
import { type Parsed, setting } from '../../core/text/setting.ts';

const { optional, origin, pollMs } = setting;

export const settings = {
  HOOKPULSE_API_URL: origin.default('https://api.hookpulse.io'),
  HOOKPULSE_API_KEY: optional,
  HOOKPULSE_BRAND_UUID: optional,
  HOOKPULSE_POLL_MS: pollMs,
};

/** Named in the error when no backend is configured. */
export const needs = 'HOOKPULSE_API_KEY and HOOKPULSE_BRAND_UUID';

export interface HookPulseConfig {
  url: string;
  apiKey: string;
  brandUuid: string;
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
  const { HOOKPULSE_API_KEY: apiKey, HOOKPULSE_BRAND_UUID: brandUuid } = set;
  if (apiKey === undefined && brandUuid === undefined) return null;
  if (apiKey === undefined) problems.push('HOOKPULSE_API_KEY: missing, while HOOKPULSE_BRAND_UUID is set.');
  if (brandUuid === undefined) problems.push('HOOKPULSE_BRAND_UUID: missing, while HOOKPULSE_API_KEY is set.');
  if (apiKey === undefined || brandUuid === undefined) return null;
  const { HOOKPULSE_API_URL: url, HOOKPULSE_POLL_MS: pollMs } = set;
  return { url, apiKey, brandUuid, pollMs, enabled: true, secrets: [apiKey] };
}
