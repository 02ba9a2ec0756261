import assert from 'node:assert/strict';
import type { IncomingHttpHeaders, RequestListener } from 'node:http';
import { describe, test } from 'node:test';
import type { Pause } from '../../../../src/core/approval/pause/pause.ts';
import { isRecord } from '../../../../src/core/text/json.ts';
import {
  API_KEY,
  APP_KEY,
  type Bench,
  frame,
  type Listening,
  readText,
  sendStream,
  withGateway,
} from '../support/backend.ts';
import { asked, post, type Sent, start } from '../support/caller.ts';

const CHAT_KEY = 'rt_test_key_of_the_chat_0005';
const keys = [APP_KEY, CHAT_KEY, API_KEY];
const names = new Map([
  [APP_KEY, 'shop'],
  [CHAT_KEY, 'chat'],
]);
const by = (requester: string) => ({ 'x-countersign-requester': requester });
const second = { type: 'approval_start', executionId: 'exec_1', approvalId: 'appr_2', toolName: 'refund' };

interface World extends Bench {
  gateway: Listening;
  /** The headers of each call that was forwarded. */
  forwarded: IncomingHttpHeaders[];
}

/** Each call is answered with the next of these events, in a stream of its own. */
function withRun(events: readonly (typeof asked)[], use: (world: World) => Promise<void>): Promise<void> {
  const forwarded: IncomingHttpHeaders[] = [];
  const upstream: RequestListener = async (request, response) => {
    await readText(request);
    const event = events[forwarded.length] ?? asked;
    forwarded.push(request.headers);
    sendStream(response, frame(start) + frame(event));
  };
  return withGateway(upstream, { gateway: { keys, names } }, (bench) => use({ ...bench, forwarded }));
}

async function pausesAfter({ gateway, intake }: World, calls: readonly Sent[]): Promise<readonly Pause[]> {
  for (const call of calls) await post(gateway.url, call);
  return intake.pauses;
}

const requesters = (pauses: readonly Pause[]) => pauses.map(({ requester }) => requester);

describe('the header x-countersign-requester', () => {
  test('names who asked for the run that its call starts, and is not passed on', () =>
    withRun([asked], async (world) => {
      const pauses = await pausesAfter(world, [{ headers: by('mara') }]);
      assert.deepEqual(requesters(pauses), ['mara']);
      assert.ok(world.forwarded.every((headers) => !('x-countersign-requester' in headers)));
    }));

  test('holds for the whole run: a later call can’t leave it out, and can’t name another person', () =>
    withRun([asked, second, asked], async (world) => {
      const resume = { body: { executionId: 'exec_1', approvalId: 'appr_1', decision: 'approved' } };
      const calls = [{ headers: by('mara') }, resume, { ...resume, headers: by('jon') }];
      assert.deepEqual(requesters(await pausesAfter(world, calls)), ['mara', 'mara', 'mara']);
    }));

  test('may be given by the call that resumes a run of which no call has said it', () =>
    withRun([asked, second], async (world) => {
      const resume = { body: { executionId: 'exec_1', toolOutputs: {} }, headers: by('jon') };
      assert.deepEqual(requesters(await pausesAfter(world, [{}, resume])), [undefined, 'jon']);
    }));

  test('says nothing about the run of another caller', () =>
    withRun([asked, second], async (world) => {
      world.intake.people.add('nina');
      const resume = { key: CHAT_KEY, body: { executionId: 'exec_1', toolOutputs: {} } };
      const pauses = await pausesAfter(world, [{}, resume]);
      assert.deepEqual(requesters(pauses), [undefined, undefined]);
    }));

  const refused: readonly [what: string, sent: Sent, status: number, says: RegExp][] = [
    ['a key that the policy does not list', { key: CHAT_KEY, headers: by('mara') }, 403, /The key chat .*Add chat to/],
    ['a key without a name', { key: API_KEY, headers: by('mara') }, 403, /has no name.*NAME=KEY/],
    ['an unknown key', { key: 'rt_test_unknown', headers: by('mara') }, 403, /not one of GATEWAY_KEYS/],
    ['a website’s visitor', { path: '/v1/client/chat', headers: by('mara') }, 403, /not one of GATEWAY_KEYS/],
    ['a person who does not exist', { headers: by('nina') }, 422, /no person "nina"/],
    ['two people', { headers: by('mara, jon') }, 422, /no person "mara, jon"/],
    ['an empty value', { headers: by('') }, 422, /is empty/],
    ['a spelling that a server may read as it', { headers: { x_countersign_requester: 'mara' } }, 400, /hyphens/],
    [
      'a header that Connection takes away',
      { headers: { ...by('mara'), connection: 'x-countersign-requester' } },
      400,
      /Connection/,
    ],
  ];
  for (const [what, sent, status, says] of refused) {
    test(`of ${what} is refused with ${status}, and nothing is forwarded`, () =>
      withRun([asked], async ({ gateway, forwarded, intake }) => {
        const answer = await post(gateway.url, sent);
        const body: unknown = JSON.parse(answer.text);
        assert.ok(isRecord(body));
        assert.equal(answer.status, status, answer.text);
        assert.match(String(body['message']), says);
        assert.deepEqual([forwarded.length, intake.pauses.length], [0, 0]);
      }));
  }
});
