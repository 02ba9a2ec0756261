/** Rows 19, 26 and 27: rooms that ask to wait, take nothing, or are tidied up. */
import type { Mutations } from '../mutation.ts';

const draw = 'createDrawJob';
const rooms = 'RoomPauses';

export const roomMutations = {
  'room-rests': {
    about: 'a room that asks to wait is left alone for so long',
    rows: [19],
    edits: [{ in: rooms, find: 'restMs: waitMs, failures, usedUp: true', put: 'failures' }],
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
    edits: [{ in: rooms, find: 'if (!wasOpen && this.#reported.has(name)) return;', put: 'void wasOpen;' }],
    test: 'faults/platform/slack-posts',
    title: 'row 26: a room that stays closed is retried every five minutes',
  },
  'room-pace': {
    about: 'new cards keep to the pace of their room',
    rows: [27],
    edits: [
      {
        in: rooms,
        find: '...(pace !== undefined && { pace }),\n      ...(hadFailed',
        put: '...(hadFailed',
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
  'refused-content-small': {
    about: 'a card whose content is refused is posted in its smallest form',
    rows: [26],
    edits: [
      { in: 'withSmallestForm', find: 'message.refusal === null ? await', put: 'message.refusal !== null ? await' },
    ],
    test: 'engine/outbox/refused-content',
    title: 'is posted in its smallest form, by one more call, and stays small while it asks for the same',
  },
  'refused-content-recorded': {
    about: 'a refusal is recorded before the smallest card is sent, so that later drawings start with it',
    rows: [26],
    edits: [
      {
        in: 'withSmallestForm',
        find: 'if (digest === null) await deps.apply(approval.id, refusalOf(message, error, false));',
        put: 'void digest;',
      },
    ],
    test: 'engine/outbox/refused-content',
    title: 'is small after a restart, too, without another try of the full one',
  },
  'refused-content-read': {
    about: 'what a smallest card does not show is read in Details before it is approved there',
    rows: [26],
    edits: [{ in: 'unseenOf', find: '(isSmall ? text.length : 0)', put: '0' }],
    test: 'engine/outbox/refused-content',
    title: 'is approved only after Details, in that room',
  },
  'refused-content-told': {
    about: 'the other copies say where a card is not shown',
    rows: [26],
    edits: [{ in: 'notShownText', find: 'refused?.final !== true', put: 'refused?.final !== false' }],
    test: 'engine/outbox/refused-content',
    title: 'is given up: one alert for each approval, and the other copy says where it is not shown',
  },
  'refused-digest-split': {
    about: 'a digest whose content is refused is split into cards',
    rows: [26],
    edits: [
      { in: 'splitRefused', find: 'leaving.length === 0) return false;', put: 'leaving.length >= 0) return false;' },
    ],
    test: 'engine/outbox/refused-content',
    title: 'is split into cards',
  },
  'thread-broadcast': {
    about: 'an open card in a thread is also sent to the channel',
    rows: [26],
    edits: [
      {
        in: 'renderCard',
        find: `approval.phase === 'open' && { broadcast: 'new' }`,
        put: `false && { broadcast: 'new' }`,
      },
    ],
    test: 'stories/rooms/broadcast',
    title: 'shows an open card of a thread',
  },
  'thread-counted': {
    about: 'the first card says how many decisions wait in its thread',
    rows: [26],
    edits: [{ in: 'reportThreadWaits', find: 'if (outdated.length === 0) return;', put: 'return;' }],
    test: 'stories/rooms/seen',
    title: 'is broadcast in Slack, has a note in the Discord room',
  },
  'thread-resurfaced': {
    about: 'a run that pauses again after a long time has a card in the room',
    rows: [26],
    edits: [{ in: 'createDrawJob', find: 'clock.now() - last < resurfaceAfterMs', put: 'clock.now() - last >= 0' }],
    test: 'engine/outbox/thread-waits',
    title: 'within half an hour is in the thread of its first card',
  },
  'broadcast-alone': {
    about: 'an old reply is sent to the channel by a call of its own, without content',
    rows: [26],
    edits: [
      {
        in: 'createSlackMessages',
        find: 'client.chat.update({ ...message, reply_broadcast: true }',
        put: 'client.chat.update({ ...message, ...renderMessage(card), reply_broadcast: true }',
      },
    ],
    test: 'platforms/slack/broadcast',
    title: 'an old reply that must be seen is sent to the channel',
  },
} as const satisfies Mutations;
