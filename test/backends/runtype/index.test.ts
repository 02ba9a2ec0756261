/** The backend against the sandbox's Runtype: whole runs, from the dispatch to the result. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Action } from '../../../src/core/approval/pause/pause.ts';
import type { Delivery } from '../../../src/core/ports/ports.ts';
import { createRuntypeEmulator } from '../../../src/sandbox/emulators/runtype/index.ts';
import type {
  RuntypeOptions as EmulatorOptions,
  RuntypeEmulator,
} from '../../../src/sandbox/emulators/runtype/types.ts';
import { listenerAt } from '../../support/http.ts';
import { type Bench, decided, withBackend, withServer } from './support/backend.ts';

const never = new AbortController().signal;

type World = Bench & { runtype: RuntypeEmulator; dispatch: (name: string, more?: object) => Promise<string> };

async function withWorld<T>(emulator: EmulatorOptions, use: (world: World) => Promise<T>): Promise<T> {
  const runtype = await createRuntypeEmulator(emulator);
  const { apiKey, applicationKey } = runtype;
  try {
    return await withBackend(runtype.url, { apiKey, gateway: { keys: [applicationKey] } }, (bench) =>
      withServer(listenerAt(bench.backend, '/v1/', bench.log.log), (gateway) => {
        const dispatch = async (name: string, more: object = {}) => {
          const script = runtype.scripts.get(name);
          const subject = script?.kind === 'flow' ? { flow: { id: name } } : { agent: { agentId: name } };
          const response = await fetch(`${gateway.url}/v1/dispatch`, {
            method: 'POST',
            headers: {
              authorization: `Bearer ${applicationKey}`,
              'content-type': 'application/json',
              connection: 'close',
            },
            body: JSON.stringify({ ...subject, ...more }),
          });
          assert.equal(response.status, 200);
          return response.text();
        };
        return use({ ...bench, runtype, dispatch });
      }),
    );
  } finally {
    await runtype.close();
  }
}

function effects({ journal }: RuntypeEmulator): number {
  return journal.entries.filter((entry) => entry.kind === 'call' && entry.effect).length;
}

/** Decides all pauses that are known, in one call, and reads the continuation. */
async function decide({ backend, intake }: World, action: Action, text: string | null = null, since = 0) {
  const group = intake.pauses.slice(since).map((pause) => decided(pause, action, text));
  const { result, follow } = await backend.decide(group, never);
  await follow?.();
  return result;
}

function ending({ intake }: World): Extract<Delivery, { type: 'run_ended' }> | undefined {
  return intake.deliveries.flatMap((one) => (one.type === 'run_ended' ? [one] : [])).at(-1);
}

const servers: [string, EmulatorOptions][] = [
  ['today’s', {}],
  ['older', { vocabulary: 'legacy', resumedStart: false, newToolCallIdAfterApproval: true }],
  ['one without event names', { bareData: true }],
  ['one that renames its runs', { virtualIdAtPause: true }],
];
for (const [name, options] of servers) {
  describe(`with ${name} server`, () => {
    test('an approval, approved', async () => {
      await withWorld(options, async (world) => {
        await world.dispatch('refund-agent');
        const { pause } = await world.intake.delivery('announced');
        assert.deepEqual([pause.tool, pause.asker, pause.hidden], ['refund_order', 'Order desk', ['tenantId']]);
        await world.intake.delivery('run_paused');
        assert.deepEqual(await decide(world, 'approve'), { type: 'recorded', following: true });
        const end = ending(world);
        assert.deepEqual([end?.state, end?.runId], ['completed', pause.runId]);
        assert.match(end?.text ?? '', /^Refunded 42\.50 EUR/);
        assert.equal(effects(world.runtype), 1);
      });
    });

    test('an approval, rejected with a reason', async () => {
      await withWorld(options, async (world) => {
        await world.dispatch('approval-flow');
        await world.intake.delivery('run_paused');
        assert.equal((await decide(world, 'reject', 'Wrong list.')).type, 'recorded');
        assert.match(ending(world)?.text ?? '', /declined.*Wrong list\./);
      });
    });

    test('two pauses in one run', async () => {
      await withWorld(options, async (world) => {
        await world.dispatch('two-pauses');
        await world.intake.delivery('run_paused');
        assert.equal((await decide(world, 'approve')).type, 'recorded');
        assert.deepEqual(
          world.intake.pauses.map(({ tool }) => tool),
          ['run_migration', 'deploy_service'],
        );
        assert.equal(world.intake.pauses[1]?.asker, 'Release manager');
        assert.equal((await decide(world, 'approve', null, 1)).type, 'recorded');
        assert.match(ending(world)?.text ?? '', /4\.12\.0 is in production/);
      });
    });

    test('two outputs, sent together', async () => {
      await withWorld(options, async (world) => {
        await world.dispatch('parallel-awaits');
        await world.intake.delivery('run_paused');
        assert.equal(new Set(world.intake.pauses.map(({ groupId }) => groupId)).size, 1);
        assert.equal((await decide(world, 'take_over', 'number 4')).type, 'recorded');
        assert.match(ending(world)?.text ?? '', /goes to number 4; the driver calls number 4/);
        assert.equal(effects(world.runtype), 1);
      });
    });

    test('a failure, and a run without a pause', async () => {
      await withWorld(options, async (world) => {
        await world.dispatch('failing');
        await world.intake.delivery('run_paused');
        await decide(world, 'approve');
        assert.deepEqual(
          [ending(world)?.state, /550 no such mailbox/.test(ending(world)?.text ?? '')],
          ['failed', true],
        );
        await world.dispatch('server-wait');
        await world.intake.journal.until('its end', () => (ending(world)?.state === 'completed' ? true : undefined));
        assert.equal(world.intake.pauses.length, 1, 'the server’s own wait made no card');
      });
    });
  });
}

