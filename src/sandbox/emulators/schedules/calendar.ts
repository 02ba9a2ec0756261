import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type Answer, createScheduleServer, type ScheduleServer, type ServerOptions } from './server.ts';

export interface CalendarEmulator extends ScheduleServer {
  /** The secret address of the calendar. */
  readonly address: string;
  /** Another address, which redirects there. */
  readonly moved: string;
  /** The events, as lines of iCalendar between `BEGIN:VCALENDAR` and `END:VCALENDAR`. */
  publish(...lines: readonly string[]): void;
}

const PATH = '/calendar/private-0123456789abcdef/basic.ics';
const MOVED = '/calendar/old.ics';

/** A calendar at an address on 127.0.0.1, with an entity tag. @throws Error if the port is taken */
export async function createCalendarEmulator(options: ServerOptions = {}): Promise<CalendarEmulator> {
  let text = textOf([]);

  function answerTo(request: IncomingMessage, { pathname }: URL): Answer {
    if (pathname === MOVED) return { status: 302, headers: { location: PATH } };
    if (pathname !== PATH) return { status: 404, headers: { 'content-type': 'text/html' }, body: '<html>404</html>' };
    const etag = `"${createHash('sha256').update(text).digest('hex').slice(0, 16)}"`;
    if (request.headers['if-none-match'] === etag) return { status: 304, headers: { etag } };
    return { status: 200, headers: { etag, 'content-type': 'text/calendar; charset=UTF-8' }, body: text };
  }

  const limited = (waitS: number): Answer => ({ status: 429, headers: { 'retry-after': String(waitS) } });
  const server = await createScheduleServer(answerTo, limited, options);
  return {
    ...server,
    address: `${server.url}${PATH}`,
    moved: `${server.url}${MOVED}`,
    publish(...lines) {
      text = textOf(lines);
    },
  };
}

function textOf(lines: readonly string[]): string {
  const all = ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Sandbox//Calendar//EN', ...lines, 'END:VCALENDAR', ''];
  return all.join('\r\n');
}
