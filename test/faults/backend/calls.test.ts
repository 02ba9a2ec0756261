/** Every outcome of a call that carries a decision, as both rooms show it; effects come from the emulators' records. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { withServer } from '../../backends/runtype/support/backend.ts';
import { runs } from '../../support/property.ts';
import {
  type Asked,
  type BackendName,
  type Calls,
  type Fault,
  forward,
  openCalls,
  withCalls,
} from '../../support/worlds/faulty-calls.ts';

/** One world for all tests without own settings: starting a world takes longer than a decision. */
let shared: Calls;
const inShared = (run: (world: Calls) => Promise<void>) => run(shared);

/** Faults where the call took effect and its answer is lost. */
const lost: [string, Fault][] = [
  ['a reset', { kind: 'reset', when: 'after' }],
  ['a 500', { kind: 'status', status: 500, when: 'after' }],
  ['a 503', { kind: 'status', status: 503, when: 'after' }],
];
const noAnswer: Fault = { kind: 'hang', when: 'after' };

const effects = (world: Calls, backend: BackendName, asked: Asked) =>
  world.calls(backend, asked).filter(({ effect }) => effect).length;

async function times(count: number, run: () => Promise<void>) {
  for (let time = 0; time < count; time += 1) await run();
}

/** The expected outcome of a decision whose answer was lost, for each backend. */
const afterLoss: Record<BackendName, (world: Calls, name: string, fault: Fault) => Promise<void>> = {
  async runtype(world, name, fault) {
    const asked = await world.ask('runtype');
    world.injectFault('runtype', fault);
    await world.press(asked);
    await world.says(asked, 'Approved by Dana Reyes');
    assert.equal(effects(world, 'runtype', asked), 1, name);
    const statuses = world.calls('runtype', asked).map(({ status }) => status);
    assert.deepEqual(statuses, [fault.kind === 'status' ? fault.status : 0, 409], name);
    assert.deepEqual(world.buttons(asked), []);
  },
  async resume(world, name, fault) {
    const asked = await world.ask('resume');
    world.injectFault('resume', fault);
    await world.press(asked);
    await world.says(asked, /Unconfirmed\.[\s\S]*We don’t know whether Runtype received it/);
    assert.deepEqual(world.buttons(asked), ['Try again'], name);
    assert.equal(world.calls('resume', asked).length, 1, name);
    await world.press(asked, 'Try again');
    await world.says(asked, 'No paused execution found');
    assert.deepEqual(world.buttons(asked), [], 'there is nothing left to retry');
    assert.equal(effects(world, 'resume', asked), 1, name);
  },
  async hookpulse(world, name, fault) {
    const asked = await world.ask('hookpulse');
    world.injectFault('hookpulse', fault);
    await world.press(asked);
    await world.says(asked, /Unconfirmed\.[\s\S]*We don’t know whether HookPulse received it/);
    // It left the list, so there is nothing to retry.
    await world.says(asked, 'It is no longer on HookPulse’s list.');
    assert.deepEqual(world.buttons(asked), [], name);
    assert.deepEqual([effects(world, 'hookpulse', asked), world.calls('hookpulse', asked).length], [1, 1], name);
  },
  async sonzai(world, name, fault) {
    const asked = await world.ask('sonzai');
    world.injectFault('sonzai', fault);
    await world.press(asked);
    await world.says(asked, /Unconfirmed\.[\s\S]*We don’t know whether Sonzai received it/);
    assert.deepEqual(world.buttons(asked), [], name);
    assert.deepEqual([effects(world, 'sonzai', asked), world.calls('sonzai', asked).length], [1, 1], name);
  },
};
const everyLoss = (backend: BackendName) =>
  inShared(async (world) => {
    for (const [name, fault] of lost) await times(runs(1), () => afterLoss[backend](world, name, fault));
  });

