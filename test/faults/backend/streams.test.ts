/** Streams of a run that are cut, silent or replayed, and processes that end while they read one. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { RunFactsCache } from '../../../src/backends/runtype/pause/run-facts.ts';
import { ContinuationHub } from '../../../src/backends/runtype/stream/continuation-hub.ts';
import { openSession } from '../../../src/backends/runtype/stream/open-session.ts';
import type { Reconnect } from '../../../src/backends/runtype/stream/reconnect.ts';
import type { Approval } from '../../../src/core/approval/approval.ts';
import type { Pause } from '../../../src/core/approval/pause/pause.ts';
import type { Delivery, Log, ReadRun } from '../../../src/core/ports/ports.ts';
import { createRuntypeEmulator } from '../../../src/sandbox/emulators/runtype/index.ts';
import type { RuntypeOptions, Step } from '../../../src/sandbox/emulators/runtype/types.ts';
import { decided, withBackend } from '../../backends/runtype/support/backend.ts';
import { type HoldWorld, held, logged, withHold } from '../../backends/runtype/support/held.ts';
import { createTestClock } from '../../support/clock.ts';
import { asApproval } from '../../support/data/pauses.ts';
import { runs } from '../../support/property.ts';

const conversation = { with: { conversationId: 'conv_1' } };
const EVENTS = '/v1/agents/:id/executions/:executionId/events';
const quietly = () => {};
const silent: Log = { debug: quietly, info: quietly, warn: quietly, error: quietly, child: () => silent };
const never = new AbortController().signal;

/** Advances the clock until the condition holds. */
async function inTime<T>({ clock }: Pick<HoldWorld, 'clock'>, happens: Promise<T>): Promise<T> {
  const timer = setInterval(() => clock.advance(1_000), 2);
  try {
    return await happens;
  } finally {
    clearInterval(timer);
  }
}

const replays = ({ runtype }: Pick<HoldWorld, 'runtype'>) =>
  runtype.journal.entries.filter((entry) => entry.kind === 'call' && entry.path.endsWith('/events')).length;

/** The stream of a run up to its pause, and the offset where the frame of that pause begins. */
async function pauseFrame(name: string, options: RuntypeOptions, numbered: boolean) {
  const runtype = await createRuntypeEmulator(options);
  try {
    const { stream } = await runtype.runToPause(name);
    const frames = stream.split(/(?<=\n\n)/);
    const text = numbered ? frames.map((one, index) => `id: ${index + 1}\n${one}`) : frames;
    return { bytes: Buffer.from(text.join('')), frames: text, from: Buffer.byteLength(text.slice(0, -1).join('')) };
  } finally {
    await runtype.close();
  }
}

/** Reads a stream that breaks off at this byte; a durable run is replayed from the requested row. */
async function readCut(bytes: Buffer, kept: readonly string[] | null): Promise<Delivery[]> {
  const deliveries: Delivery[] = [];
  const reconnect: Reconnect = async (_, broken) => {
    const after = Number(broken.after());
    broken.begin();
    for (const one of (kept ?? []).slice(after)) broken.feed(Buffer.from(one));
    await broken.end('ended');
  };
  const reading = openSession(
    {
      runFacts: new RunFactsCache(),
      clock: createTestClock(),
      log: silent,
      hub: new ContinuationHub(),
      forPeople: () => true,
      intake: { waiting: async () => [] },
      isReadByAnother: () => false,
      reconnect,
      records: { endOf: async () => null, callEndOf: async () => null },
      stopping: never,
      deliver: async (delivery) => deliveries.push(delivery) > 0,
    },
    kept === null ? {} : { replay: { agentId: 'a', conversationId: 'c' } },
    {},
  );
  reading.feed(bytes);
  reading.finish('cut');
  await reading.done;
  return deliveries;
}

