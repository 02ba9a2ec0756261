/** What the answer to our own call says about the approval is the truth, whatever its status and its shape. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { runs } from '../../support/property.ts';
import { type Calls, openCalls } from '../../support/worlds/faulty-calls.ts';

const VERDICT_MS = 150;
let shared: Calls;
before(async () => {
  shared = await openCalls({ timeouts: { verdictMs: VERDICT_MS } });
});
after(() => shared.close());

type Event = { type: string; [field: string]: unknown };
const frame = (event: Event) =>
  `event: ${event.type}\ndata: ${JSON.stringify({ executionId: '{executionId}', seq: 0, ...event })}\n\n`;
const verdict = (decision: unknown, type = 'approval_complete') =>
  frame({ type, approvalId: '{approvalId}', decision, resolvedBy: 'user' });
const start = frame({ type: 'execution_start', kind: 'flow', resumed: true });
const done = frame({ type: 'execution_complete', kind: 'flow', success: true, finalOutput: 'Done.' });
const resolved = {
  code: 'APPROVAL_ALREADY_RESOLVED',
  message: 'This approval was already denied by another response. The decision in force is "denied".',
};

const elsewhere = /Decided elsewhere\.|decided elsewhere/i;
const shows = {
  approved: /Approved by Dana Reyes/,
  elsewhere,
  expired: /Expired/,
  failed: /Not delivered\./,
};

const streams: [string, string[], RegExp, RegExp | null][] = [
  ['another verdict', [start, verdict('denied'), done], elsewhere, /denied/],
  ['another verdict, in the old vocabulary', [verdict('denied', 'agent_approval_complete')], elsewhere, /denied/],
  ['a time-out', [start, verdict('timeout')], shows.expired, null],
  ['a word that is not known', [verdict('cancelled')], elsewhere, /cancelled/],
  ['an error frame with the code', [frame({ type: 'error', ...resolved, recoverable: false })], elsewhere, /denied/],
  [
    'an error frame with the code inside',
    [start, frame({ type: 'execution_error', error: resolved })],
    elsewhere,
    /denied/,
  ],
  ['an error frame in words', [frame({ type: 'error', error: 'Approval already resolved' })], elsewhere, null],
  [
    'an old end with the error',
    [frame({ type: 'agent_complete', success: false, stopReason: 'error', error: 'Approval already resolved' })],
    elsewhere,
    null,
  ],
  [
    'an error that names this approval',
    [frame({ type: 'error', approvalId: '{approvalId}', error: { code: 'POLICY', message: 'Not from this key.' } })],
    shows.failed,
    /Not from this key/,
  ],
  [
    'no pause any more',
    [frame({ type: 'error', error: 'No paused execution found for this executionId' })],
    elsewhere,
    null,
  ],
  [
    'the same approval again',
    [frame({ type: 'approval_start', approvalId: '{approvalId}', toolName: 'x' })],
    shows.failed,
    /again/,
  ],
  [
    'an error of the run',
    [frame({ type: 'execution_error', error: { code: 'TOOL_FAILED', message: 'x' } })],
    shows.approved,
    null,
  ],
  [
    'another approval’s verdict',
    [frame({ type: 'approval_complete', approvalId: 'appr_x', decision: 'denied' }), done],
    shows.approved,
    null,
  ],
];

describe('row 35: a stream with status 200', () => {
  for (const [name, parts, expected, words] of streams) {
    test(`row 35: ${name}`, async () => {
      const asked = await shared.ask('runtype');
      shared.answerAs('runtype', { parts });
      await shared.press(asked);
      const text = await shared.says(asked, expected);
      if (words !== null) assert.match(text, words);
    });
  }

  test('row 35: the verdict comes after the limit: the card is corrected', async () => {
    const asked = await shared.ask('runtype');
    shared.answerAs('runtype', { parts: [start, verdict('denied')], pauseMs: 3 * VERDICT_MS });
    await shared.press(asked);
    await shared.says(asked, shows.approved);
    assert.match(await shared.says(asked, elsewhere), /denied/);
  });

  test('row 35: cut before anything was said, it is sent again', async () => {
    const asked = await shared.ask('runtype');
    shared.answerAs('runtype', { parts: [''], cut: true });
    await shared.press(asked);
    await shared.says(asked, shows.approved);
    assert.deepEqual(
      shared.calls('runtype', asked).map(({ effect }) => effect),
      [false, true],
    );
  });
});

const bodies: [string, unknown, RegExp][] = [
  ['an error with the run beside it', { success: false, executionId: '{executionId}', ...resolved }, elsewhere],
  ['a nested error', { executionId: '{executionId}', status: 'failed', error: resolved }, elsewhere],
  ['an error and success', { success: true, executionId: '{executionId}', error: resolved }, elsewhere],
  [
    'a verdict',
    { success: true, executionId: '{executionId}', approvalId: '{approvalId}', decision: 'denied' },
    elsewhere,
  ],
  ['a verdict inside', { success: true, approval: { approvalId: '{approvalId}', status: 'denied' } }, elsewhere],
  [
    'a verdict in a list',
    { data: { approvals: [{ approvalId: '{approvalId}', decision: 'timeout' }] } },
    shows.expired,
  ],
  ['events', { events: [{ type: 'approval_complete', approvalId: '{approvalId}', decision: 'denied' }] }, elsewhere],
  ['a list', [{ type: 'approval_complete', approvalId: '{approvalId}', decision: 'denied' }], elsewhere],
  [
    'words of a tool are not Runtype’s',
    {
      success: true,
      status: 'completed',
      executionId: '{executionId}',
      result: { ...resolved, approvalId: '{approvalId}' },
    },
    shows.approved,
  ],
];

describe('row 35: a body with status 200', () => {
  for (const [name, body, expected] of bodies) {
    test(`row 35: ${name}`, async () => {
      const asked = await shared.ask('runtype');
      shared.answerAs('runtype', { parts: [JSON.stringify(body)], contentType: 'application/json' });
      await shared.press(asked);
      await shared.says(asked, expected);
    });
  }

  for (const contentType of ['application/x-ndjson', 'application/json']) {
    test(`row 35: lines of JSON, as ${contentType}`, async () => {
      const asked = await shared.ask('runtype');
      const lines = [
        { type: 'execution_start', executionId: '{executionId}', resumed: true },
        { type: 'approval_complete', approvalId: '{approvalId}', decision: 'denied' },
      ];
      shared.answerAs('runtype', { parts: [lines.map((line) => `${JSON.stringify(line)}\n`).join('')], contentType });
      await shared.press(asked);
      await shared.says(asked, elsewhere);
    });
  }
});

describe('an output', () => {
  test('row 35: its call completes', async () => {
    const asked = await shared.ask('resume');
    const parts = [
      start,
      frame({ type: 'tool_complete', toolCallId: '{toolCallId}', success: true, result: {} }),
      done,
    ];
    shared.answerAs('resume', { parts });
    await shared.press(asked);
    await shared.says(asked, shows.approved);
  });

  test('row 35: the same call is announced again: it opens again', async () => {
    const asked = await shared.ask('resume');
    const again = frame({ type: 'await', toolCallId: '{toolCallId}', toolName: 'pick_slot', parameters: {} });
    shared.answerAs('resume', { parts: [start, again] });
    await shared.press(asked);
    await shared.until('the buttons again', () => (shared.buttons(asked).length > 1 ? true : undefined));
  });
});

type Said = 'approved' | 'elsewhere' | 'expired';
const words: [string, Said | null][] = [
  [start, null],
  [frame({ type: 'ping', timestamp: 'x' }), null],
  [': a comment\n\n', null],
  [frame({ type: 'text_delta', id: 't', delta: 'x' }), null],
  [frame({ type: 'approval_complete', approvalId: 'appr_x', decision: 'denied' }), null],
  [frame({ type: 'error', error: 'a hiccup', recoverable: true }), null],
  [verdict('approved'), 'approved'],
  [verdict('denied'), 'elsewhere'],
  [verdict('cancelled'), 'elsewhere'],
  [verdict('timeout', 'agent_approval_complete'), 'expired'],
  [frame({ type: 'execution_error', error: resolved }), 'elsewhere'],
];

test('the card says in the end what the first statement about it says, in any order of frames', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 5 }),
      fc.constantFrom(0, 0, 40, 2 * VERDICT_MS),
      async (frames, pauseMs) => {
        const expected = frames.find(([, said]) => said !== null)?.[1] ?? 'approved';
        const asked = await shared.ask('runtype');
        shared.answerAs('runtype', { parts: frames.map(([text]) => text), pauseMs });
        await shared.press(asked);
        await shared.says(asked, shows[expected]);
      },
    ),
    { numRuns: runs(12) },
  ));
