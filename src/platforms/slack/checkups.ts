/** What the doctor looks at in Slack. Tested in test/platforms/slack/checkups.test.ts. */
import type { WebClient } from '@slack/web-api';
import type { Checkup, Found, Wanted } from '../../core/ports/ports.ts';
import { inspectChannel } from './api/inspect-channel.ts';

export function slackCheckups(client: WebClient, { rooms }: Wanted): Checkup[] {
  return [
    {
      check: 'slack.rooms',
      title: 'the channels exist, and the bot is in them',
      async look(signal) {
        const found: Found[] = [];
        for (const { room, where } of rooms) {
          for (const { what, remedy, closed } of await inspectChannel(client, room, signal)) {
            found.push({ level: closed ? 'fault' : 'warning', what, remedy, where });
          }
        }
        return found;
      },
    },
  ];
}
