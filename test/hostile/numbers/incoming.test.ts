/**
 * Numbers are text: what comes in has the digits in which it was written. Each way in is a function from JSON to the pause
 * that a person decides on.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { pauseOf as hookPulsePause, readPage } from '../../../src/backends/hookpulse/wire.ts';
import { inboxPause } from '../../../src/backends/inbox/item.ts';
import { createIngest } from '../../../src/backends/runtype/ingest.ts';
import { RunFactsCache } from '../../../src/backends/runtype/pause/run-facts.ts';
import { RunReader } from '../../../src/backends/runtype/stream/reader/reader.ts';
import { eventsOf, parseJson } from '../../../src/backends/runtype/wire/json-body.ts';
import { readList, pauseOf as sonzaiPause } from '../../../src/backends/sonzai/wire.ts';
import { approvalSchema } from '../../../src/core/approval/approval.ts';
import { limitPause } from '../../../src/core/approval/pause/limit-pause.ts';
import type { Pause } from '../../../src/core/approval/pause/pause.ts';
import { createRedactor } from '../../../src/core/approval/pause/redact.ts';
import { subjectText } from '../../../src/core/approval/subject.ts';
import { maskValue } from '../../../src/core/mask/value.ts';
import { parseExact } from '../../../src/core/text/exact/parse.ts';
import { shallow } from '../../../src/core/text/json.ts';
import { renderCard } from '../../../src/core/view/cards/approval-card.ts';
import { detailsOf } from '../../../src/core/view/details/sections.ts';
import { aBrand, unread } from '../../backends/hookpulse/support.ts';
import { RecordingIntake } from '../../backends/runtype/support/backend.ts';
import { createTestClock } from '../../support/clock.ts';
import { after, announced, pauseOf } from '../../support/data/pauses.ts';
import { noGuard } from '../../support/http.ts';
import { captureLog } from '../../support/log.ts';
import { jsonSpelling, numberSpelling } from '../../support/numbers.ts';
import { runs } from '../../support/property.ts';
import { asked, framesOf, inboxWireOf, onOneLine, onSeveral, payloadIn } from './wire.ts';

const { log } = captureLog();
const clock = createTestClock();
const reader = () => new RunReader({ runFacts: new RunFactsCache(), clock, log, via: 'stream' });

function announcedIn(deliveries: readonly { type: string; pause?: Pause }[]): Pause {
  const pause = deliveries.find(({ type }) => type === 'announced')?.pause;
  assert.ok(pause !== undefined);
  return pause;
}

async function ingested(body: string, type: string): Promise<Pause> {
  const intake = new RecordingIntake();
  const receive = createIngest({
    guard: noGuard,
    verify: () => ({ ok: true, id: 'msg_1' }),
    intake,
    runFacts: new RunFactsCache(),
    ingestedFacts: new RunFactsCache(),
    forPeople: () => true,
    clock,
    log,
  });
  const { status } = await receive({ 'content-type': type }, Buffer.from(body));
  assert.equal(status, 202);
  const [pause] = intake.pauses;
  assert.ok(pause !== undefined);
  return pause;
}

const sonzaiItem = (payload: string) => `{"approval_id":"apr_1","type":"message","context":"c","payload":${payload}}`;
/** Ways in: from the JSON of a payload to the pause that a person decides on. */
const waysIn: Record<string, (payload: string) => Pause | Promise<Pause>> = {
  'a frame': (payload) => announcedIn(framesOf(onOneLine(asked(payload))).flatMap((one) => reader().read(one))),
  'a frame of several data lines': (payload) =>
    announcedIn(framesOf(onSeveral(asked(payload), '\r\n')).flatMap((one) => reader().read(one))),
  'an await': (payload) =>
    announcedIn(framesOf(onOneLine(asked(payload, 'flow_await'))).flatMap((one) => reader().read(one))),
  'an answer in one piece': (payload) => {
    const body = `{"status":"paused","pausedReason":{"executionId":"exec_1","approvals":[${asked(payload)}]}}`;
    return announcedIn(eventsOf(parseJson(Buffer.from(body))).flatMap((event) => reader().event(event)));
  },
  'ingest of one event': (payload) => ingested(asked(payload), 'application/json'),
  'ingest of lines': (payload) =>
    ingested(`{"type":"ping"}\n${asked(payload).replaceAll('\n', '')}\n`, 'application/x-ndjson'),
  'ingest of a stream': (payload) => ingested(onSeveral(asked(payload)), 'text/event-stream'),
  'Sonzai’s list': (payload) => {
    const list = readList(parseExact(`{"items":[${sonzaiItem(payload)}],"pending_count":1.0}`));
    assert.ok(list?.count === 1 && list.pending[0] !== undefined);
    return sonzaiPause(list.pending[0]);
  },
  'our own inbox': (payload) => inboxPause(inboxWireOf(payload)),
};

