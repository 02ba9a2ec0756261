/** JSON with numbers, as backends and applications write it. */
import { draftSchema } from '../../../src/backends/inbox/item.ts';
import { FrameSplitter } from '../../../src/backends/runtype/wire/frames/frame-splitter.ts';
import type { Pause } from '../../../src/core/approval/pause/pause.ts';
import { parseExact } from '../../../src/core/text/exact/parse.ts';

/** A pause with this payload, on several lines. */
export const asked = (payload: string, type = 'approval_start') =>
  `{"type":"${type}","executionId":"exec_1","seq":3,"approvalId":"appr_1","toolCallId":"call_1","toolName":"refund",` +
  `"timeout":3e5,\n"parameters":{"payload":\n${payload}}}`;
export const framesOf = (text: string) => new FrameSplitter().push(Buffer.from(text));
export const onOneLine = (json: string) => `event: x\ndata: ${json.replaceAll('\n', '')}\n\n`;
export const onSeveral = (json: string, end = '\n') =>
  `${json
    .split('\n')
    .map((line) => `data: ${line}${end}`)
    .join('')}${end}`;

/** The end of a run with this result, on several lines. */
export const ended = (result: string) =>
  `{"type":"execution_complete","executionId":"exec_1","seq":7,"note":"\\u00e9\\ud83d",\n"success":true,"finalOutput":\n${result}}`;

export const payloadIn = ({ parameters }: Pause) => JSON.stringify(parameters['payload']);

export const inboxWireOf = (payload: string) => ({
  approvalId: 'apr_1',
  asker: 'a1',
  askerName: null,
  requestSha256: null,
  callbackUrl: null,
  draft: draftSchema.parse(parseExact(`{"context":"c","payload":${payload},"confidence":0.50}`)),
});

/** All spellings at once, for the interfaces that need a server. */
export const PAYLOAD =
  '{"amount":120.00,"order":1234567890123456789,"of":[1e3,-0,0.10,1E400,{"n":9007199254740993}],"text":"1.0"}';
