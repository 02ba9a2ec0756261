/** How long people wait for the answer to what they pressed, sent or typed. Tested in test/platforms/slack/connection/http-receiver.test.ts. */
import type { ReceiverEvent } from '@slack/bolt';
import type { Metrics } from '../../../core/ports/metrics.ts';
import type { Clock } from '../../../core/ports/ports.ts';

/** By the type of its payload. No one waits for the answer to anything else. */
const requests = new Map<unknown, string>([
  ['block_actions', 'press'],
  ['view_submission', 'form'],
]);

/** @returns the event; its first acknowledgement is measured, once it is sent */
export function measured(
  event: ReceiverEvent,
  { clock, metrics }: { clock: Clock; metrics: Pick<Metrics, 'observe'> },
): ReceiverEvent {
  const startedAt = clock.monotonic();
  const request = requestIn(event.body);
  if (request === null) return event;
  let isFirst = true;
  const ack: ReceiverEvent['ack'] = async (response) => {
    await event.ack(response);
    if (!isFirst) return;
    isFirst = false;
    const seconds = (clock.monotonic() - startedAt) / 1000;
    metrics.observe('press_answer_seconds', { platform: 'slack', request }, seconds);
  };
  return { ...event, ack };
}

function requestIn(body: unknown): string | null {
  if (typeof body !== 'object' || body === null) return null;
  const { type, command } = body as { type?: unknown; command?: unknown };
  return requests.get(type) ?? (typeof command === 'string' ? 'command' : null);
}
