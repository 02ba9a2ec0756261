import type { Json, SlackUser } from '../types.ts';
import { APP_ID, TEAM, VERIFICATION_TOKEN } from '../workspace/identity.ts';
import { personJson } from '../workspace/people.ts';
import type { Workspace } from '../workspace/workspace.ts';

type Person = Pick<SlackUser, 'id' | 'handle' | 'home'>;

/** The common fields of interaction payloads. `teamId`: another workspace, for foreign presses. */
export function commonPayload(slack: Workspace, type: string, person: Person, teamId?: string): Json {
  const { team, enterpriseId } = placeOf(slack, person, teamId);
  return {
    type,
    team,
    enterprise: enterpriseId === null ? null : { id: enterpriseId, name: 'Organisation' },
    is_enterprise_install: false,
    api_app_id: APP_ID,
    token: VERIFICATION_TOKEN,
    user: personJson(person, teamId ?? userTeamOf(person)),
  };
}

/** The workspace that a payload names as its place, and that one's organisation. */
export function placeOf(
  slack: Workspace,
  { home }: Person,
  teamId?: string,
): { team: Json; enterpriseId: string | null } {
  if (teamId !== undefined && teamId !== TEAM.id)
    return { team: { id: teamId, domain: 'elsewhere' }, enterpriseId: null };
  const isElsewhere = home?.shownAs === 'place';
  const enterpriseId = isElsewhere ? home.enterpriseId : slack.enterpriseId;
  const team = isElsewhere ? { id: home.teamId, domain: 'elsewhere' } : { id: TEAM.id, domain: TEAM.domain };
  const organisation = { enterprise_id: enterpriseId, enterprise_name: 'Organisation' };
  return { team: { ...team, ...(enterpriseId !== null && organisation) }, enterpriseId };
}

function userTeamOf({ home }: Person): string {
  if (home === undefined) return TEAM.id;
  return home.shownAs === 'organisation' ? (home.enterpriseId ?? home.teamId) : home.teamId;
}
