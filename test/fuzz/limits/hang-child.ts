/**
 * Every function that reads somebody else's text, on long texts of one pattern: the time it takes must grow with the
 * length, not with its square. In a process of its own, for what hangs can't be stopped from within. CPU time is taken,
 * which a busy machine does not stretch, and what looks too slow is looked at again.
 *
 *     node test/fuzz/limits/hang-child.ts LENGTH EVERY [FUNCTION]
 *
 * Takes every EVERYth pattern, another one for each function; prints `slow <function> <pattern> <ms> <ms>` a finding, and
 * `done <cases>`.
 */

import { readQuestion } from '../../../src/backends/inbox/http/body.ts';
import { waitOf } from '../../../src/backends/inbox/http/query.ts';
import { parseResolvers } from '../../../src/backends/inbox/settings.ts';
import { withSeq } from '../../../src/backends/runtype/gateway/hold/continuation-writer.ts';
import { routeOf } from '../../../src/backends/runtype/gateway/routes.ts';
import { createIngest } from '../../../src/backends/runtype/ingest.ts';
import { RunFactsCache } from '../../../src/backends/runtype/pause/run-facts.ts';
import { RunReader } from '../../../src/backends/runtype/stream/reader/reader.ts';
import { leadingType } from '../../../src/backends/runtype/wire/event-types.ts';
import { Frame } from '../../../src/backends/runtype/wire/frames/frame.ts';
import { FrameSplitter } from '../../../src/backends/runtype/wire/frames/frame-splitter.ts';
import { errorMessageIn } from '../../../src/backends/shared/api-errors.ts';
import { readList } from '../../../src/backends/sonzai/wire.ts';
import { toolTitle } from '../../../src/core/approval/names.ts';
import { checkForm } from '../../../src/core/form/check.ts';
import { formFromSchema } from '../../../src/core/form/from-json-schema.ts';
import { maskText } from '../../../src/core/mask/text.ts';
import { maskValue } from '../../../src/core/mask/value.ts';
import { parseReviewers } from '../../../src/core/policy/reviewers.ts';
import { canonical } from '../../../src/core/text/canonical.ts';
import { clip, clipMiddle } from '../../../src/core/text/clip.ts';
import { parseExact } from '../../../src/core/text/exact/parse.ts';
import { humanise } from '../../../src/core/text/humanise.ts';
import { reveal, revealLine } from '../../../src/core/text/visible/reveal.ts';
import { parseButtonId } from '../../../src/core/view/button-id.ts';
import { renderCard } from '../../../src/core/view/cards/approval-card.ts';
import { renderResult } from '../../../src/core/view/cards/thread-notes.ts';
import { codeBlock, escapeMarkdown, fit, quote } from '../../../src/platforms/discord/render/markdown.ts';
import { renderMessage as onDiscord } from '../../../src/platforms/discord/render/message.ts';
import { privateReply } from '../../../src/platforms/discord/render/reply.ts';
import { Organisation } from '../../../src/platforms/slack/inbound/organisation.ts';
import { parseClick } from '../../../src/platforms/slack/inbound/parse-press.ts';
import { renderMessage as onSlack } from '../../../src/platforms/slack/render/message.ts';
import { createTestClock } from '../../support/clock.ts';
import { after, announced, pauseOf } from '../../support/data/pauses.ts';
import { noGuard } from '../../support/http.ts';
import { ids } from '../../support/ids.ts';
import { oddUnits, quiet } from '../arbitrary.ts';

const length = Number(process.argv[2] ?? 100_000);
const every = Number(process.argv[3] ?? 1);
/** A quarter of the length, and the whole: four times the time is fair, sixteen times is the square. */
const SHARE = 4;
const TOO_MUCH = 9;
/** What looks too slow is measured once more, from a quarter to four times the length: sixteen is fair, 256 the square. */
const SURELY_TOO_MUCH = 64;
/** Below this a pattern is not a danger at this length, and its time is mostly noise, ms. */
const NOTICEABLE_MS = 60;

