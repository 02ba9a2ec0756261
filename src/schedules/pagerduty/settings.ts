/** PagerDuty's settings. Tested in test/schedules/settings.test.ts. */
import { type Parsed, setting } from '../../core/text/settings/setting.ts';

const { key, of, origin } = setting;

export const settings = {
  PAGERDUTY_TOKEN: of(key, { format: 'REST API key', secret: true }).optional(),
  PAGERDUTY_API_URL: origin.default('https://api.pagerduty.com'),
};

/** Named where the policy has a schedule of it and it is not configured. */
export const needs = 'PAGERDUTY_TOKEN';

export interface PagerDutyConfig {
  url: string;
  token: string;
  secrets: readonly string[];
}

/** Null when PagerDuty is not configured. */
export function read({
  PAGERDUTY_TOKEN: token,
  PAGERDUTY_API_URL: url,
}: Parsed<typeof settings>): PagerDutyConfig | null {
  return token === undefined ? null : { url, token, secrets: [token] };
}
