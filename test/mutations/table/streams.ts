/** Rows 1 to 8: what a run tells, by its stream, by a list, by a webhook. */
import { crashMutations } from '../../crash/checker/mutations.ts';
import type { Mutations } from '../mutation.ts';

const reading = 'openSession';

export const streamMutations = {
  'stream-last-event': {
    about: 'a pause whose JSON is whole counts, though its blank line never came',
    rows: [1],
    edits: [
      {
        in: 'FrameSplitter',
        find: 'if (hasMore) this.#complete((frame) => frames.push(frame), true);',
        put: '',
      },
    ],
    test: 'faults/backend/streams',
    title: 'of a run that is not durable: a card if the frame was complete',
  },
  'stream-join-again': {
    about: 'a run that Runtype keeps is joined again where its stream broke off',
    rows: [1, 3],
    edits: [
      {
        in: reading,
        find: 'const reading = this.#options.reconnect({ ...facts.replay, executionId }, broken);',
        put: 'void broken; const reading = Promise.resolve();',
      },
    ],
    test: 'faults/backend/streams',
    title: 'of a durable run: reconnected, one card',
  },
  'stream-loss-is-told': {
    about: 'a stream that broke off for good is reported as lost',
    rows: [1, 3],
    edits: [{ in: reading, find: 'if (isKnown || !isLeft) this', put: 'if (isKnown) this' }],
    test: 'faults/backend/streams',
    title: 'of a run that is not durable: reported as lost',
  },
  'stream-record-is-read': {
    about: 'how a lost run of a saved agent ended is read in its record',
    rows: [1],
    edits: [{ in: reading, find: 'if (end !== null) this.#reader.recorded(end);', put: 'void end;' }],
    test: 'faults/backend/records',
    title: 'its record says that it is completed',
  },
  'stream-record-of-this-call': {
    about: 'the record of another tool call proves nothing',
    rows: [34],
    edits: [
      {
        in: 'callEndIn',
        find: 'return isThis ? { ok: !isError(record) } : null;',
        put: 'void isThis; return { ok: !isError(record) };',
      },
    ],
    test: 'faults/backend/records',
    title: 'of another call proves nothing',
  },
  'stream-waits-besides': {
    about: 'a run whose other pauses still wait is paused, not lost',
    rows: [1],
    edits: [{ in: reading, find: "if (others.length > 0) this.#besides = 'paused';", put: 'void others;' }],
    test: 'stories/runs/several-pauses',
    title: 'the response stays held until the last one',
  },
  'stream-split-letters': {
    about: 'a letter whose bytes come in two pieces is one letter',
    rows: [2],
    edits: [
      {
        in: 'FrameSplitter',
        find: 'const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);',
        put: `const buffer = Buffer.from(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));`,
      },
    ],
    test: 'fuzz/edges/sse',
    title: 'row 2: cut anywhere is read as the specification says',
  },
  'stream-one-mark': {
    about: 'a stream may begin with one byte order mark, and the next one is text',
    rows: [2],
    edits: [
      {
        in: 'FrameSplitter',
        find: 'return this.#isFirst && raw.startsWith(MARK) ? MARK.length : 0;',
        put: 'return raw.lastIndexOf(MARK) + 1 && raw.lastIndexOf(MARK) + MARK.length;',
      },
    ],
    test: 'backends/runtype/wire/frames/frames',
    title: 'a second byte order mark is part of the first line',
  },
  'pause-one-key': {
    about: 'a pause has one key, whichever way it is heard of',
    rows: [4],
    edits: [
      {
        in: 'announce',
        find: 'const { id, pause: sent } = recurs ? await latestGeneration(whole, deps) : withId(whole, clock);',
        put: 'const { id, pause: sent } = withId({ ...whole, key: whole.key + via }, clock);',
      },
    ],
    test: 'engine/ingest/announcements',
    title: 'a pause that comes by ingest first, and by stream then, is one approval',
  },
  'pause-stream-knows-best': {
    about: 'what is sent in never overwrites what our own stream told',
    rows: [4],
    edits: [{ in: 'announced', find: /if \(state\.via === 'stream' && via !== 'stream'\) return [^;]*;/, put: '' }],
    test: 'core/approval/steps/step',
    title: 'by ingest never overwrites what our own stream told',
  },
  'ingest-ends-its-own': {
    about: 'signed ingest ends only what nothing but ingest has announced',
    rows: [4, 8],
    edits: [
      { in: 'step', find: `input.via === 'ingest' && !isOnlyIngested(state)`, put: `input.via === 'ingest' && false` },
    ],
    test: 'core/approval/steps/announced',
    title: 'and from then on, as from the first on where our stream was first, ingest ends and changes nothing',
  },
  'ingest-taken-over': {
    about: 'our own stream takes over what ingest announced and ended',
    rows: [4, 8],
    edits: [{ in: 'announced', find: /if \(state\.via === 'ingest' && via === 'stream'\) return [^;]*;/, put: '' }],
    test: 'core/approval/steps/announced',
    title: 'also after ingest ended it (cancelled)',
  },
  'ingest-in-own-run': {
    about: 'what only ingest announces in a run that our own stream has seen gets no card',
    rows: [4, 8],
    edits: [{ in: 'announce', find: 'if (own === undefined) return isSeen;', put: 'return false;' }],
    test: 'backends/runtype/ingest-own-runs',
    title: 'has no card; one row of the run says so',
  },
  'ingest-not-sent': {
    about: 'no decision on a card of ingest is sent to a run that our own stream has seen',
    rows: [4, 8],
    edits: [{ in: 'DecideOptions', find: 'own === undefined || ingested.length === 0', put: 'true' }],
    test: 'backends/runtype/ingest-own-runs',
    title: 'closes, and is not sent, where ingest came first; what the stream asks stays open',
  },
  'uncarded-refused': {
    about: 'outputs for a run with a pause that has no card are refused where applications may not decide',
    rows: [27],
    edits: [{ in: 'createRefusedDecisions', find: '(facts?.uncarded.size ?? 0) > 0', put: 'false' }],
    test: 'backends/runtype/ingest-own-runs',
    title: 'for a pause that has no card because too many are open; those of its own tools are',
  },
  'source-limit': {
    about: 'only so many approvals of one source are open',
    rows: [27],
    edits: [{ in: 'Approvals', find: `this.#sources.of(id) >= max`, put: `max < 0` }],
    test: 'engine/ingest/source-limits',
    title: 'gets no more cards, one note in each room and one alert, however many arrive at once',
  },
  'pause-unique': {
    about: 'the unique constraint: every change of an approval is a row of its own',
    rows: [4, 42],
    edits: crashMutations['no-unique-approval'].edits,
    test: 'stories/deciding/decide',
    title: 'the same pause from two sources makes one card',
  },
  'stream-told-again': {
    about: 'what a server tells again is skipped by its row',
    rows: [5],
    edits: [{ in: reading, find: 'if (!this.#position.isNew(frame)) return false;', put: '' }],
    test: 'faults/backend/streams',
    title: 'row 5: the last 1,000 events',
  },
  'stream-unreadable': {
    about: 'an event that is no JSON is left out, and nothing else',
    rows: [6],
    edits: [
      {
        in: 'RunReader',
        find: 'this.#unreadable += 1;',
        put: `throw new Error('unreadable');`,
      },
      {
        in: reading,
        find: /this\.#options\.log\.error\([^;]*, 'an event that can’t be read was skipped'\);/,
        put: 'throw thrown;',
      },
    ],
    test: 'fuzz/edges/runtype',
    title: 'row 6: of any events and rubbish says what it can',
  },
  'stream-event-limit': {
    about: 'an event has a longest length',
    rows: [6],
    edits: [
      {
        in: 'FrameSplitter',
        find: 'if (this.#size <= this.#maxBytes && this.#hasRoom()) return;',
        put: 'if (this.#maxBytes > 0) return;',
      },
    ],
    test: 'fuzz/edges/sse',
    title: 'row 6: an event too long for its limit is left out',
  },
  'stream-skips-one': {
    about: 'behind an event that is too long the next one is read',
    rows: [6],
    edits: [{ in: 'FrameSplitter', find: 'this.#isSkipping = false;', put: '' }],
    test: 'fuzz/edges/sse',
    title: 'row 6: an event too long for its limit is left out',
  },
  'stream-passed-unread': {
    about: 'an event is passed unread only where its name and its type say the same',
    rows: [6],
    edits: [{ in: 'Skimmer', find: '(name !== undefined && name !== type)', put: 'false' }],
    test: 'backends/runtype/wire/frames/skim',
    title: 'whose type is another than its name',
  },
  'pause-lacks-its-id': {
    about: 'a pause that names no approval has a card without buttons',
    rows: [6],
    edits: [
      {
        in: 'approvalPause',
        find: "if (asked.type === 'approval' && asked.approvalId === null) return 'approval_id';",
        put: '',
      },
    ],
    test: 'stories/rooms/honest',
    title: 'no approval id: a card that says why',
  },
  'pause-unreadable-is-told': {
    about: 'a pause that can’t be read is a note in the room',
    rows: [6],
    edits: [
      {
        in: 'RunReader',
        find: 'return isPause && !frame.isCut ? this.unreadable() : [];',
        put: 'void isPause; return [];',
      },
    ],
    test: 'stories/rooms/honest',
    title: 'what can’t be read is a note in the room, and counted',
  },
  'call-over-on-its-way': {
    about: 'the end of a call says nothing about our own decision that is on its way',
    rows: [4],
    edits: [
      { in: 'resolved', find: "if (completed && onItsWay) return ignore(state, 'too_late');", put: 'void completed;' },
    ],
    test: 'core/approval/steps/step',
    title: 'the end of its call closes what is undecided',
  },
  'clock-off-counts-from-arrival': {
    about: 'a time-out by a clock that is off counts from the arrival',
    rows: [17],
    edits: [
      {
        in: 'askedTimes',
        find: 'const countsFrom = live && isOff ? now : askedAt;',
        put: 'const countsFrom = isOff ? askedAt : askedAt;',
      },
    ],
    test: 'core/approval/pause/asked',
    title: 'of what is announced live counts from its arrival',
  },
  'card-redrawn-when-over': {
    about: 'every copy of a card is drawn again when its approval is over',
    rows: [7],
    edits: [
      {
        in: 'byApplication',
        find: `return changed({ ...state, phase: 'settled', ...over }, leftGroup(state));`,
        put: `return { state: { ...state, phase: 'settled', ...over }, effects: leftGroup(state) };`,
      },
    ],
    test: 'faults/backend/too-late',
    title: 'row 7',
  },
  'webhook-signature': {
    about: 'a delivery counts with a signature that fits',
    rows: [8],
    edits: [{ in: 'createVerifier', find: 'return secret !== -1 ?', put: 'return matches.length > 0 ?' }],
    test: 'faults/backend/webhooks',
    title: 'row 8: a wrong signature',
  },
  'webhook-age': {
    about: 'an old delivery is refused',
    rows: [8],
    edits: [{ in: 'createVerifier', find: 'if (now - at > AGE_MAX_MS)', put: 'if (Number.isNaN(at))' }],
    test: 'faults/backend/webhooks',
    title: 'row 8: a wrong signature, an old or a future time',
  },
  'webhook-future': {
    about: 'a delivery from the future is refused',
    rows: [8],
    edits: [{ in: 'createVerifier', find: 'if (at - now > AGE_MAX_MS)', put: 'if (Number.isNaN(at))' }],
    test: 'faults/backend/webhooks',
    title: 'row 8: a wrong signature, an old or a future time',
  },
} as const satisfies Mutations;