/** What a pause passes through before and after it is stored. */
const stations: Record<string, (pause: Pause) => Pause> = {
  'the limits of a pause': (pause) => limitPause(pause, clock.hash),
  'the operator’s redaction': createRedactor({ keys: ['nothing'], patterns: [/no such text/] }).pause,
  'the store': (pause) => approvalSchema.parse(parseExact(JSON.stringify(after(announced({ pause }))))).pause,
  'the depth limit': (pause) => ({ ...pause, parameters: shallow(pause.parameters) as Pause['parameters'] }),
};

describe('what comes in keeps its digits', () => {
  for (const [name, pauseFrom] of Object.entries(waysIn)) {
    test(name, () =>
      fc.assert(
        fc.asyncProperty(jsonSpelling(), jsonSpelling(), async (payload, other) => {
          // An inbox takes a null for none.
          fc.pre(payload !== 'null');
          const pause = await pauseFrom(payload);
          assert.equal(payloadIn(pause), payload);
          for (const [station, passed] of Object.entries(stations)) {
            assert.equal(payloadIn(passed(pause)), payload, station);
          }
          assert.equal(pause.repeated, undefined);
          if (other !== payload && other !== 'null') {
            assert.notEqual(subjectText(await pauseFrom(other)), subjectText(pause), 'other digits: another question');
          }
        }),
        { numRuns: runs(60) },
      ),
    );
    test(`${name}: a key that is given twice is named`, async () => {
      const pause = await pauseFrom('{"to":{"amount":5.0,"amount":50.0}}');
      assert.deepEqual(pause.repeated ?? ['payload.to.amount'], ['payload.to.amount']);
      assert.ok(pause.repeated !== undefined || name === 'our own inbox', 'the inbox refuses it before');
      assert.equal(payloadIn(pause), '{"to":{"amount":50.0}}');
    });
  }

  test('HookPulse’s list', () =>
    fc.assert(
      fc.property(numberSpelling(), (number) => {
        fc.pre(Number.isFinite(Number(number)));
        const step = `{"execution_plan_uuid":"p","step_identifier":"s","workflow_index":1.0,"delay_to_next_step":${number}}`;
        const page = readPage(
          parseExact(`{"success":true,"data":[${step}],"meta":{"total_count":1.0,"has_next":false}}`),
        );
        assert.ok(page?.steps[0] !== undefined && page.totalCount === 1);
        const { parameters } = hookPulsePause(page.steps[0], aBrand, unread);
        assert.deepEqual([parameters['then_waits'], parameters['position']], [`${number} s`, 1]);
      }),
      { numRuns: runs(100) },
    ));
});

test('what is shown has the digits that came in, on the card, in Details and behind a mask', () =>
  fc.assert(
    fc.property(fc.array(numberSpelling(), { minLength: 1, maxLength: 8 }), (numbers) => {
      const text = `{${numbers.map((number, index) => `"amount ${index}":${number},"of${index}":[{"a":${number}}]`).join(',')}}`;
      const parameters = parseExact(text) as Pause['parameters'];
      const approval = after(announced({ pause: pauseOf({ parameters }) }));
      const card = JSON.stringify(renderCard(approval, { backend: 'Runtype' }));
      const details = JSON.stringify(detailsOf(approval, [], 'Runtype'));
      for (const number of numbers) {
        assert.ok(card.includes(`: ${number}`), number);
        assert.ok(details.includes(`: ${number}`), number);
      }
      assert.equal(JSON.stringify(maskValue(parameters).value), text);
    }),
    { numRuns: runs(100) },
  ));
