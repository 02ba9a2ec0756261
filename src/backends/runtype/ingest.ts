import { type CallGuard, type HttpAnswer, problem, tooManyWrong } from '../../core/ports/http.ts';
import type { Clock, Delivery, Intake, Log, Source } from '../../core/ports/ports.ts';
import { type Item, REMEDY, readItems, Unreadable } from './delivery-body.ts';
import type { RunFactsCache } from './pause/run-facts.ts';
import type { Verify } from './signature.ts';
import { RunReader } from './stream/reader/reader.ts';

/** A forwarded stream up to its pause is a few kilobytes. */
export const INGEST_MAX_BYTES = 1024 * 1024;

const titles = { 400: 'Bad Request', 401: 'Unauthorized', 413: 'Content Too Large' } as const;

/** When a sender may try what was not accepted again, seconds: a person may have decided something by then. */
const RETRY_AFTER_S = 60;
/** Of a delivery, in its answer. */
const PROBLEMS_MAX = 10;

export interface IngestOptions {
  /** Null: no secret is configured, so everything is refused. */
  verify: Verify | null;
  intake: Intake;
  /** What our own streams said of runs. It is read only, and counts more than what is sent in. */
  runFacts: RunFactsCache;
  /** What deliveries said. */
  ingestedFacts: RunFactsCache;
  forPeople: (tool: string) => boolean;
  guard: Pick<CallGuard, 'wrongSecret'>;
  clock: Clock;
  log: Log;
}

/**
 * Receives one event, NDJSON, or a forwarded event stream. All of it is read before anything is delivered. What can't be
 * read is skipped, and named in the answer: it must not keep the others from their cards.
 * The result rejects with a StoreError when something was not recorded: the sender then sends again, and events that were
 * recorded already are recognised by their id.
 */
export function createIngest(
  options: IngestOptions,
): (headers: Record<string, string>, bytes: Uint8Array | null, remoteAddress?: string) => Promise<HttpAnswer> {
  const { verify, intake, runFacts, ingestedFacts, forPeople, guard, clock, log } = options;

  return async function receive(headers, bytes, remoteAddress = '') {
    const unsigned = (reason: string, status?: 413) => refuseUnsigned(guard, reason, remoteAddress, status);
    if (bytes === null) {
      const reason = `A delivery must have at most ${INGEST_MAX_BYTES} bytes. Send fewer events at once.`;
      return unsigned(reason, 413);
    }
    if (verify === null) return unsigned(DISABLED);
    const verified = verify(headers, bytes, clock.now());
    if (!verified.ok) return unsigned(verified.problem);

    let items: Item[];
    try {
      items = await readItems(headers, bytes);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      return refused(400, error.message, bytes.length);
    }
    const problems = items.flatMap((item) => ('problem' in item ? [item.problem] : []));
    const readable = items.length - problems.length;
    if (readable === 0 && problems[0] !== undefined) return refused(400, `${problems[0]} ${REMEDY}`, bytes.length);
    const deliveries = deliveriesOf(items, verified.id, sourceOf(verified.secret ?? 0));
    let overLimit = 0;
    for (const delivery of deliveries) {
      if ((await intake.deliver(delivery)) === 'too_many') overLimit += 1;
    }
    const skipped = problems.length;
    const accepted = readable - overLimit;
    const about = {
      webhook: verified.id,
      events: accepted,
      skipped,
      refused: overLimit,
      deliveries: deliveries.length,
    };
    if (skipped === 0) log.info(about, 'ingested');
    else log.warn({ ...about, problems: problems.slice(0, PROBLEMS_MAX) }, 'ingested, without what can’t be read');
    const why = skipped > 0 && { problems: problems.slice(0, PROBLEMS_MAX) };
    if (overLimit > 0) return tooMany({ accepted, skipped, refused: overLimit, ...why });
    const body = JSON.stringify({ accepted, skipped, ...why });
    return { status: 202, contentType: 'application/json', body };
  };

  function deliveriesOf(items: readonly Item[], webhookId: string, source: Source): Delivery[] {
    const groupOf = (executionId: string) => `ingest:${webhookId}:${executionId}`;
    const unnamedRun = () => `ingest:${webhookId}`;
    const known = (executionId: string) => runFacts.find(executionId);
    const from = { via: 'ingest', groupOf, unnamedRun } as const;
    const readerOptions = { ...from, runFacts: ingestedFacts, known, forPeople, clock, log };
    let reader = new RunReader(readerOptions);
    const deliveries = items.flatMap((item, index) => {
      if ('problem' in item) return item.mayBePause ? reader.unreadable() : [];
      const found = reader.event(item.event, item.name).map((delivery) => {
        if (delivery.type !== 'announced') return delivery;
        const isSeenRun = known(delivery.pause.runId)?.isSeen === true;
        return { ...delivery, source, inputId: `ingest:${webhookId}:${index}`, ...(isSeenRun && { isSeenRun }) };
      });
      if (reader.state !== 'ended') return found;
      // What follows is of another run.
      const ended = [...found, ...reader.ending()];
      reader = new RunReader(readerOptions);
      return ended;
    });
    // A delivery without a closing event is not a stream that broke, so its run does not count as lost.
    return [...deliveries, ...reader.ending()].flatMap(asSaid);
  }

  function refused(status: keyof typeof titles, reason: string, size?: number): HttpAnswer {
    log.warn({ status, problem: reason, ...(size !== undefined && { size }) }, 'ingest refused');
    return problem(status, titles[status], reason);
  }
}

