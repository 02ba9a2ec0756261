/**
 * Numbers are text: what goes out has the digits in which it came in. Each way out is a function from JSON to the JSON that is
 * sent.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { inboxItem, inboxPause } from '../../../src/backends/inbox/item.ts';
import { outputOf } from '../../../src/backends/runtype/decide/tool-outputs.ts';
import { decidedIn } from '../../../src/backends/runtype/gateway/decisions/decision-body.ts';
import { JsonWriter, StreamWriter } from '../../../src/backends/runtype/gateway/hold/continuation-writer.ts';
import { wireSchema } from '../../../src/backends/runtype/pause/pause.ts';
import { RunFactsCache } from '../../../src/backends/runtype/pause/run-facts.ts';
import { bytesOf, type Frame } from '../../../src/backends/runtype/wire/frames/frame.ts';
import { parseJson } from '../../../src/backends/runtype/wire/json-body.ts';
import { ask } from '../../../src/cli/ask/client.ts';
import { readDraft } from '../../../src/cli/sonzai-args.ts';
import { checkForm } from '../../../src/core/form/check.ts';
import { formFromSchema, jsonForm } from '../../../src/core/form/from-json-schema.ts';
import { numberOf, parseExact } from '../../../src/core/text/exact/parse.ts';
import { isRecord } from '../../../src/core/text/json.ts';
import { decided } from '../../backends/runtype/support/backend.ts';
import { draftOf } from '../../backends/sonzai/support.ts';
import { after, announced, pauseOf } from '../../support/data/pauses.ts';
import { jsonSpelling, numberSpelling } from '../../support/numbers.ts';
import { runs } from '../../support/property.ts';
import { asked, ended, framesOf, inboxWireOf, onOneLine, onSeveral } from './wire.ts';

/** The part of a text between these two. */
const between = (text: string, before: string, behind: string) =>
  text.slice(text.indexOf(before) + before.length, text.lastIndexOf(behind));

const utf8 = (latin1: string) => bytesOf(latin1).toString('utf8');
const frameIn = (text: string): Frame => {
  const [frame] = framesOf(text);
  assert.ok(frame !== undefined);
  return frame;
};
const wholeOf = (result: string) =>
  parseJson(Buffer.from(`{"success":true,"status":"completed","executionId":"exec_1","result":${result}}`));
const awaitWire = (asks: unknown) => {
  const wire = wireSchema.parse({
    kind: 'await',
    executionId: 'exec_1',
    toolName: 't',
    runName: null,
    clientTools: [],
    toolCallId: 'call_1',
    asks,
  });
  assert.ok(wire.kind === 'await');
  return wire;
};
const answered = (text: string, asks: unknown = null) => {
  const { decision } = decided(pauseOf(), 'take_over', text);
  assert.ok(decision !== null);
  return JSON.stringify(outputOf(awaitWire(asks), decision));
};
const textOf = (checked: ReturnType<typeof checkForm>) => {
  assert.ok(checked.ok);
  return checked.text ?? '';
};

