/**
 * Runs that are started without a stream: the answer only names them. Runtype's REST API answers 202 with
 * `{executionId, status}`; other statuses of success with such a body are read alike (inferred).
 * Tested in test/backends/runtype/gateway/answer/asynchronous.test.ts.
 */
import { isRecord } from '../../../../core/text/json.ts';
import { eventsOf, executionIn } from '../../wire/json-body.ts';

/** Words for a run that is not over. Only `completed` is documented; the others are inferred. */
const underWay =
  /^(?:accepted|created|enqueued|queued|scheduled|pending|started|starting|running|processing|in[_ -]?progress|async)$/i;

const ACCEPTED = 202;

/** Whether an answer of success says no more than that a run was started. */
export function isOnlyNamed(json: unknown, status: number): boolean {
  if (!isRecord(json)) return status === ACCEPTED;
  if (isRecord(json['pausedReason']) || Array.isArray(json['events'])) return false;
  const state = json['status'];
  if (typeof state === 'string' && underWay.test(state.trim())) return true;
  return eventsOf(json).length === 0 && (status === ACCEPTED || executionIn(json) !== null);
}