/** Refuses a delivery by its headers alone, so that nothing of its body is kept for a caller who has not signed it. */
export function createAdmission({
  verify,
  guard,
  clock,
}: Pick<IngestOptions, 'verify' | 'guard' | 'clock'>): (
  headers: Record<string, string>,
  remoteAddress: string,
) => Promise<HttpAnswer | null> {
  return async (headers, remoteAddress) => {
    const verified = verify === null ? null : verify(headers, null, clock.now());
    if (verified?.ok) return null;
    return refuseUnsigned(guard, verified?.problem ?? DISABLED, remoteAddress);
  };
}

const DISABLED = 'Ingest is disabled (INGEST_SECRET is not set).';

/** Anyone can send such a call, so the guard logs it: not one line for each. */
async function refuseUnsigned(
  guard: IngestOptions['guard'],
  reason: string,
  remoteAddress: string,
  status: 401 | 413 = 401,
): Promise<HttpAnswer> {
  const retryAfterS = await guard.wrongSecret('ingest', remoteAddress, reason);
  return retryAfterS === null ? problem(status, titles[status], reason) : { ...tooManyWrong, retryAfterS };
}

/** What a delivery says counts only for what nothing but ingest has announced. */
function asSaid(delivery: Delivery): Delivery[] {
  switch (delivery.type) {
    case 'announced':
      return [delivery];
    case 'resolved':
    case 'run_ended':
    case 'unfollowed':
      return [{ ...delivery, via: 'ingest' }];
    default:
      // Nothing else that can be read here concerns what ingest has announced: a run's new ID is that of a run from chat.
      return [];
  }
}

/** Two secrets are of two senders, unless one replaces the other. */
function sourceOf(secret: number): Source {
  if (secret === 0) return { id: 'runtype:ingest', name: 'Signed ingest' };
  return { id: `runtype:ingest:${secret + 1}`, name: `Signed ingest (secret ${secret + 1})` };
}

/** The whole delivery may be sent again: what was recorded is recognised. */
function tooMany(counts: { accepted: number; skipped: number; refused: number }): HttpAnswer {
  const detail = `${counts.refused} of the pauses were not accepted: too many approvals of signed ingest are open. Send the delivery again later, with the same webhook-id.`;
  const body = `${JSON.stringify({ title: 'Too Many Requests', status: 429, detail, ...counts })}\n`;
  return { status: 429, contentType: 'application/problem+json', body, retryAfterS: RETRY_AFTER_S };
}