describe('row 1: a stream cut at every byte of a pause’s frame', () => {
  const frames: [string, string, RuntypeOptions][] = [
    ['an approval', 'refund-agent', {}],
    ['an await', 'slot-flow', {}],
    ['an approval of a flow, in the old vocabulary', 'approval-flow', { vocabulary: 'legacy' }],
  ];
  for (const [name, script, options] of frames) {
    test(`row 1: ${name}, of a run that is not durable: a card if the frame was complete, else reported as lost`, async () => {
      const { bytes, from } = await pauseFrame(script, options, false);
      let cardCount = 0;
      for (let at = from; at <= bytes.length; at += 1) {
        const deliveries = await readCut(bytes.subarray(0, at), null);
        const announced = deliveries.filter(({ type }) => type === 'announced').length;
        const last = deliveries.at(-1);
        const lost = last?.type === 'run_ended' && last.state === 'lost';
        assert.deepEqual([announced, lost], announced === 1 ? [1, false] : [0, true], `cut at byte ${at - from}`);
        cardCount += announced;
      }
      // The JSON is complete one byte before the line's end, and two before the frame's end.
      assert.equal(cardCount, 3);
    });

    test(`row 1: ${name}, of a durable run: reconnected, one card`, async () => {
      const { bytes, frames: kept, from } = await pauseFrame(script, options, true);
      for (let at = from; at <= bytes.length; at += 1) {
        const deliveries = await readCut(bytes.subarray(0, at), kept);
        const pauses = deliveries.flatMap((one) => (one.type === 'announced' ? [one.pause] : []));
        assert.equal(
          new Set(pauses.map(({ key, groupId }) => `${key} ${groupId}`)).size,
          1,
          `cut at byte ${at - from}`,
        );
        assert.equal(
          deliveries[0]?.type,
          'run_open',
          'a new process knows the run before anything else is reported of it',
        );
        assert.equal(deliveries.at(-1)?.type, 'run_paused');
      }
    });
  }

  test('row 1: the same over HTTP, at any byte after the frame that names the run', async () => {
    const cut = (afterBytes: number) =>
      withHold({}, async (world) => {
        world.runtype.fail('/v1/dispatch', { kind: 'cut', afterBytes });
        await (await world.dispatch('refund-agent', conversation)).end;
        await inTime(world, world.intake.delivery('run_paused'));
        assert.equal(new Set(world.intake.pauses.map(({ key }) => key)).size, 1, `cut after ${afterBytes} bytes`);
        assert.deepEqual(
          world.intake.deliveries.filter(({ type }) => type === 'run_ended'),
          [],
        );
      });
    await fc.assert(fc.asyncProperty(fc.integer({ min: 500, max: 6_000 }), cut), { numRuns: runs(12) });
  });

  test('row 1: a cut before any frame names the run is logged', () =>
    withHold({}, async (world) => {
      world.runtype.fail('/v1/dispatch', { kind: 'cut', afterBytes: 20 });
      await (await world.dispatch('refund-agent', conversation)).end;
      await logged(world.log, 'a stream broke before it named its run');
    }));
});

describe('row 3: a stream that is silent', () => {
  const timeouts = { idleMs: 40 };

  test('row 3: open and without a byte: reconnected after the limit, whether or not its application waits', async () => {
    for (const gone of [false, true]) {
      await withHold({ more: { timeouts } }, async (world) => {
        world.runtype.fail('/v1/dispatch', { kind: 'stall', afterBytes: 2_000 });
        const response = await world.dispatch('refund-agent', conversation);
        await response.until('lookup_order');
        if (gone) response.hangUp();
        await inTime(world, world.intake.delivery('run_paused'));
        assert.equal(world.intake.pauses.length, 1);
        assert.equal(await response.end, 'cut');
      });
    }
  });

  test('row 3: a continuation that falls silent is reconnected, several times', () =>
    withHold({ more: { timeouts } }, async (world) => {
      world.runtype.fail('/v1/dispatch/approve', { kind: 'stall', afterBytes: 150 });
      world.runtype.fail(EVENTS, { kind: 'stall', afterBytes: 400 }, 4);
      await (await world.dispatch('refund-agent', { ...conversation, headers: { 'x-countersign-hold': 'off' } })).end;
      await inTime(world, world.decide([await world.pause()], 'approve'));
      assert.equal((await world.intake.delivery('run_ended')).state, 'completed');
      assert.ok(replays(world) >= 5);
    }));

  test('row 3: of a run that is not durable: reported as lost', () =>
    withHold({ more: { timeouts } }, async (world) => {
      world.runtype.fail('/v1/dispatch', { kind: 'stall', afterBytes: 2_000 });
      await world.dispatch('refund-agent');
      assert.equal((await world.intake.delivery('run_ended')).state, 'lost');
    }));

  test('row 3: pings count as activity', () =>
    withHold({ more: { timeouts: { idleMs: 200 } } }, async (world) => {
      const pings: Step[] = Array.from({ length: 6 }, () => ({
        do: 'server_wait',
        awaitReason: 'durable_poll',
        ms: 100,
      }));
      const script = world.runtype.scripts.get('refund-agent');
      assert.ok(script);
      script.steps.unshift(...pings);
      await (await world.dispatch('refund-agent', { ...conversation, headers: { 'x-countersign-hold': 'off' } })).end;
      await world.intake.delivery('run_paused');
      assert.equal(replays(world), 0);
    }));

  test('row 3: a parked pause is not a fault: its response is held, and there is no request', () =>
    withHold({ more: { timeouts } }, async (world) => {
      const response = await world.dispatch('refund-agent', conversation);
      await held(world);
      const others = await world.dispatch('refund-agent', { headers: { 'x-countersign-hold': 'off' } });
      await others.end;
      // Ten times the limit on the clock of the limit, and minutes on the clock of the reconnects.
      await inTime(world, new Promise((resolve) => setTimeout(resolve, 400)));
      assert.equal(replays(world), 0);
      await world.decide([await world.pause()], 'approve');
      assert.equal(await response.end, 'ended');
      assert.match(response.text(), /execution_complete/);
    }));
});