describe('the start', () => {
  const said = (gateway: { keys: readonly string[] | 'any' }, apiKey: string | null = 'rt_own') =>
    withBackend('http://127.0.0.1:9', { gateway, apiKey }, async ({ log }) => log.text());

  test('says whose streams get cards, where no key is listed or any counts', async () => {
    assert.match(await said({ keys: 'any' }), /"level":40.*GATEWAY_KEYS is \*: every caller makes cards/);
    assert.match(await said({ keys: ['rt_own'] }), /"level":30.*streams opened with RUNTYPE_API_KEY/);
    for (const keys of [['rt_app'], ['rt_app', 'rt_own']]) assert.doesNotMatch(await said({ keys }), /cards/);
    assert.doesNotMatch(await said({ keys: [] }, null), /cards/);
  });
});

describe('doubt and refusal', () => {
  test('a lost answer: the second attempt reports the first decision, and nothing happens twice', async () => {
    for (const fault of [
      { kind: 'reset', when: 'after' },
      { kind: 'status', status: 503, when: 'after' },
    ] as const) {
      await withWorld({}, async (world) => {
        await world.dispatch('refund-agent');
        await world.intake.delivery('run_paused');
        world.runtype.fail('/v1/dispatch/approve', fault);
        assert.equal((await decide(world, 'approve')).type, 'ambiguous');
        const second = await decide(world, 'approve');
        assert.deepEqual([second.type, 'verdict' in second && second.verdict], ['already', 'approve']);
        assert.equal(effects(world.runtype), 1);
      });
    }
  });

  test('decided elsewhere, and expired', async () => {
    await withWorld({}, async (world) => {
      await world.dispatch('refund-agent');
      const { pause } = await world.intake.delivery('announced');
      await world.intake.delivery('run_paused');
      world.runtype.decideElsewhere(String(pause.wire['approvalId']), 'denied');
      const result = await decide(world, 'approve');
      assert.deepEqual([result.type, 'verdict' in result && result.verdict], ['already', 'reject']);
      await world.dispatch('approval-flow');
      await world.intake.journal.until('the second', () => world.intake.pauses[1]);
      world.runtype.expire(String(world.intake.pauses[1]?.wire['executionId']));
      assert.equal((await decide(world, 'approve', null, 1)).type, 'gone');
    });
  });

  test('a second resume, and an answer given the wrong way', async () => {
    await withWorld({}, async (world) => {
      await world.dispatch('slot-flow');
      await world.intake.delivery('run_paused');
      assert.equal((await decide(world, 'take_over', 'early')).type, 'recorded');
      assert.equal((await decide(world, 'take_over', 'late')).type, 'gone');
      assert.equal(effects(world.runtype), 1);
    });
  });

  test('a wrong key', async () => {
    const runtype = await createRuntypeEmulator();
    try {
      await withBackend(runtype.url, { apiKey: 'rt_test_wrong' }, async ({ backend, intake }) => {
        const { stream } = await runtype.runToPause('refund-agent');
        assert.ok(stream.includes('approval_start'));
        const wire = {
          kind: 'approval',
          executionId: 'e',
          approvalId: 'a',
          toolName: 't',
          toolCallId: null,
          runName: null,
          clientTools: [],
        };
        const pause = {
          backend: 'runtype',
          key: 'approval:a',
          kind: 'approval',
          runId: 'e',
          wire,
          hidden: [],
        } as never;
        const { result } = await backend.decide([decided(pause, 'approve')], never);
        assert.ok(result.type === 'refused');
        assert.match(result.reason, /RUNTYPE_API_KEY/);
        assert.deepEqual(intake.deliveries, []);
      });
    } finally {
      await runtype.close();
    }
  });

  test('an application’s dispatch comes through sliced to single bytes', async () => {
    await withWorld({}, async (world) => {
      world.runtype.fail('/v1/dispatch', { kind: 'slice', bytes: 1 });
      const text = await world.dispatch('slot-flow');
      await world.intake.delivery('run_paused');
      assert.equal(text.match(/^event: await$/gm)?.length, 1);
      assert.equal(world.intake.pauses.length, 1);
    });
  });
});
