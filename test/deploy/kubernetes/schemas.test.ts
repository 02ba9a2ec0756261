/** The manifests keep to Kubernetes' own schemas: values by the validators, names of fields by the types, which know them all. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { z } from 'zod';
import { byKind, type Manifest, type Manifests, manifests, replicas, root } from './manifests.ts';

mkdirSync(join(root, 'node_modules/.cache'), { recursive: true });
/** Inside `node_modules`, where the packages are found. */
const folder = mkdtempSync(join(root, 'node_modules/.cache/countersign-manifests-'));
after(() => rmSync(folder, { recursive: true }));

/** Kustomize's own files are not objects of the API, and no package of npm has their schema. */
const kustomization = z.discriminatedUnion('kind', [
  z.strictObject({
    apiVersion: z.literal('kustomize.config.k8s.io/v1beta1'),
    kind: z.literal('Kustomization'),
    namespace: z.string(),
    resources: z.array(z.string()).min(1),
    images: z.array(z.strictObject({ name: z.string(), newName: z.string(), newTag: z.string() })),
  }),
  z.strictObject({
    apiVersion: z.literal('kustomize.config.k8s.io/v1alpha1'),
    kind: z.literal('Component'),
    resources: z.array(z.string()).min(1),
  }),
]);
const isKustomize = ({ apiVersion }: Manifest) => apiVersion.startsWith('kustomize.config.k8s.io/');
const objectsOf = (some: Manifests) => [...some].filter(([, one]) => !isKustomize(one));
const objects = [...objectsOf(manifests), ...objectsOf(replicas)];

function moduleOf({ apiVersion }: Manifest): string {
  const isOperator = apiVersion.startsWith('monitoring.coreos.com/');
  return `${isOperator ? '@kubernetes-models/prometheus-operator' : 'kubernetes-models'}/${apiVersion}`;
}

async function validate(manifest: Manifest): Promise<void> {
  const models = (await import(moduleOf(manifest))) as Record<string, new (data: object) => { validate(): void }>;
  const Model = models[manifest.kind];
  assert.ok(Model, `${manifest.apiVersion} has no ${manifest.kind}`);
  new Model(manifest).validate();
}

/** What the compiler says of these manifests as values of their types: a field that a type does not have is an error. */
function typeErrors(given: readonly Manifest[]): string {
  const lines = given.map((one, index) => {
    const type = `import(${JSON.stringify(moduleOf(one))}).I${one.kind}`;
    return `export const manifest${index}: ${type} = ${JSON.stringify(one, null, 2)};`;
  });
  writeFileSync(join(folder, 'manifests.ts'), lines.join('\n'));
  const options = [
    '--ignoreConfig',
    '--noEmit',
    '--strict',
    '--skipLibCheck',
    '--module',
    'nodenext',
    '--target',
    'esnext',
  ];
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const { status, stdout } = spawnSync(process.execPath, [tsc, ...options, '--types', '', 'manifests.ts'], {
    cwd: folder,
    encoding: 'utf8',
  });
  assert.equal(stdout === '', status === 0, stdout);
  return stdout;
}

describe('the manifests of Kubernetes', () => {
  test('are valid, each by the schema of its kind', async () => {
    assert.ok(objectsOf(manifests).length >= 5 && objectsOf(replicas).length >= 4);
    for (const [, manifest] of objects) await validate(manifest);
    const set = structuredClone(byKind('StatefulSet')) as Manifest & { spec: { replicas: unknown } };
    set.spec.replicas = 'one';
    await assert.rejects(validate(set), /replicas/);
  });

  test('have no field that Kubernetes does not know, and would ignore', () => {
    assert.equal(typeErrors(objects.map(([, one]) => one)), '');
    const set = structuredClone(byKind('StatefulSet')) as Manifest & { spec: { template: { spec: object } } };
    Object.assign(set.spec.template.spec, { automountServiceAccountTokens: false });
    assert.match(typeErrors([set]), /automountServiceAccountTokens/);
  });

  test('are all named by the kustomization, apart from those that must survive it', () => {
    const apart = ['namespace.yaml', 'volume.yaml'];
    assert.deepEqual([...apart, ...namedIn('deploy/kubernetes', manifests)].toSorted(), filesOf(manifests));
    assert.deepEqual(namedIn('deploy/replicas/kubernetes', replicas).toSorted(), filesOf(replicas));
  });
});

const filesOf = (some: Manifests) =>
  objectsOf(some)
    .map(([file]) => file)
    .toSorted();

function namedIn(folderOf: string, some: Manifests): string[] {
  const named: string[] = [];
  for (const [file, manifest] of some) {
    if (!isKustomize(manifest)) continue;
    const below = file.includes('/') ? `${file.slice(0, file.lastIndexOf('/'))}/` : '';
    for (const resource of kustomization.parse(manifest).resources) {
      assert.ok(existsSync(join(root, folderOf, below, resource)), resource);
      named.push(`${below}${resource}`);
    }
  }
  return named;
}
