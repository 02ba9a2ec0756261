/** What operators, and those who are none, read and do by `/countersign`, in the whole engine. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Actor } from '../../../src/core/approval/parts/decision.ts';
import { PlatformError } from '../../../src/core/ports/errors.ts';
import { parseAsk } from '../../../src/core/view/command.ts';
import { openIn } from '../../support/data/lists.ts';
import { dana, sam, slackRoom } from '../../support/data/pauses.ts';
import { accountsOf, who } from '../../support/data/policies.ts';
import { ask, type Engine, type EngineOptions, says, withEngine } from '../../support/worlds/engine.ts';

const document: EngineOptions['document'] = {
  version: 'abc123',
  source: 'countersign.yml',
  people: accountsOf({ mara: [`discord:${sam.id}`] }),
  operators: [who('mara')],
};
let commands = 0;
const type = (engine: Engine, actor: Actor, typed: string) => {
  commands += 1;
  const { platform } = actor;
  return engine.onCommand({
    ...{ id: `command-${commands}`, platform, actor, roles: [], place: slackRoom },
    ask: parseAsk(typed),
  });
};

describe('an operator', () => {
  test('stops and starts everything, and reads what that does', () =>
    withEngine(
      async (engine) => {
        await ask(engine);
        const stopped = await type(engine, sam, 'stop it loops');
        assert.match(
          stopped.text,
          /^Stopped\. From now on no decision is sent, no run is started, and presses are refused/,
        );
        assert.equal(engine.stopSwitch.current()?.reason, 'it loops');
        assert.equal(engine.stopSwitch.current()?.by.person, 'mara');
        assert.match((await type(engine, sam, 'stop')).text, /^Countersign is stopped: Sam.* \(“it loops”\)/);
        assert.match((await type(engine, sam, 'status')).text, /^Countersign is stopped: Sam/);
        assert.match((await type(engine, sam, 'start')).text, /^Started again, after the stop by Sam/);
        assert.match((await type(engine, sam, 'start')).text, /^It is not stopped/);
      },
      { document },
    ));

  test('reads health, the oldest, the backlog, the policy, and retries what was abandoned', () =>
    withEngine(
      async (engine) => {
        await ask(engine, { tool: 'refund_order' });
        engine.clock.advance(3 * 60_000);
        engine.faults.post.push(...[1, 2].map(() => new PlatformError('refused', 'restricted_action')));
        await engine.intake.deliver({
          type: 'announced',
          pause: { ...(await pauseOfFirst(engine)), key: 'k2', groupId: 'g2', runId: 'r2' },
          via: 'stream',
          streamOpen: false,
          inputId: null,
        });
        await engine.until(() => (engine.faults.post.length === 0 ? true : undefined));
        await engine.until(() =>
          engine.lines().filter(({ msg }) => msg === 'job abandoned').length >= 2 ? true : undefined,
        );
        const { text, buttons } = await type(engine, sam, 'status');
        assert.match(text, /^Running: decisions are sent\.\n/);
        assert.match(text, /Open: 2 approvals\. Oldest: Refund order \(Runtype\), 3 minutes\./);
        assert.match(text, /Abandoned: 2 cards and notes \(press Retry\)\./);
        assert.match(text, /Policy: countersign\.yml, version abc123, loaded 3 minutes ago\./);
        assert.deepEqual(buttons, [{ label: 'Retry', typed: 'retry' }]);
        assert.match((await type(engine, sam, 'retry')).text, /^2 cards and notes will be tried again now/);
        await engine.until(() => (engine.messages.length === 4 ? true : undefined));
        await says(engine, 3, 'Needs a decision');
        assert.match((await type(engine, sam, 'retry')).text, /^There is nothing to retry/);
        assert.equal((await type(engine, sam, 'status')).buttons, undefined);
      },
      { document },
    ));
});

describe('anyone else', () => {
  const verbs = ['stop', 'start', 'status', 'retry'];

  test('is refused, and reads who may', () =>
    withEngine(
      async (engine) => {
        for (const verb of verbs) {
          const { text } = await type(engine, dana, verb);
          assert.match(
            text,
            /^Only operators can do this\. countersign\.yml names them: mara\. Nothing was done\.$/,
            verb,
          );
        }
        assert.equal(engine.stopSwitch.current(), null);
      },
      { document },
    ));

  test('is refused where no operator is named; reviewers are none', () =>
    withEngine(
      async (engine) => {
        assert.match(
          (await type(engine, dana, 'stop')).text,
          /countersign\.yml names no operators.*“operators: \[name\]”/,
        );
      },
      { document: { ...document, operators: [] } },
    ));

  test('is refused without a file, and reads how to write one', () =>
    withEngine(async (engine) => {
      assert.match(
        (await type(engine, dana, 'stop')).text,
        /named in the policy file, and there is none\. Reviewers are not operators\..*npm run policy -- init/,
      );
      assert.equal(engine.stopSwitch.current(), null);
    }));

  test('is refused where it could not be checked', () =>
    withEngine(
      async (engine) => {
        assert.match((await type(engine, dana, 'stop')).text, /could not be checked\. Nothing was done/);
      },
      { document: { ...document, operators: [who('slack:group:S1')] } },
    ));
});

async function pauseOfFirst(engine: Engine) {
  const [first] = await openIn(engine.store);
  if (first === undefined) throw new Error('there is one');
  return first.pause;
}