// Hooks of this suite only: hooks at the top level of a file last for the whole run.
describe('a call that carries a decision', () => {
  before(async () => {
    shared = await openCalls();
  });
  after(() => shared.close());

  test('row 33: the answer is lost, and a second decision is refused: sent again, shown as done, one effect', () =>
    everyLoss('runtype'));

  test('rows 33 and 34: no answer at all: the same, after the timeout', () =>
    withCalls(
      async (world) => {
        const backends: readonly BackendName[] = ['runtype', 'resume', 'hookpulse', 'sonzai'];
        for (const backend of backends) {
          await times(runs(1), () => afterLoss[backend](world, 'no answer', noAnswer));
        }
      },
      { timeouts: { headersMs: 600 } },
    ));

  describe('row 34: the answer is lost, and the effect of a second decision is unknown', () => {
    test('row 34: HookPulse: not sent again, unconfirmed, and the list shows what is left', () =>
      everyLoss('hookpulse'));

    test('row 34: Runtype’s resume: not sent again automatically; a person may, and there is no second effect', () =>
      everyLoss('resume'));

    test('row 34: HookPulse, the request is lost: a person tries again, because the same step is still pending', () =>
      inShared(async (world) => {
        const asked = await world.ask('hookpulse');
        world.injectFault('hookpulse', { kind: 'reset', when: 'before' });
        await world.press(asked);
        await world.says(asked, 'Unconfirmed.');
        assert.deepEqual(world.buttons(asked), ['Try again']);
        assert.equal(world.calls('hookpulse', asked).length, 1, 'not automatically');
        await world.press(asked, 'Try again');
        await world.says(asked, 'Approved by Dana Reyes');
        assert.equal(effects(world, 'hookpulse', asked), 1);
      }));

    test('row 34: HookPulse, and the plan has moved on to another step: Try again decides nothing', () =>
      inShared(async (world) => {
        const asked = await world.ask('hookpulse');
        world.injectFault('hookpulse', { kind: 'reset', when: 'before' });
        // Failed list requests leave the card unchanged.
        await world.press(asked);
        await world.says(asked, 'Unconfirmed.');
        const card = asked.slack();
        world.hookpulse.decideInDashboard(asked.id, 'reject');
        await world.says(asked, 'It is no longer on HookPulse’s list.');
        const button = { ...asked, slack: () => card };
        await world.press(button, 'Try again').catch(() => {});
        await world.press(button, 'Try again').catch(() => {});
        assert.equal(world.calls('hookpulse', asked).length, 1);
      }));

    test('row 34: Sonzai: the list is read first, and an item that left it is not sent again', () =>
      everyLoss('sonzai'));

    test('row 34: Sonzai, the request is lost: the list still shows the item, so it is sent again automatically', () =>
      inShared(async (world) => {
        const asked = await world.ask('sonzai');
        world.injectFault('sonzai', { kind: 'reset', when: 'before' });
        await world.press(asked);
        await world.says(asked, 'Approved by Dana Reyes');
        assert.equal(effects(world, 'sonzai', asked), 1);
      }));
  });

  describe('row 35: decided elsewhere first, or gone', () => {
    const problem = (status: number, detail: string) => ({ title: 'x', status, detail });
    const refusals: [string, BackendName, Fault, RegExp][] = [
      [
        'Runtype, 409 with the other verdict',
        'runtype',
        status(409, { error: 'Approval already resolved', message: 'The decision in force is "denied".' }),
        /Decided elsewhere \(directly in Runtype\)\.[\s\S]*"denied"|Decided elsewhere \(directly in Runtype\)\.[\s\S]*denied/,
      ],
      [
        'Runtype, 404',
        'runtype',
        status(404, { error: 'No paused execution found for this executionId' }),
        /Decided elsewhere \(directly in Runtype\)\.[\s\S]*No paused execution found/,
      ],
      [
        'Sonzai, 409',
        'sonzai',
        status(409, problem(409, 'approval is already rejected')),
        /Decided elsewhere \(directly in Sonzai\)\.[\s\S]*rejected/,
      ],
      [
        'Sonzai, 404',
        'sonzai',
        status(404, problem(404, 'approval not found')),
        /Decided elsewhere \(directly in Sonzai\)\.[\s\S]*not found/,
      ],
      [
        'Sonzai, 410',
        'sonzai',
        status(410, problem(410, 'gone')),
        /Decided elsewhere \(directly in Sonzai\)\.[\s\S]*gone/,
      ],
      [
        'Sonzai, 200 with the earlier decision',
        'sonzai',
        status(200, { approval_id: 'apr', status: 'rejected' }),
        /Decided elsewhere \(directly in Sonzai\)\.[\s\S]*Sonzai answered that it is rejected/,
      ],
    ];
    test('row 35: each card names who or what won, and never the press', () =>
      inShared(async (world) => {
        for (const [name, backend, fault, expected] of refusals) {
          const asked = await world.ask(backend);
          world.injectFault(backend, fault);
          await world.press(asked);
          const text = await world.says(asked, expected);
          assert.doesNotMatch(text, /Approved by/, name);
          assert.match(text, /Dana Reyes pressed Approve here, but too late/, name);
          assert.deepEqual(world.buttons(asked), [], name);
          assert.equal(world.calls(backend, asked).length, 1, name);
        }
      }));

    test('row 35: HookPulse, success:false under 200 for a pending step: not delivered, and can be retried', () =>
      inShared(async (world) => {
        const asked = await world.ask('hookpulse');
        world.injectFault('hookpulse', status(200, { success: false, error: 'Plan is locked' }));
        await world.press(asked);
        const text = await world.says(asked, /Not delivered\.[\s\S]*HookPulse refused: Plan is locked/);
        assert.doesNotMatch(text, /Approved by/);
        await world.press(asked, 'Try again');
        await world.says(asked, 'Approved by Dana Reyes');
        assert.equal(effects(world, 'hookpulse', asked), 1);
      }));

    test('row 35: HookPulse, decided a moment before, with every possible answer to a second decision', () =>
      inShared(async (world) => {
        for (const mode of ['soft', 'not_found', 'bad_request', 'conflict'] as const) {
          world.hookpulse.doubleAction = mode;
          const asked = await world.ask('hookpulse');
          // Between the list request and the call.
          const stop = world.hookpulse.onChange(() => {
            const looked = world.hookpulse.journal.entries.at(-1);
            if (looked?.kind !== 'call' || looked.method !== 'GET' || !pressed) return;
            pressed = false;
            world.hookpulse.decideInDashboard(asked.id, 'reject');
          });
          let pressed = true;
          await world.press(asked);
          const text = await world.says(asked, 'Decided elsewhere (directly in HookPulse).');
          stop();
          assert.doesNotMatch(text, /Approved by/, mode);
          assert.equal(effects(world, 'hookpulse', asked), 0, mode);
        }
      }));
  });

  describe('row 36: rejected, for a temporary or a fixable reason', () => {
    const fixable: [string, BackendName, Fault, RegExp][] = [
      ['401', 'runtype', status(401, { error: 'Invalid API key' }), /Not delivered\.[\s\S]*Set RUNTYPE_API_KEY/],
      ['403', 'runtype', status(403, { error: 'Forbidden' }), /Not delivered\.[\s\S]*needs the scope DISPATCH:\*/],
      [
        '402',
        'runtype',
        status(402, { error: 'Payment required', message: 'The plan is used up.' }),
        /402: The plan is used up/,
      ],
      ['422', 'runtype', status(422, { error: 'Invalid', message: 'decision: unknown' }), /422: decision: unknown/],
      ['403', 'sonzai', status(403, { detail: 'operator may not resolve' }), /SONZAI_TOKEN has no permission for this/],
      ['422', 'sonzai', status(422, { detail: 'validation failed' }), /422: validation failed/],
      ['401', 'hookpulse', status(401, { success: false, error: 'Invalid API key' }), /Check HOOKPULSE_API_KEY/],
      ['403', 'hookpulse', status(403, { success: false, error: 'Forbidden' }), /has no permission for this/],
    ];
    test('row 36: the card names what to fix, and Try again then sends the same decision', () =>
      inShared(async (world) => {
        for (const [name, backend, fault, text] of fixable) {
          const asked = await world.ask(backend);
          world.injectFault(backend, fault);
          await world.press(asked);
          await world.says(asked, text);
          assert.deepEqual(world.buttons(asked), ['Try again'], `${backend} ${name}`);
          assert.equal(world.calls(backend, asked).length, 1, 'not automatically');
          await world.press(asked, 'Try again');
          await world.says(asked, 'Approved by Dana Reyes');
          assert.equal(effects(world, backend, asked), 1);
        }
      }));

    test('row 36: Sonzai, a token that has expired: renewed once, sent once more, and no one is notified', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'countersign-token-'));
      const file = join(folder, 'token');
      writeFileSync(file, '');
      const env = { SONZAI_TOKEN: '', SONZAI_TOKEN_COMMAND: `cat ${file}` };
      try {
        await withCalls(
          async (world) => {
            const old = world.sonzai.issueToken({ lifeMs: 3_600_000 });
            writeFileSync(file, old);
            const asked = await world.ask('sonzai');
            writeFileSync(file, world.sonzai.issueToken({ lifeMs: 3_600_000 }));
            world.sonzai.revokeToken(old);
            await world.press(asked);
            await world.says(asked, 'Approved by Dana Reyes');
            assert.equal(effects(world, 'sonzai', asked), 1);
            // By the decision, or by a list request that was a little faster.
            const used = world.sonzai.journal.entries.flatMap((entry) =>
              entry.kind === 'call' && entry.headers['authorization'] === `Bearer ${old}` && entry.status === 401
                ? [entry]
                : [],
            );
            assert.ok(used.length >= 1 && used.length <= 2);
          },
          { env },
        );
      } finally {
        rmSync(folder, { recursive: true });
      }
    });

    const passing: [string, BackendName, Fault, number][] = [
      ['429 with Retry-After', 'runtype', status(429, { error: 'Too Many Requests' }, { 'retry-after': '4' }), 400],
      ['429 with Retry-After', 'resume', status(429, { error: 'Too Many Requests' }, { 'retry-after': '4' }), 400],
      ['429 with Retry-After', 'sonzai', status(429, { detail: 'rate limit exceeded' }, { 'retry-after': '4' }), 400],
      ['429 with Retry-After', 'hookpulse', status(429, { success: false }, { 'retry-after': '4' }), 400],
      ['503 with Retry-After', 'runtype', status(503, { error: 'Service Unavailable' }, { 'retry-after': '4' }), 400],
    ];
    test('row 36: after a temporary refusal it is sent again once, after the requested wait', () =>
      inShared(async (world) => {
        for (const [name, backend, fault, waitMs] of passing) {
          const asked = await world.ask(backend);
          world.injectFault(backend, fault);
          await world.press(asked);
          await world.says(asked, 'Approved by Dana Reyes');
          const [first, second, ...more] = world.calls(backend, asked);
          assert.ok(first && second && second.at - first.at >= waitMs - 1, `${backend}: ${name}`);
          assert.deepEqual(more, []);
          assert.equal(effects(world, backend, asked), 1);
        }
      }));

    for (const [name, url, text] of [
      ['an unknown host name', 'https://runtype.invalid', /host name (?:not found|lookup failed): runtype\.invalid/],
      ['a refused connection', 'http://127.0.0.1:9', /connection refused/],
      ['TLS to a server without TLS', 'https://127.0.0.1:PORT', /TLS handshake failed|connection lost/],
    ] as const) {
      test(`row 36: ${name}: kept, shown on the card, and retried automatically`, async () => {
        await withServer(
          (_, response) => response.end(),
          async ({ port }) => {
            const settings = { RUNTYPE_API_URL: url.replace('PORT', String(port)) };
            await withCalls(
              async (world) => {
                await forward(world, 'refund-agent');
                const card = await world.slackCard();
                await world.discordCard();
                const asked: Asked = {
                  id: 'x',
                  slack: () => world.slack.state().messages.find(({ ts }) => ts === card.ts) ?? card,
                  discord: () =>
                    world.discord.state().messages.find(({ embeds }) => embeds.length > 0) ?? assert.fail(),
                };
                await world.press(asked);
                await world.says(asked, /Dana Reyes pressed Approve\.[\s\S]*Not delivered yet/);
                await world.says(asked, text);
              },
              { env: settings, polled: false },
            );
          },
        );
      });
    }
  });
});

function status(code: number, body: object, headers?: Record<string, string>): Fault {
  return { kind: 'status', status: code, when: 'before', body, ...(headers && { headers }) };
}
