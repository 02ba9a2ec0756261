import { MessageFlag } from '../../checks/message.ts';
import type { Hub } from '../../gateway/hub.ts';
import type { Interaction } from '../../interactions/interactions.ts';
import { editMessage, removeMessage } from '../../world/messages.ts';
import type { StoredMessage } from '../../world/world.ts';
import { refuse } from '../refusal.ts';
import { nothing, ok, type RestRequest, type Route } from '../route.ts';
import { respond } from './interactions.ts';

/** What follows the answer to an interaction, for as long as its token lives. */
export function webhookRoutes(hub: Hub): Route[] {
  const one = '/webhooks/:application/:token/messages/:message';
  return [
    {
      method: 'POST',
      pattern: '/webhooks/:application/:token',
      open: true,
      handle: (request) => followUp(hub, request),
    },
    {
      method: 'GET',
      pattern: one,
      open: true,
      handle: ({ params }) => ok(hub.wire.message(messageOf(hub, interactionOf(hub, params), params['message']))),
    },
    {
      method: 'PATCH',
      pattern: one,
      open: true,
      handle: ({ params, body, files }) => {
        const message = messageOf(hub, interactionOf(hub, params), params['message']);
        hub.checks.webhookEdit(body, message.flags);
        editMessage(hub, message, body, files);
        return ok(hub.wire.message(message));
      },
    },
    {
      method: 'DELETE',
      pattern: one,
      open: true,
      handle: ({ params }) => {
        removeMessage(hub, messageOf(hub, interactionOf(hub, params), params['message']));
        return nothing;
      },
    },
  ];
}

function followUp(hub: Hub, { params, body, files }: RestRequest) {
  const interaction = interactionOf(hub, params);
  hub.checks.followUp(body);
  const waiting = hub.world.messages.get(interaction.originalId ?? '');
  if (waiting && waiting.flags & MessageFlag.loading) {
    // The first follow-up of a deferred reply fills it; whether it is ephemeral was said when it was deferred.
    const { flags: _, ...rest } = body;
    editMessage(hub, waiting, rest, files);
    return ok(hub.wire.message(waiting));
  }
  return ok(hub.wire.message(respond(hub, interaction, body, files)));
}

function interactionOf(hub: Hub, params: Record<string, string>): Interaction {
  if (params['application'] !== hub.world.applicationId) throw refuse(10015);
  return hub.interactions.answered(params['token']);
}

/** `@original`, or a message that this token made. @throws Refusal 10008 for any other */
function messageOf(hub: Hub, interaction: Interaction, id: string | undefined): StoredMessage {
  const wanted = id === '@original' ? interaction.originalId : id;
  const own = wanted === interaction.originalId || interaction.messageIds.has(wanted ?? '');
  const message = own ? hub.world.messages.get(wanted ?? '') : undefined;
  if (!message) throw refuse(10008);
  return message;
}
