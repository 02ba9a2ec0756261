/** Laws of standing answers, in any order of what can happen, restarts included. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import type { Pause } from '../../../src/core/approval/pause/pause.ts';
import { dana, pauseOf } from '../../support/data/pauses.ts';
import { accountsOf, documentOf, ruleOf, verbOf } from '../../support/data/policies.ts';
import { runs } from '../../support/property.ts';
import { createTestEngine, type Engine } from '../../support/worlds/engine.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-any-order-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const MINUTE = 60_000;
const USES = 3;
const FOR_MS = 30 * MINUTE;
const grant = { after: 1, forMs: FOR_MS, uses: USES, vary: ['params.note'] };
const people = accountsOf({ dana: [`slack:${dana.id}`] });
const documentAt = (version: string) =>
  documentOf({ version, people, rules: [ruleOf({ verbs: verbOf(['dana']), grant })] });

const happening = fc.constantFrom(
  'same',
  'same',
  'same',
  'two at once',
  'other',
  'other shape',
  'give',
  'give',
  'end',
  'later',
  'restart',
  'stop',
  'start',
  'another file',
  'first file',
);

/** What has to be so, said without looking at the code. */
interface Expected {
  grant: { used: number; until: number } | null;
  isStopped: boolean;
  version: string;
}

let worlds = 0;

class World {
  engine: Engine;
  from = '';
  #asked = 0;
  readonly #file = join(folder, `${++worlds}.db`);
  readonly expected: Expected = { grant: null, isStopped: false, version: 'v1' };

  constructor() {
    this.engine = this.#create();
  }

  #create(): Engine {
    const { version } = this.expected;
    const clock = this.engine?.clock;
    return createTestEngine({ document: documentAt(version), file: this.#file, ...(clock && { clock }) });
  }

  async begin(): Promise<void> {
    await this.engine.recover();
    this.engine.outbox.start();
    const { id, fingerprint } = await this.ask();
    await this.engine.onPress(this.engine.press({ buttonId: { approvalId: id, fingerprint } }));
    const isApproved = () => this.engine.status(0)?.startsWith('Approved by') || undefined;
    await this.engine.until(isApproved);
    this.from = id;
  }

  async ask(parameters: Pause['parameters'] = {}) {
    this.#asked += 1;
    const key = `k${this.#asked}`;
    const values = { amount: 20, note: key, ...parameters };
    const pause = pauseOf({ key, groupId: key, runId: key, parameters: values });
    await this.engine.intake.deliver({ type: 'announced', pause, via: 'stream', streamOpen: false, inputId: null });
    const approval = await this.engine.store.get(this.engine.idOf(key));
    assert.ok(approval !== null);
    return approval;
  }

  async press(action: 'grant' | 'end_grant') {
    const { fingerprint = '' } = (await this.engine.store.get(this.from)) ?? {};
    const form = action === 'grant' ? { confirm: ['0'] } : null;
    const buttonId = { approvalId: this.from, action, fingerprint };
    return (await this.engine.onPress(this.engine.press({ buttonId, form }))).type;
  }

  async restart(): Promise<void> {
    await this.engine.stop();
    this.engine = this.#create();
    await this.engine.recover();
    this.engine.outbox.start();
  }

  async happens(what: string): Promise<void> {
    const { expected, engine } = this;
    const isInForce = () =>
      expected.grant !== null && expected.grant.used < USES && engine.clock.now() < expected.grant.until;
    const isUsable = () => isInForce() && !expected.isStopped;
    switch (what) {
      case 'same':
      case 'two at once': {
        const asked = await Promise.all(what === 'same' ? [this.ask()] : [this.ask(), this.ask()]);
        for (const use of asked.flatMap(({ decision }) => decision?.standing?.use ?? []).sort()) {
          assert.ok(isUsable() && expected.grant !== null, 'decided without a standing answer in force');
          expected.grant.used += 1;
          assert.equal(use, expected.grant.used);
        }
        const isLeft = asked.some(({ phase }) => phase === 'open') && isUsable();
        assert.ok(!isLeft, 'left to people although a standing answer is in force');
        return;
      }
      case 'other':
        assert.equal((await this.ask({ amount: 21 })).phase, 'open');
        return;
      case 'other shape':
        assert.equal((await this.ask({ force: true })).phase, 'open');
        if (isInForce()) expected.grant = null;
        return;
      case 'give': {
        const may = !expected.isStopped && expected.version === 'v1';
        const isNew = may && !isInForce();
        assert.equal(await this.press('grant'), may ? 'notified' : 'refused');
        if (isNew) expected.grant = { used: 0, until: engine.clock.now() + FOR_MS };
        return;
      }
      case 'end':
        await this.press('end_grant');
        expected.grant = null;
        return;
      case 'later':
        engine.clock.advance(11 * MINUTE);
        return;
      case 'restart':
        return this.restart();
      case 'stop':
        await engine.stopSwitch.stop(dana, null);
        expected.isStopped = true;
        return;
      case 'start':
        await engine.stopSwitch.start(dana);
        expected.isStopped = false;
        return;
      default: {
        const version = what === 'first file' ? 'v1' : 'v2';
        await engine.setPolicy(documentAt(version));
        if (version !== expected.version) expected.grant = null;
        expected.version = version;
      }
    }
  }
}

test('a standing answer decides what it allows, as often as it allows, and nothing else, whatever happens', () =>
  fc.assert(
    fc.asyncProperty(fc.array(happening, { minLength: 4, maxLength: 16 }), async (all) => {
      const world = new World();
      try {
        await world.begin();
        await world.happens('give');
        for (const what of all) await world.happens(what);
      } finally {
        await world.engine.stop();
      }
    }),
    { numRuns: runs(12) },
  ));