/** Ways out: from JSON that came in to the same JSON as it is sent. */
const waysOut: Record<string, (json: string) => string | Promise<string>> = {
  'a held stream': (json) => {
    const raw = onOneLine(ended(json));
    const written = utf8(new StreamWriter(40).frame(frameIn(raw)));
    assert.equal(written, raw.replace('"seq":7', '"seq":41'), 'all its other bytes stay');
    return between(written, '"finalOutput":', '}');
  },
  'a held stream, from a frame of several data lines': (json) => {
    const raw = onSeveral(ended(json), '\r\n');
    const written = utf8(new StreamWriter(40).frame(frameIn(raw)));
    assert.equal(written, raw.replace('"seq":7', '"seq":41'));
    return between(written, '"finalOutput":\r\ndata: ', '}');
  },
  'a held stream, from an answer in one piece': (json) =>
    between(utf8(new StreamWriter(40).whole(wholeOf(json))), '"finalOutput":', '}'),
  'a held answer in one piece, from a stream': (json) => {
    const writer = new JsonWriter('{}');
    writer.frame(frameIn(onOneLine(ended(json))));
    return between(utf8(writer.close()), '"result":', '}');
  },
  'a held answer in one piece, from one': (json) => {
    const writer = new JsonWriter('{}');
    writer.whole(wholeOf(json));
    return between(utf8(writer.close()), '"result":', '}');
  },
  'the pauses in a held answer': (json) => {
    const writer = new JsonWriter('{}');
    writer.frame(frameIn(onSeveral(asked(json))));
    return between(utf8(writer.close()), '"payload":', '}}]');
  },
  'an answer in free text': (json) => between(answered(`{"a": ${json} }`), '{"a":', '}'),
  'an answer as JSON': (json) => {
    fc.pre(json.length < 2_000);
    return between(answered(textOf(checkForm(jsonForm(null), { json: `{"a":${json}}` }))), '{"a":', '}');
  },
  'an elicitation’s answer': (json) => {
    const asks = { type: 'elicitation', parts: [{ name: null, form: true }] };
    return between(answered(`{"a":${json}}`, asks), '"content":{"a":', '}}');
  },
  'an item of our own inbox': (json) => {
    const pause = inboxPause(inboxWireOf(json));
    const item = JSON.stringify(inboxItem(after(announced({ pause }))));
    assert.ok(item.includes('"confidence":0.50'));
    return between(item, '"payload":', ',"tags"');
  },
  'npm run ask --json': async (json) => {
    const body = `{"approval_id":"apr_1","status":"approved","payload":${json}}`;
    const item = await ask({
      url: 'http://127.0.0.1:3000',
      token: 't',
      question: { context: 'c' },
      key: 'k',
      timeoutMs: 1_000,
      fetch: async () => new Response(body),
      sleep: async () => {},
      now: () => 0,
      report: () => {},
    });
    return between(JSON.stringify(item), '"payload":', '}');
  },
  'npm run sonzai -- create, --item': async (json) => {
    const text = JSON.stringify({ ...draftOf('Bo'), payload: parseExact(json) });
    const draft = await readDraft(['create', '--item', '-', '--confidence', '0.50'], async () => text);
    assert.equal(JSON.stringify(draft.confidence), '0.50');
    return JSON.stringify(draft.payload);
  },
  'npm run sonzai -- create, --payload': async (json) => {
    const args = ['create', '--item', '-', `--payload=${json}`];
    return JSON.stringify((await readDraft(args, async () => JSON.stringify(draftOf('Bo')))).payload);
  },
  'an application’s own output, on the card': (json) => {
    const body = parseJson(Buffer.from(`{"executionId":"exec_1","toolOutputs":{"call_1":{"a":${json}}}}`));
    const [decision] = isRecord(body) ? decidedIn(body, new RunFactsCache()) : [];
    fc.pre((decision?.text?.length ?? 0) < 4_000);
    return between(decision?.text ?? '', '{"a":', '}');
  },
};

describe('what goes out keeps its digits', () => {
  for (const [name, sent] of Object.entries(waysOut)) {
    test(name, () =>
      fc.assert(
        fc.asyncProperty(jsonSpelling(), async (json) => {
          fc.pre(json !== 'null');
          assert.equal(await sent(json), json);
        }),
        { numRuns: runs(100) },
      ),
    );
  }

  test('a number in a form, and an option of a choice', () =>
    fc.assert(
      fc.property(numberSpelling(), (number) => {
        // As many as a field takes.
        fc.pre(Number.isFinite(Number(number)) && !/[eE][+-]?\d{4}/.test(number));
        const form = formFromSchema({
          type: 'object',
          properties: { n: { type: 'number', default: numberOf(number) }, of: { enum: ['a', numberOf(number)] } },
        });
        assert.equal(textOf(checkForm(form, { f0: number, f1: ['1'] })), `{"n":${number},"of":${number}}`);
        assert.equal(answered(`{"n":${number}}`), `{"n":${number}}`);
      }),
      { numRuns: runs(100) },
    ));
});