describe('row 5: a server that replays events', () => {
  const many: Step[] = Array.from({ length: 1_000 }, (_, index) => ({
    do: 'frame',
    event: { type: 'custom', name: 'progress', value: { index } },
  }));

  test('row 5: the last 1,000 events: no second card, and no event twice in a held response', async () => {
    for (let time = 0; time < runs(2); time += 1) {
      await withHold({ emulator: { ignoreCursor: true } }, async (world) => {
        const script = world.runtype.scripts.get('refund-agent');
        assert.ok(script);
        script.steps.unshift(...many);
        script.steps.splice(-1, 0, ...many);
        const response = await world.dispatch('refund-agent', conversation);
        await held(world);
        world.runtype.fail('/v1/dispatch/approve', { kind: 'cut', afterBytes: 60_000 });
        await inTime(world, world.decide([await world.pause()], 'approve'));
        assert.equal(await response.end, 'ended');
        assert.equal(world.intake.pauses.length, 1);
        assert.equal(world.intake.deliveries.filter(({ type }) => type === 'run_ended').length, 1);
        const rows = [...response.text().matchAll(/^id: (\d+)$/gm)].map(([, row]) => Number(row));
        assert.deepEqual(
          rows,
          [...new Set(rows)].sort((a, b) => a - b),
        );
        assert.ok(rows.length > 2_000);
      });
    }
  });
});

/** The runs and pauses that a process had recorded when it ended. */
function recordsOf(deliveries: readonly Delivery[]): { approvals: Approval[]; open: ReadRun[] } {
  const open = new Map<string, ReadRun>();
  const approvals = new Map<string, Approval>();
  for (const delivery of deliveries) {
    if (delivery.type === 'run_open') open.set(delivery.runId, delivery);
    if (delivery.type === 'run_ended' || delivery.type === 'run_paused') open.delete(delivery.runId);
    if (delivery.type !== 'announced') continue;
    const { pause } = delivery;
    approvals.set(pause.key, asApproval({ ...decided(pause, 'approve'), phase: 'open', decision: null }));
  }
  return { approvals: [...approvals.values()], open: [...open.values()] };
}

/** The next process, with the records of the last one. */
async function nextProcess(
  { runtype, intake }: HoldWorld,
  use: (
    next: Pick<HoldWorld, 'backend' | 'intake' | 'clock' | 'runtype'> & { joined: readonly string[] },
  ) => Promise<void>,
  more: Partial<Approval> = {},
) {
  const { approvals, open } = recordsOf(intake.deliveries);
  await withBackend(runtype.url, { apiKey: runtype.apiKey }, async (bench) => {
    const joined =
      bench.backend.reconcile?.(
        approvals.map((one) => asApproval({ ...one, ...more })),
        open,
      ) ?? [];
    await use({ ...bench, runtype, joined });
  });
}

