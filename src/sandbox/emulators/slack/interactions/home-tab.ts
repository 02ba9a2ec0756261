import { randomBytes } from 'node:crypto';
import { commonPayload, placeOf } from '../delivery/payload.ts';
import type { Deliverer, SlackPressResult } from '../types.ts';
import { findButtons } from '../workspace/buttons.ts';
import { APP_ID, TEAM, VERIFICATION_TOKEN } from '../workspace/identity.ts';
import { viewJson } from '../workspace/views.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { stateValues } from './view-values.ts';

interface Deps {
  slack: Workspace;
  deliverer: Deliverer;
}

/** Opens the app's home tab: sends `app_home_opened` with the view that is published there. */
export function openHome({ slack, deliverer }: Deps, userId: string): Promise<SlackPressResult> {
  const person = slack.people.get(userId);
  const home = slack.homes.of(userId);
  const { team, enterpriseId } = placeOf(slack, person);
  const event = {
    type: 'app_home_opened',
    user: person.id,
    channel: `D${person.id.slice(1)}`,
    tab: 'home',
    event_ts: slack.clock.nextTs(),
    ...(home === undefined ? {} : { view: viewJson(home) }),
  };
  return deliverer.deliver('events_api', {
    token: VERIFICATION_TOKEN,
    team_id: team['id'],
    ...(enterpriseId !== null && { enterprise_id: enterpriseId }),
    api_app_id: APP_ID,
    event,
    type: 'event_callback',
    event_id: `Ev${randomBytes(5).toString('hex').toUpperCase()}`,
    event_time: Math.floor(slack.clock.now() / 1000),
    authorizations: [
      {
        enterprise_id: slack.enterpriseId,
        team_id: TEAM.id,
        user_id: person.id,
        is_bot: false,
        is_enterprise_install: false,
      },
    ],
    is_ext_shared_channel: false,
  });
}

/**
 * Presses a button in a home tab: the payload has a view, but no channel, message or `response_url`.
 * @throws Error when there is no such button
 */
export async function pressInHome(
  { slack, deliverer }: Deps,
  userId: string,
  actionId: string,
): Promise<SlackPressResult> {
  const home = slack.homes.of(userId);
  if (home === undefined) throw new Error(`Nothing was published in the home tab of ${userId}.`);
  const button = findButtons(home.blocks).find((one) => one.actionId === actionId);
  if (button === undefined) {
    const known = findButtons(home.blocks).map((one) => one.actionId);
    throw new Error(`The home tab of ${userId} has no button "${actionId}" (known: ${known.join(', ') || 'none'}).`);
  }
  const { value, text, style } = button.element;
  return deliverer.deliver('interactive', {
    ...commonPayload(slack, 'block_actions', slack.people.get(userId)),
    container: { type: 'view', view_id: home.id },
    trigger_id: slack.triggers.issue(userId),
    view: viewJson(home, stateValues(home.blocks, {})),
    actions: [
      {
        type: 'button',
        action_id: actionId,
        block_id: button.blockId,
        text,
        ...(value === undefined ? {} : { value }),
        ...(style === undefined ? {} : { style }),
        action_ts: slack.clock.nextTs(),
      },
    ],
  });
}