const units = [
  ...oddUnits,
  ...[
    'a',
    '  ',
    ' \n',
    '\n\n',
    '{}\n',
    '{"a":1}\n',
    '0',
    '41 1',
    '4111111111111111 ',
    'A B',
    'aB',
    'Aa',
    'a_',
    'a1',
    'a.b-',
  ],
  ...[
    'eyJaaaaaaaaa-',
    'eyJaaaaaaaa.',
    'eyJhbGciOiJIUzI1NiJ9.',
    'eyJhbGciOiJIUzI1NiJ9.e30.',
    'LS0tLS1CRUdJTi',
    'glpat-',
    'eyJaaaaaaaaa.aaaaaaaaa.',
    'sk_',
    'SG.aaaaaaaaaaaaaaaaaa',
    'xoxb-',
    'AKIA',
    'MMMMMM',
  ],
  ...[
    '-----BEGIN PRIVATE KEY-----',
    '-----END ',
    'password: ',
    'token=token=',
    "pwd='",
    'secret="',
    'api_key',
    '://a:',
    '://a:b',
    'a:b1cd@',
    'a:b@tcp',
    'sqlplus a/b',
  ],
  ...[
    'data: ',
    'data:x\n',
    'event: a\r\n',
    ': \n',
    '"seq":1,',
    '{"seq":1},',
    '[{',
    '\\"',
    '"',
    '1e1,',
    '12345678901234567,',
  ],
  ...[
    'Bearer ',
    'Basic aaaaaaaaaaaa ',
    'hooks.slack.com/services/',
    'wait=',
    'a=b,',
    'slack:U1,',
    't=slack:U1,',
    '%2f',
    '/v1/',
  ],
];

const never = () => {};
const pieces = (text: string) => {
  const bytes = Buffer.from(text);
  return Array.from({ length: Math.ceil(bytes.length / 1_000) }, (_, at) =>
    bytes.subarray(at * 1_000, at * 1_000 + 1_000),
  );
};
const readFrame = (frame: Frame) => [frame.event, frame.id, frame.json()];
const names = (text: string) =>
  Object.fromEntries((text.match(/[\s\S]{1,12}/g) ?? []).map((name, at) => [`${name}${at % 7}${at}`, at]));
const stateOf = (text: string) =>
  after(
    announced({ pause: pauseOf({ tool: text, reason: text, description: text, asker: text, parameters: { text } }) }),
  );
const tryTo = (work: () => unknown) => {
  try {
    work();
  } catch {
    // Refused is as good as read; only time counts here.
  }
};

const ingest = createIngest({
  guard: noGuard,
  verify: () => ({ ok: true, id: 'msg_1' }),
  intake: {
    deliver: async () => 'recorded',
    requesterNamed: () => ({ type: 'refused' }),
    isAsShown: () => true,
    waiting: async () => [],
    recordApplicationDecision: async () => ({ type: 'pass' }),
    settleApplicationDecision: async () => {},
  },
  runFacts: new RunFactsCache(),
  ingestedFacts: new RunFactsCache(),
  forPeople: () => true,
  clock: createTestClock(),
  log: quiet,
});

