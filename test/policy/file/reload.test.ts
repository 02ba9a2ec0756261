import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { backends, ids } from '../../../src/adapters.ts';
import type { PolicyDocument } from '../../../src/core/policy/rules/document.ts';
import type { Alert } from '../../../src/core/view/cards/alert-card.ts';
import { createReload, type ReloadedPolicy } from '../../../src/policy/file/reload.ts';
import { loadPolicy } from '../../../src/policy/load.ts';
import { systemClock } from '../../../src/system/clock.ts';

const text = (name: string) => `version: 1
rules:
  - name: ${name}
    rooms: [slack:C1]
    approve: { by: [slack:U1] }
`;
const load = (content: string) =>
  loadPolicy(content, { source: 'countersign.yml', ids, backends: backends.map(({ name }) => name) });

let folder: string;
let path: string;
let policy: ReloadedPolicy;
let events: string[];
let onEvent = () => {};

/** Resolves when so much has happened since the start. */
async function happened(...expected: string[]): Promise<void> {
  while (events.length < expected.length) {
    await new Promise<void>((resolve) => {
      onEvent = resolve;
    });
  }
  assert.deepEqual(events, expected);
}

function open(pollMs = 60_000): void {
  const record = (event: string) => {
    events.push(event);
    onEvent();
  };
  const content = text('first');
  const { document } = load(content);
  assert.ok(document !== null);
  policy = createReload({
    file: { path, text: content },
    document,
    load,
    apply: ({ rules }: PolicyDocument) => record(`applied ${rules[0]?.name}`),
    alerts: {
      begin: ({ kind }: Alert) => record(`alert ${kind}`),
      over: (kind) => record(`over ${kind}`),
    },
    clock: systemClock,
    log: { info() {}, warn() {}, error() {} },
    pace: { debounceMs: 10, pollMs, goneMs: 30 },
  });
  policy.start();
}

describe('the policy file of a running bot', () => {
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'countersign-reload-'));
    path = join(folder, 'countersign.yml');
    events = [];
    writeFileSync(path, text('first'));
  });
  afterEach(() => {
    policy.stop();
    rmSync(folder, { recursive: true });
  });

  describe('a change is loaded', { timeout: 20_000 }, () => {
    test('when the file is written in place', async () => {
      open();
      writeFileSync(path, text('second'));
      await happened('applied second');
      assert.notEqual(policy.state().version, load(text('first')).document?.version);
    });

    test('when another file is renamed over it', async () => {
      open();
      writeFileSync(`${path}.tmp`, text('second'));
      renameSync(`${path}.tmp`, path);
      await happened('applied second');
    });

    test('when an editor removes it and writes it again', async () => {
      open();
      unlinkSync(path);
      policy.reload('change');
      writeFileSync(path, text('second'));
      await happened('applied second');
    });

    test('when a link beside it points elsewhere, as in a ConfigMap', async () => {
      const link = (version: string) => {
        mkdirSync(join(folder, version));
        writeFileSync(join(folder, version, 'countersign.yml'), text(version));
        symlinkSync(version, join(folder, '..data_tmp'));
        renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
      };
      link('first');
      unlinkSync(path);
      symlinkSync('..data/countersign.yml', path);
      open();
      link('second');
      await happened('applied second');
    });

    test('when only a look notices it', async () => {
      mkdirSync(join(folder, 'elsewhere'));
      const target = join(folder, 'elsewhere', 'policy.yml');
      writeFileSync(target, text('first'));
      unlinkSync(path);
      symlinkSync('elsewhere/policy.yml', path);
      open(20);
      writeFileSync(target, text('second'));
      await happened('applied second');
    });

    test('when it was written while the bot started', async () => {
      writeFileSync(path, text('second'));
      open();
      await happened('applied second');
    });

    test('on SIGHUP, also an unchanged one', async () => {
      open();
      policy.reload('SIGHUP');
      await happened('applied first');
    });
  });

  describe('a file with an error', { timeout: 20_000 }, () => {
    test('changes nothing, raises an alert, and is visible; a valid one ends it', async () => {
      open();
      const { version } = policy.state();
      writeFileSync(path, text('second').replace('approve', 'aprove'));
      await happened('alert policy_wrong');
      assert.equal(policy.state().version, version);
      assert.match(policy.state().problems[0] ?? '', /countersign.yml:5:5: "aprove" is not a key/);
      writeFileSync(path, text('third'));
      await happened('alert policy_wrong', 'applied third', 'over policy_wrong');
      assert.deepEqual(policy.state().problems, []);
    });

    test('the policy before it is an answer to it, too', async () => {
      open();
      writeFileSync(path, 'version: [');
      await happened('alert policy_wrong');
      writeFileSync(path, text('first'));
      await happened('alert policy_wrong', 'applied first', 'over policy_wrong');
    });

    test('a file that was removed is one', async () => {
      open();
      unlinkSync(path);
      await happened('alert policy_wrong');
      assert.match(policy.state().problems[0] ?? '', /does not exist/);
    });
  });
});
