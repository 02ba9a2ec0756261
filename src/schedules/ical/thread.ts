/** The entry of the thread that reads a calendar: a repetition that never fits would keep the process busy for ever. */
import { parentPort, workerData } from 'node:worker_threads';
import { CalendarError, type CalendarWindow, type Shift, shiftsWithin } from './shifts.ts';

/** What the thread is given. */
export interface ReadRequest {
  text: string;
  window: CalendarWindow;
}

/** `problem`: the end of a sentence about the calendar. */
export type ReadResult = { shifts: readonly Shift[] } | { problem: string };

function read({ text, window }: ReadRequest): ReadResult {
  try {
    return { shifts: shiftsWithin(text, window) };
  } catch (thrown) {
    return { problem: thrown instanceof CalendarError ? thrown.message : 'can’t be read: it is not valid iCalendar' };
  }
}

parentPort?.postMessage(read(workerData));
