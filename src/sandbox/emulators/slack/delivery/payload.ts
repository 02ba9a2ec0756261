import type { Json } from '../types.ts';
import { APP_ID, TEAM, VERIFICATION_TOKEN } from '../workspace/identity.ts';

/** What every interaction's payload carries. `teamId` names another workspace. */
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
