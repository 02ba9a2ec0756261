/** Rows 19, 26 and 27: rooms that ask to wait, take nothing, or are tidied up. */
import type { Mutations } from '../mutation.ts';

const draw = 'createDraw';
const rooms = 'createRoomLimits';

export const roomMutations = {
  'room-rests': {
    about: 'a room that asks to wait is left alone for so long',
    rows: [19],
    edits: [{ in: rooms, find: 'rests.set(lane, now + wait);', put: '' }],
    test: 'faults/platform/slack-posts',
    title: 'row 19: 429 rests its room for so long, with one probe',
  },
  'deleted-card-again': {
    about: 'an open card that somebody deleted is posted anew',
    rows: [26],
    edits: [
      {
        in: draw,
        find: 'if (!wasDeleted(updated.error, known, slot)) return updated;',
        put: 'if (known !== null) return updated;',
      },
    ],
    test: 'faults/platform/slack-posts',
    title: 'row 26: an open card that is deleted by hand is posted anew, once',
  },
  'deleted-card-in-peace': {
    about: 'a settled card that somebody deleted stays away',
    rows: [26],
    edits: [{ in: draw, find: `if (!canBeDecided(task.card)) return done('deleted by hand, and over');`, put: '' }],
    test: 'faults/platform/slack-posts',
    title: 'row 26: a deleted card that somebody decides elsewhere stays away',
  },
  'room-told-once': {
    about: 'a room that takes nothing is one alert, however many cards it is',
    rows: [26],
    edits: [{ in: rooms, find: 'if (!closed.has(name)) {', put: 'if (now >= 0) {' }],
    test: 'faults/platform/slack-posts',
    title: 'row 26: a room that is closed for good is tried every five minutes',
  },
  'room-pace': {
    about: 'new cards keep to the pace of their room',
    rows: [27],
    edits: [
      {
        in: rooms,
        find: 'if (allowance !== undefined) spend(lane, allowance);',
        put: 'void allowance; void spend;',
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