describe('a process that ends while it reads a durable run', () => {
  const quiet = { ...conversation, headers: { 'x-countersign-hold': 'off' } };

  test('row 1: between reading a pause’s frame and its commit: the next process posts the card', () =>
    withHold({}, async (world) => {
      world.intake.onDeliver = ({ type }) => {
        if (type !== 'run_open') throw new Error('killed');
      };
      await (await world.dispatch('refund-agent', quiet)).end;
      await world.intake.delivery('run_open');
      await nextProcess(world, async (next) => {
        assert.equal(next.joined.length, 1);
        const { pause } = await inTime(next, next.intake.delivery('announced'));
        assert.deepEqual([pause.tool, pause.hidden, pause.asker], ['refund_order', ['tenantId'], 'Order desk']);
        await next.intake.delivery('run_paused');
      });
    }));

  test('row 1: while it reads a continuation: the next process reports how the run ended', () =>
    withHold({}, async (world) => {
      await (await world.dispatch('refund-agent', quiet)).end;
      const pause = await world.pause();
      await world.intake.delivery('run_paused');
      world.runtype.fail('/v1/dispatch/approve', { kind: 'stall', afterBytes: 700 });
      void world.decide([pause], 'approve');
      await world.intake.journal.until('the stream session', () => recordsOf(world.intake.deliveries).open[0]);
      await world.backend.stop();
      assert.equal(
        world.intake.deliveries.filter(({ type }) => type === 'run_ended').length,
        0,
        'not reported as lost yet',
      );
      await nextProcess(world, async (next) => {
        const { state, text } = await inTime(next, next.intake.delivery('run_ended'));
        assert.deepEqual([state, /Refunded 42\.50/.test(text ?? '')], ['completed', true]);
      });
    }));

  test('row 1: a run that Runtype no longer has is reported as lost', () =>
    withHold({}, async (world) => {
      world.runtype.fail('/v1/dispatch', { kind: 'stall', afterBytes: 2_000 });
      await world.dispatch('refund-agent', quiet);
      await world.intake.delivery('run_open');
      await world.backend.stop();
      world.runtype.fail(EVENTS, { kind: 'status', status: 404, when: 'before' });
      await nextProcess(world, async (next) => {
        assert.equal((await inTime(next, next.intake.delivery('run_ended'))).state, 'lost');
      });
    }));

  test('row 1: the application’s own tools stay with the application', () =>
    withHold({}, async (world) => {
      const script = world.runtype.scripts.get('plain');
      assert.ok(script);
      script.steps.splice(1, 0, { do: 'awaits', calls: [{ toolName: 'open_cart', parameters: {} }] });
      world.runtype.fail('/v1/dispatch', { kind: 'stall', afterBytes: 600 });
      const clientTools = [{ name: 'open_cart', description: 'x', parametersSchema: { type: 'object' } }];
      await world.dispatch('plain', { ...quiet, with: { ...conversation.with, clientTools } });
      await world.intake.delivery('run_open');
      await world.backend.stop();
      await nextProcess(world, async (next) => {
        await inTime(next, next.intake.delivery('run_paused'));
        assert.deepEqual(next.intake.pauses, []);
      });
    }));
});