const functions: Record<string, (text: string) => unknown> = {
  maskText,
  'maskValue, many names': (text) => maskValue(names(text)),
  'maskValue, hidden names': (text) => maskValue(names(text), Object.keys(names(text))),
  'maskValue, secret names': (text) =>
    maskValue(
      Object.fromEntries((text.match(/[\s\S]{1,8}/g) ?? []).map((_, at) => [`AKIA${String(at).padStart(16, 'A')}`, 1])),
    ),
  reveal,
  revealLine,
  humanise,
  canonical: (text) => canonical(names(text)),
  clip: (text) => clip(text, text.length - 1),
  clipMiddle: (text) => clipMiddle(text, 2_400),
  toolTitle: (text) => toolTitle(pauseOf({ tool: text, kind: 'item' }), 100),
  'a card in both rooms': (text) => [
    onSlack(renderCard(stateOf(text), { backend: 'X' })),
    onDiscord(renderCard(stateOf(text), { backend: 'X' })),
  ],
  'a card of many parameters': (text) =>
    onDiscord(renderCard(after(announced({ pause: pauseOf({ parameters: names(text) }) })), { backend: 'X' })),
  'a result': (text) => renderResult({ ...after(announced()), continuation: { state: 'completed', text } }, 'X'),
  escapeMarkdown,
  quote,
  codeBlock,
  fit: (text) => fit(text, 340, escapeMarkdown),
  privateReply: (text) => privateReply(text, text),
  parseButtonId,
  parseClick: (text) =>
    parseClick(
      { user: { id: text }, trigger_id: text, actions: [{ action_id: text, action_ts: text, value: text }] },
      new Organisation({ teamId: 'T1', enterpriseId: null }, async () => {}),
    ),
  parseReviewers: (text) => tryTo(() => parseReviewers(text, ids)),
  parseResolvers: (text) => tryTo(() => parseResolvers(text, ids)),
  waitOf: (text) => waitOf(undefined, text),
  routeOf: (text) => routeOf('POST', text),
  'parseExact, as it stands': (text) => tryTo(() => parseExact(text)),
  'parseExact, as a list': (text) => tryTo(() => parseExact(`[${text}1]`)),
  'parseExact, as a text': (text) => parseExact(JSON.stringify({ text, number: 1e3 })),
  readQuestion: (text) => readQuestion(JSON.stringify({ context: text, payload: text })),
  'readQuestion, as it stands': (text) => readQuestion(text),
  readList: (text) => readList({ pending_count: 1, items: [{ approval_id: text, created_at: text, type: text }] }),
  errorMessageIn: (text) => [
    errorMessageIn({ error: text, errors: [text, text] }, null),
    errorMessageIn(undefined, text),
  ],
  // All of a delivery is read before anything of it is awaited.
  'events, as they look': (text) => ingest({}, Buffer.from(text)).catch(never),
  'an event stream': (text) => {
    const splitter = new FrameSplitter();
    for (const piece of pieces(text)) for (const frame of splitter.push(piece)) readFrame(frame);
    splitter.end().forEach(readFrame);
  },
  'an event stream, byte by byte': (text) => {
    const splitter = new FrameSplitter();
    for (const byte of Buffer.from(text.slice(0, text.length / 10))) splitter.push(Uint8Array.of(byte));
    splitter.end().forEach(readFrame);
  },
  'an event stream of frames that are too long': (text) => {
    const splitter = new FrameSplitter({ maxBytes: 64 });
    for (const piece of pieces(text)) for (const frame of splitter.push(piece)) readFrame(frame);
  },
  'a frame': (text) => [readFrame(new Frame(`data: ${text}\n\n`)), leadingType(text)],
  'a frame with another number': (text) =>
    tryTo(() =>
      withSeq(
        new Frame(
          `data: {"type":"x","text":${JSON.stringify(text)},"list":[${text.startsWith('{') ? `${text}1` : 1}],"seq":1}\n\n`,
        ),
        7,
      ),
    ),
  'a reader': (text) => {
    const reader = new RunReader({
      runFacts: new RunFactsCache(),
      clock: createTestClock(),
      log: quiet,
      via: 'stream',
    });
    reader.event({ type: 'execution_start', executionId: 'e', agentName: text });
    reader.event({ type: 'approval_start', executionId: 'e', approvalId: 'a', toolName: text, parameters: { text } });
    for (let count = 0; count < 50; count += 1)
      reader.read(
        new Frame(`event: text_delta\ndata: ${JSON.stringify({ delta: text.slice(0, text.length / 50) })}\n\n`),
      );
    reader.end('cut');
  },
  'a form': (text) => {
    const form = formFromSchema({
      type: 'object',
      properties: {
        [text.slice(0, 190)]: { type: 'string', title: text, description: text, enum: [text.slice(0, 400)] },
      },
    });
    checkForm(form, Object.fromEntries(form.fields.map(({ key }) => [key, text.slice(0, 3_000)])));
  },
};

function cpuMs(work: () => unknown): number {
  const began = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1_000;
}

/** The least of some tries: whatever else took time did so once. */
function least(tries: number, work: () => unknown): number {
  return Math.min(...Array.from({ length: tries }, () => cpuMs(work)));
}

const only = process.argv[4];
let cases = 0;

/** Looks at one text, and says so where it is too slow for its length. */
function look(name: string, run: (text: string) => unknown, whole: string, pattern: string): void {
  cases += 1;
  const first = cpuMs(() => run(whole));
  if (first < NOTICEABLE_MS) return;
  const part = whole.slice(0, length / SHARE);
  // Warm first, so that what is compiled meanwhile is not taken for the input's doing.
  run(part);
  const short = least(3, () => run(part));
  if (first < TOO_MUCH * Math.max(short, 1)) return;
  const longer = whole.repeat(SHARE);
  const long = least(3, () => run(longer));
  if (long < SURELY_TOO_MUCH * Math.max(short, 1)) return;
  process.stdout.write(`slow ${name} ${JSON.stringify(pattern)} ${short.toFixed(1)} ${long.toFixed(1)}\n`);
}

for (const [turn, [name, run]] of Object.entries(functions).entries()) {
  if (only !== undefined && only !== name) continue;
  for (const [at, unit] of units.entries()) {
    if ((at + turn) % every !== 0) continue;
    const text = unit.repeat(Math.ceil(length / unit.length)).slice(0, length);
    look(name, run, text, unit);
    look(name, run, `x${text}!\n`, unit);
    look(name, run, `{}${text}`, unit);
  }
}
process.stdout.write(`done ${cases}\n`);
