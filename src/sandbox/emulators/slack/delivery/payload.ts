import type { Json } from '../types.ts';
import { APP_ID, TEAM, VERIFICATION_TOKEN } from '../workspace/identity.ts';

/** The common fields of interaction payloads. `teamId`: another workspace, for foreign presses. */
export function commonPayload(type: string, teamId: string = TEAM.id): Json {
  return {
    type,
    team: { id: teamId, domain: teamId === TEAM.id ? TEAM.domain : 'elsewhere' },
    enterprise: null,
    is_enterprise_install: false,
    api_app_id: APP_ID,
    token: VERIFICATION_TOKEN,
  };
}
