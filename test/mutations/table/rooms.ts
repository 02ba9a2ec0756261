/** Rows 19, 26 and 27: rooms that ask to wait, take nothing, or are tidied up. */
import type { Remedies } from '../remedy.ts';

const draw = 'engine/outbox/draw.ts';
const rooms = 'engine/outbox/room-limits.ts';

export const roomRemedies = {
  'room-rests': {
    about: 'a room that asks to wait is left alone for so long',
    rows: [19],
    edits: [{ file: rooms, find: 'rests.set(job.lane, now + wait);', put: '' }],
    test: 'faults/platform/slack-posts',
    title: 'row 19: 429 rests its room for so long, with one probe',
  },
  'room-lanes': {
    about: 'each room has its own lanes',
    rows: [19],
    edits: [{ file: 'core/approval/lanes.ts', find: /lane: `post:\$\{place\}`/, put: 'lane: "post:all"' }],
    test: 'faults/platform/slack-posts',
    title: 'row 19: 429 rests its room for so long, with one probe, while the other room goes on',
  },
  'lane-one-at-a-time': {
    about: 'a lane runs one at a time',
    rows: [19],
    edits: [
      {
        file: 'store/sqlite/jobs.ts',
        find: /AND NOT EXISTS \(SELECT 1 FROM jobs WHERE lane = job\.lane AND \$\{held\}\)/,
        put: '',
      },
    ],
    test: 'store/sqlite/index',
    title: 'holds one job a key, and a lane runs one at a time',
  },
  'presses-before-cards': {
    about: 'a press is shown before the cards that wait',
    rows: [19],
    edits: [
      {
        file: 'core/approval/lanes.ts',
        find: /lane: `edit:\$\{place\}`, urgency: 0/,
        put: "lane: 'post:' + place, urgency: 3",
      },
    ],
    test: 'faults/platform/slack-posts',
    title: 'row 19: a press is shown before the cards that wait',
  },
  'changes-at-a-pace': {
    about: 'changes that nobody waits for keep to a pace',
    rows: [19],
    edits: [{ file: rooms, find: `job.lane.startsWith('renew:') ? RENEW_PACE : undefined`, put: 'undefined' }],
    test: 'faults/platform/slack-posts',
    title: 'row 19: changes that nobody waits for leave room for a press',
  },
  'deleted-card-again': {
    about: 'an open card that somebody deleted is posted anew',
    rows: [26],
    edits: [
      {
        file: draw,
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
    edits: [{ file: draw, find: `if (!canBeDecided(task.card)) return done('deleted by hand, and over');`, put: '' }],
    test: 'faults/platform/slack-posts',
    title: 'row 26: a deleted card that somebody decides elsewhere stays away',
  },
  'room-told-once': {
    about: 'a room that takes nothing is one alert, however many cards it is',
    rows: [26],
    edits: [{ file: rooms, find: 'if (!closed.has(name)) {', put: 'if (now >= 0) {' }],
    test: 'faults/platform/slack-posts',
    title: 'row 26: a room that is closed for good is tried every five minutes',
  },
  'room-probed': {
    about: 'a closed room is tried by one card in five minutes',
    rows: [26],
    edits: [
      {
        file: 'engine/outbox/draw-job.ts',
        find: 'if (rooms.isClosed(job)) {',
        put: 'if (rooms.isClosed(job) && signal.aborted) {',
      },
    ],
    test: 'faults/platform/slack-posts',
    title: 'row 26: a room that is closed for good is tried every five minutes',
  },
  'room-caught-up': {
    about: 'a room that is mended is caught up with',
    rows: [26],
    edits: [
      {
        file: 'engine/outbox/draw-job.ts',
        find: 'if (revivable !== null) await store.retryDeadLetters(revivable);',
        put: 'void revivable;',
      },
    ],
    test: 'faults/platform/slack-posts',
    title: 'told once, the other room goes on',
  },
  'room-pace': {
    about: 'new cards keep to the pace of their room',
    rows: [27],
    edits: [
      {
        file: rooms,
        find: 'if (allowance !== undefined) spend(job.lane, allowance);',
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
        file: 'core/approval/lanes.ts',
        find: 'const dueBy = (open ? pause.deadline : null) ?? NO_DEADLINE;',
        put: 'const dueBy = NO_DEADLINE;',
      },
    ],
    test: 'faults/platform/slack-posts',
    title: 'row 27',
  },
  'none-that-is-over': {
    about: 'what has run out meanwhile gets no card',
    rows: [27],
    edits: [{ file: draw, find: ' || isOverdue(one, task.slot, clock.now())', put: '' }],
    test: 'faults/platform/slack-posts',
    title: 'row 27',
  },
} as const satisfies Remedies;
