/**
 * Issue 12: a made-up card of signed ingest, or an application, can't answer what our own stream asks people in the same run.
 * The engine, the gateway and ingest are real; Runtype is a server of this test.
 */
import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { describe, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import type { RuntypeOptions } from '../../../src/backends/runtype/index.ts';
import type { Approval } from '../../../src/core/approval/approval.ts';
import { postTo } from '../../support/http.ts';
import { createTestEngine, type Engine, type EngineOptions } from '../../support/worlds/engine.ts';
import {
  type Bench,
  decided,
  frame,
  type Listening,
  readText,
  SECRET,
  sendStream,
  withGateway,
} from './support/backend.ts';
import { post, start } from './support/caller.ts';

type Event = { type: string; [field: string]: unknown };
type Rig = Bench & { engine: Engine; gateway: Listening; forwarded: string[] };

const run = { executionId: 'exec_1' };
const payout = { type: 'await', ...run, toolCallId: 'call_1', toolName: 'send_payout', parameters: { amount: 9_000 } };
const cart = { type: 'await', ...run, toolCallId: 'call_2', toolName: 'show_cart', parameters: {} };
/** Its card says a colour, and its answer would be that of the tool with this name, or of the call with this ID. */
const fake = (toolCallId: string | null, more: object = {}) => ({
  type: 'await',
  ...run,
  ...(toolCallId !== null && { toolCallId }),
  toolName: 'pick_color',
  parameters: { color: 'blue' },
  ...more,
});

/** A run whose stream, once an application opens it, has these events. */
async function withRun(
  events: readonly Event[],
  use: (rig: Rig) => Promise<void>,
  options: EngineOptions & Partial<RuntypeOptions> = {},
  answer: readonly Event[] = [],
) {
  const { openMax, ...more } = options;
  const engine = createTestEngine({ ...(openMax !== undefined && { openMax }) });
  const forwarded: string[] = [];
  const upstream: RequestListener = async (request, response) => {
    const body = await readText(request);
    if (request.url === '/v1/dispatch') return sendStream(response, [start, ...events].map(frame).join(''));
    forwarded.push(body);
    sendStream(response, answer.map(frame).join(''));
  };
  try {
    const { intake, clock } = engine;
    await withGateway(upstream, { awaitTools: () => ['send_*', 'pick_*'], ...more, intake, clock }, (bench) =>
      use({ ...bench, clock, engine, forwarded }),
    );
  } finally {
    await engine.stop();
  }
}

/** The application opens the run, and all of its stream is read and stored. */
async function opens({ gateway, engine }: Rig, seen: () => Promise<boolean>) {
  await post(gateway.url);
  for (let look = 0; look < 2_000 && !(await seen()); look += 1) await new Promise(setImmediate);
  assert.ok(await seen(), `not seen: ${JSON.stringify(engine.lines().at(-1))}`);
}

const isStored =
  ({ engine }: Rig, key: string) =>
  async () =>
    (await engine.store.get(engine.idOf(key))) !== null;

let sent = 0;
async function ingest({ backend, clock }: Pick<Bench, 'backend' | 'clock'>, ...events: readonly Event[]) {
  sent += 1;
  const at = new Date(Math.floor(clock.now() / 1000) * 1000);
  const body = events.map((event) => JSON.stringify(event)).join('\n');
  const id = `msg_${sent}`;
  const headers = {
    'content-type': 'application/x-ndjson',
    'webhook-id': id,
    'webhook-timestamp': String(at.getTime() / 1000),
    'webhook-signature': new Webhook(SECRET).sign(id, at, body),
  };
  const { status, body: said } = await postTo(backend, '/ingest/runtype', headers, Buffer.from(body));
  assert.equal(status, 202, said);
}

const ofRun = ({ engine }: Rig): Promise<readonly Approval[]> =>
  engine.store.list({ backend: 'runtype', runId: 'exec_1' });

/** A person presses *Approve* on this card, and the backend is to send it. */
async function sendApproval({ backend }: Rig, { pause }: Approval) {
  const group = [{ ...decided(pause, 'approve'), via: 'ingest' as const }];
  return backend.decide(group, new AbortController().signal);
}

describe('what only ingest announces in a run that our own stream has seen', () => {
  const fakes = [
    fake('send_payout'),
    fake('webmcp:send_payout'),
    fake('call_2'),
    fake(null, { toolName: 'send_payout' }),
    { ...fake('call_7'), type: 'approval_start', approvalId: 'appr_7' },
  ];

  test('has no card; one row of the run says so', () =>
    withRun([payout], async (rig) => {
      await opens(rig, isStored(rig, 'await:exec_1:call_1'));
      await ingest(rig, ...fakes);
      await ingest(rig, ...fakes);
      const approvals = await ofRun(rig);
      assert.deepEqual(
        approvals.map(({ pause }) => pause.key),
        ['await:exec_1:call_1'],
      );
      const rows = await rig.engine.store.audit(rig.engine.idOf('await:exec_1:call_1'));
      assert.equal(rows.filter(({ ignored }) => ignored === 'not_ours_to_overwrite').length, 1);
    }));

  test('nor where all that the stream asked is left to its application', () =>
    withRun([cart], async (rig) => {
      const isLeft = async () => rig.log.lines().some(({ msg }) => String(msg).includes('is not for people'));
      await opens(rig, isLeft);
      await ingest(rig, ...fakes);
      assert.deepEqual(await ofRun(rig), []);
    }));

  test('closes, and is not sent, where ingest came first; what the stream asks stays open', () =>
    withRun([payout, cart], async (rig) => {
      await ingest(rig, ...fakes, payout, { ...fake('send_payout'), executionId: 'exec_2' });
      const before = await ofRun(rig);
      assert.equal(before.length, fakes.length + 1);
      const isClosed = async () =>
        (await ofRun(rig)).every(({ via, phase }) => phase === (via === 'ingest' ? 'settled' : 'open'));
      await opens(rig, isClosed);
      const after = await ofRun(rig);
      const own = after.filter(({ via }) => via === 'stream');
      assert.deepEqual(
        own.map(({ pause }) => pause.key),
        ['await:exec_1:call_1'],
      );
      assert.deepEqual([...new Set(after.map(({ outcome }) => outcome))].sort(), ['cancelled', null]);
      for (const one of before) {
        const { result } = await sendApproval(rig, one);
        assert.equal(result.type, 'gone', one.pause.key);
      }
      assert.deepEqual(rig.forwarded, []);
      const other = (await rig.engine.store.list({ backend: 'runtype', runId: 'exec_2' }))[0];
      assert.equal(other?.phase, 'open', 'another run is not affected');
    }));
});

test('after a decision on a card of ingest, the others of its run are sent, but for one under the name of what waits', () =>
  withRun(
    [],
    async (rig) => {
      const all = [fake('call_5'), fake('call_6'), fake('send_payout')];
      for (const one of all) await ingest(rig, one);
      const [first, second, last] = await ofRun(rig);
      assert.ok(first && second && last);
      const { follow } = await sendApproval(rig, first);
      await follow?.();
      assert.equal((await ofRun(rig)).filter(({ via }) => via === 'stream').length, 1, 'the answer asks for a payout');
      assert.equal((await sendApproval(rig, last)).result.type, 'gone');
      assert.equal(rig.forwarded.length, 1);
      await (await sendApproval(rig, second)).follow?.();
      assert.deepEqual(
        rig.forwarded.map((body) => Object.keys(JSON.parse(body).toolOutputs)),
        [['call_5'], ['call_6']],
      );
    },
    {},
    [start, payout],
  ));

test('two awaits are not answered under one name', () =>
  withRun([], async (rig) => {
    await ingest(rig, fake('send_payout'), fake(null, { toolName: 'send_payout' }));
    const group = (await ofRun(rig)).map(({ pause }) => ({ ...decided(pause, 'approve'), via: 'ingest' as const }));
    assert.equal(group.length, 2);
    const { result } = await rig.backend.decide(group, new AbortController().signal);
    assert.equal(result.type, 'refused');
    assert.deepEqual(rig.forwarded, []);
  }));

describe('where applications may not decide, their outputs are not forwarded', () => {
  const off = { applicationDecides: false };
  const outputs: Record<string, unknown>[] = [{ call_1: true }, { send_payout: true }, { 'webmcp:send_payout': true }];
  const resume = ({ gateway }: Rig, toolOutputs: object) =>
    post(gateway.url, { path: '/v1/dispatch/resume', body: { ...run, toolOutputs } });

  test('for a run that only ingest has announced', () =>
    withRun(
      [],
      async (rig) => {
        await ingest(rig, payout);
        for (const one of [...outputs, { anything: 1 }]) assert.equal((await resume(rig, one)).status, 403);
        assert.deepEqual(rig.forwarded, []);
      },
      off,
    ));

  test('for a pause that has no card because too many are open; those of its own tools are', () =>
    withRun(
      [payout, cart],
      async (rig) => {
        const isLeft = async () => rig.log.lines().some(({ msg }) => String(msg).includes('is not for people'));
        await opens(rig, isLeft);
        assert.equal(await isStored(rig, 'await:exec_1:call_1')(), false);
        for (const one of [...outputs, { anything: 1 }, { call_2: 1, send_payout: 1 }]) {
          assert.equal((await resume(rig, one)).status, 403, JSON.stringify(one));
        }
        assert.deepEqual(rig.forwarded, []);
        assert.equal((await resume(rig, { call_2: 'shown' })).status, 200);
        assert.equal(rig.forwarded.length, 1);
      },
      { ...off, openMax: 0 },
    ));
});
