/** Opsgenie's settings. Tested in test/schedules/settings.test.ts. */
import { type Parsed, setting } from '../../core/text/settings/setting.ts';

const { key, of, origin } = setting;

export const settings = {
  OPSGENIE_TOKEN: of(key, { format: 'API key of an API integration', secret: true }).optional(),
  /** The address of its EU instance is another one. */
  OPSGENIE_API_URL: origin.default('https://api.opsgenie.com'),
};

/** Named where the policy has a schedule of it and it is not configured. */
export const needs = 'OPSGENIE_TOKEN';

export interface OpsgenieConfig {
  url: string;
  token: string;
  secrets: readonly string[];
}

/** Null when Opsgenie is not configured. */
export function read({ OPSGENIE_TOKEN: token, OPSGENIE_API_URL: url }: Parsed<typeof settings>): OpsgenieConfig | null {
  return token === undefined ? null : { url, token, secrets: [token] };
}
