import { MessageFlag } from '../../checks/message.ts';
import type { StoredMessage } from '../../guild/guild.ts';
import { editMessage, removeMessage } from '../../guild/messages.ts';
import type { Interaction } from '../../interactions/interactions.ts';
import type { Parts } from '../../parts.ts';
import { refuse } from '../refusal.ts';
import { nothing, ok, type RestRequest, type Route } from '../route.ts';
import { respond } from './interactions.ts';

/** Follow-ups to an answered interaction, while its token is valid. */
export function webhookRoutes(parts: Parts): Route[] {
  const one = '/webhooks/:application/:token/messages/:message';
  return [
    {
      method: 'POST',
      pattern: '/webhooks/:application/:token',
      open: true,
      handle: (request) => followUp(parts, request),
    },
    {
      method: 'GET',
      pattern: one,
      open: true,
      handle: ({ params }) =>
        ok(parts.objects.message(messageOf(parts, interactionOf(parts, params), params['message']))),
    },
    {
      method: 'PATCH',
      pattern: one,
      open: true,
      handle: ({ params, body, files }) => {
        const message = messageOf(parts, interactionOf(parts, params), params['message']);
        parts.checks.webhookEdit(body, message.flags);
        editMessage(parts, message, body, files);
        return ok(parts.objects.message(message));
      },
    },
    {
      method: 'DELETE',
      pattern: one,
      open: true,
      handle: ({ params }) => {
        removeMessage(parts, messageOf(parts, interactionOf(parts, params), params['message']));
        return nothing;
      },
    },
  ];
}

function followUp(parts: Parts, { params, body, files }: RestRequest) {
  const interaction = interactionOf(parts, params);
  parts.checks.followUp(body);
  const waiting = parts.guild.messages.get(interaction.originalId ?? '');
  if (waiting && waiting.flags & MessageFlag.loading) {
    // The first follow-up of a deferred reply fills it; the deferral decided whether it is ephemeral.
    const { flags: _, ...rest } = body;
    editMessage(parts, waiting, rest, files);
    return ok(parts.objects.message(waiting));
  }
  return ok(parts.objects.message(respond(parts, interaction, body, files)));
}

function interactionOf(parts: Parts, params: Record<string, string>): Interaction {
  if (params['application'] !== parts.guild.applicationId) throw refuse(10015);
  return parts.interactions.answered(params['token']);
}

/** `@original`, or a message created with this token. @throws Refusal 10008 for any other */
function messageOf(parts: Parts, interaction: Interaction, id: string | undefined): StoredMessage {
  const wanted = id === '@original' ? interaction.originalId : id;
  const own = wanted === interaction.originalId || interaction.messageIds.has(wanted ?? '');
  const message = own ? parts.guild.messages.get(wanted ?? '') : undefined;
  if (!message) throw refuse(10008);
  return message;
}