describe('a pause of a durable run, after a start', () => {
  const quiet = { ...conversation, headers: { 'x-countersign-hold': 'off' } };

  async function afterwards(
    name: string,
    meanwhile: (world: HoldWorld, pauses: readonly Pause[]) => Promise<void> | void,
    use: (deliveries: readonly Delivery[], pauses: readonly Pause[]) => void,
    last: Delivery['type'] = 'run_ended',
  ) {
    await withHold({}, async (world) => {
      await (await world.dispatch(name, quiet)).end;
      await world.intake.delivery('run_paused');
      const { pauses } = world.intake;
      await meanwhile(world, pauses);
      await nextProcess(world, async (next) => {
        await inTime(next, next.intake.delivery(last));
        use(next.intake.deliveries, pauses);
      });
    });
  }

  test('that is still pending: only the same pause is reported', () =>
    afterwards(
      'refund-agent',
      () => {},
      (deliveries, [pause]) => {
        assert.deepEqual(
          deliveries.flatMap((one) =>
            one.type === 'announced' ? [one.pause.key, one.pause.groupId, one.pause.askerId] : [],
          ),
          [pause?.key, pause?.groupId, 'refund-agent'],
        );
      },
      'run_paused',
    ));

  test('decided elsewhere meanwhile, or timed out: reported as such', async () => {
    await afterwards(
      'refund-agent',
      ({ runtype }, [pause]) => runtype.decideElsewhere(String(pause?.wire['approvalId']), 'denied'),
      (deliveries) => {
        const verdicts = deliveries.flatMap((one) => (one.type === 'resolved' ? [one.verdict] : []));
        assert.deepEqual(verdicts, ['reject']);
      },
    );
    await afterwards(
      'refund-agent',
      ({ runtype }, [pause]) => runtype.expire(pause?.runId ?? ''),
      (deliveries) => {
        const verdicts = deliveries.flatMap((one) => (one.type === 'resolved' ? [one.verdict] : []));
        assert.deepEqual(verdicts, ['timeout']);
      },
      'resolved',
    );
  });

  test('an await that its application answered meanwhile: reported as such, in its group', async () => {
    await withHold({}, async (world) => {
      const script = world.runtype.scripts.get('plain');
      assert.ok(script);
      const calls = ['first', 'second'].map((toolName) => ({ toolName, parameters: {} }));
      script.steps.splice(1, 0, { do: 'awaits', calls });
      await (await world.dispatch('plain', quiet)).end;
      await world.intake.delivery('run_paused');
      const [first, second] = world.intake.pauses;
      assert.ok(first && second);
      const { apiKey } = world.runtype;
      const toolOutputs = { [String(first.wire['toolCallId'])]: 'done' };
      const answer = await fetch(`${world.runtype.url}/v1/dispatch/resume`, {
        method: 'POST',
        headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
        body: JSON.stringify({ executionId: first.runId, toolOutputs }),
      });
      await answer.text();
      await nextProcess(world, async (next) => {
        await inTime(next, next.intake.delivery('run_paused'));
        const over = next.intake.deliveries.flatMap((one) => (one.type === 'resolved' ? [one.key] : []));
        assert.ok(over.includes(first.key));
        const last = next.intake.pauses.at(-1);
        assert.equal(last?.key, second.key, 'the replay is requested after the answer');
      });
    });
  });

  test('that can’t be looked up: nothing is reported', () =>
    withHold({}, async (world) => {
      await (await world.dispatch('refund-agent', quiet)).end;
      await world.intake.delivery('run_paused');
      world.runtype.fail(EVENTS, { kind: 'status', status: 404, when: 'before' });
      await nextProcess(world, async (next) => {
        await inTime(
          next,
          world.runtype.journal.until('the replay request', () => replays(world) || undefined),
        );
        await next.backend.stop();
        assert.deepEqual(next.intake.deliveries, []);
      });
    }));

  test('an output whose answer was lost: the run is read on, and its call’s end settles it', () =>
    withHold({}, async (world) => {
      const script = world.runtype.scripts.get('plain');
      assert.ok(script);
      script.steps.splice(1, 0, { do: 'awaits', calls: [{ toolName: 'pick', parameters: {} }] });
      await (await world.dispatch('plain', quiet)).end;
      const pause = await world.pause();
      world.runtype.fail('/v1/dispatch/resume', { kind: 'reset', when: 'after' });
      const { result, follow } = await world.backend.decide([decided(pause, 'take_over', 'this one')], never);
      assert.equal(result.type, 'ambiguous');
      await inTime(world, follow?.() ?? Promise.resolve());
      const answered = await world.intake.delivery('answered');
      assert.deepEqual([answered.key, answered.result.type], [pause.key, 'recorded']);
      assert.equal((await world.intake.delivery('run_ended')).state, 'completed');
    }));

  test('an output whose answer was lost, of a run that is not kept: the rest is not seen', () =>
    withHold({}, async (world) => {
      await (await world.dispatch('slot-flow', { headers: quiet.headers })).end;
      const pause = await world.pause();
      world.runtype.fail('/v1/dispatch/resume', { kind: 'reset', when: 'after' });
      const { follow } = await world.backend.decide([decided(pause, 'take_over', 'this one')], never);
      await follow?.();
      assert.equal((await world.intake.delivery('run_ended')).state, 'lost');
      assert.deepEqual(
        world.intake.deliveries.filter(({ type }) => type === 'answered'),
        [],
      );
    }));

  test('whose answer was lost with the last process: the retry is reported as ours, and the run is read', () =>
    withHold({}, async (world) => {
      await (await world.dispatch('refund-agent', quiet)).end;
      const pause = await world.pause();
      world.runtype.fail('/v1/dispatch/approve', { kind: 'reset', when: 'after' });
      assert.equal((await world.decide([pause], 'approve')).type, 'ambiguous');
      const { result, follow } = await world.backend.decide(
        [{ ...decided(pause, 'approve'), mayHaveArrived: true }],
        never,
      );
      assert.deepEqual([result.type, 'following' in result && result.following], ['already', true]);
      await inTime(world, follow?.() ?? Promise.resolve());
      assert.equal((await world.intake.delivery('run_ended')).state, 'completed');
    }));
});
