import type { Incident, Met, SharedIncidents } from '../../../core/ports/store/duties.ts';
import type { Rows, Writes } from '../rows.ts';
import * as sql from './sql.ts';

/** A replica without a beat for so long counts as dead, ms. */
const DEAD_MS = 12_000;
/** What was sent so long ago is forgotten, ms: much longer than any quiet period. */
const KEPT_MS = 24 * 60 * 60 * 1_000;

interface Row {
  sentAt: number | null;
  more: number;
  open: boolean;
  now: number;
  living: string[];
}

/** Tested in test/store/postgres/duties.test.ts. */
export function createSharedIncidents(writes: Writes): SharedIncidents {
  return {
    met: (incident, { by, times, lasts }, quietMs) =>
      writes.run(async (rows) => {
        const { sentAt, more, open, now, living } = await lock(rows, incident);
        const isOpen = open && living.length > 0;
        const isQuiet = sentAt !== null && now - sentAt < quietMs;
        const found = isOpen && sentAt !== null ? 'known' : isQuiet ? 'quiet' : 'send';
        const isSent = found === 'send';
        const holders = lasts ? [...new Set([...living, by])] : living;
        // One that lasts and was not sent counts as begun once it is.
        const isBegun = isOpen || (lasts && isSent);
        await rows(sql.saveAlert, [
          incident.kind,
          incident.subject,
          isSent ? now : sentAt,
          isSent ? 0 : more + times,
          isBegun,
          isBegun ? holders : [],
        ]);
        if (!isSent) return { type: found } as Met;
        await rows(sql.forgetAlerts, [KEPT_MS]);
        return { type: 'send', more };
      }),

    ended: (incident, by) =>
      writes.run(async (rows) => {
        const { sentAt, more, open, living } = await lock(rows, incident);
        const others = living.filter((replica) => replica !== by);
        const isOver = open && others.length === 0;
        await rows(sql.saveAlert, [incident.kind, incident.subject, sentAt, more, open && !isOver, others]);
        return isOver;
      }),
  };
}

async function lock(rows: Rows, { kind, subject }: Incident): Promise<Row> {
  await rows(sql.addAlert, [kind, subject]);
  const [row] = await rows<Row>(sql.lockAlert, [kind, subject, DEAD_MS]);
  if (row === undefined) throw new Error('an alert was not stored');
  return row;
}
