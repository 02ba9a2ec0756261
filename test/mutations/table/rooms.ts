/** Rows 19, 26 and 27: rooms that ask to wait, take nothing, or are tidied up. */
import type { Mutations } from '../mutation.ts';

const draw = 'createDrawJob';
const rooms = 'RoomPauses';

export const roomMutations = {
  'room-rests': {
    about: 'a room that asks to wait is left alone for so long',
    rows: [19],
    edits: [{ in: rooms, find: 'this.#paused.set(key, { lane, until: now + wait });', put: '' }],
    test: 'faults/platform/slack-posts',
    title: 'row 19: 429 pauses its room for the requested time, with one probe',
  },
  'deleted-card-again': {
    about: 'an open card that somebody deleted is posted anew',
    rows: [26],
    edits: [
      {
        in: draw,
        find: 'if (!wasDeleted(edited.error, receipt, slot)) {',
        put: 'if (receipt !== null) {',
      },
    ],
    test: 'faults/platform/slack-posts',
    title: 'row 26: an open card that a person deletes is posted again, once',
  },
  'deleted-card-in-peace': {
    about: 'a settled card that somebody deleted stays away',
    rows: [26],
    edits: [{ in: draw, find: `if (!canBeDecided(card)) return done('card was deleted and is settled');`, put: '' }],
    test: 'faults/platform/slack-posts',
    title: 'row 26: a deleted card that is decided elsewhere is not posted again',
  },
  'room-told-once': {
    about: 'a room that takes nothing is one alert, however many cards it is',
    rows: [26],
    edits: [
      { in: rooms, find: 'if (this.#breaker.close(rooms, now)) {', put: 'this.#breaker.close(rooms, now);\n      {' },
    ],
    test: 'faults/platform/slack-posts',
    title: 'row 26: a room that stays closed is retried every five minutes',
  },
  'room-pace': {
    about: 'new cards keep to the pace of their room',
    rows: [27],
    edits: [
      {
        in: rooms,
        find: 'if (waitMs > 0) this.#paused.set(key, { lane, until: now + waitMs });',
        put: 'void waitMs;',
      },
    ],
    test: 'faults/platform/slack-posts',
    title: 'row 27',
  },
  'nearest-deadline-first': {
    about: 'what runs out first is posted first',
    rows: [27],
    edits: [
      {
        in: 'queuedJob',
        find: 'const dueBy = (open ? pause.deadline : null) ?? NO_DEADLINE;',
        put: 'const dueBy = NO_DEADLINE;',
      },
    ],
    test: 'faults/platform/slack-posts',
    title: 'row 27',
  },
} as const satisfies Mutations;
