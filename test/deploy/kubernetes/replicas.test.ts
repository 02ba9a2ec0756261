/** The manifests of several replicas: they differ from those of one where they must, and two real bots run with what they set. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { z } from 'zod';
import { createDatabase, skipPostgres } from '../../support/postgres/index.ts';
import { withBots } from '../../support/worlds/bots.ts';
import { readDockerfile } from '../image/dockerfile.ts';
import { byKind, environmentOf, manifests, pod, replicas, root } from './manifests.ts';

const labels = pod().set.selector.matchLabels;
const spec = (kind: string, among = replicas) => z.object({ spec: z.looseObject({}) }).parse(byKind(kind, among)).spec;
const images = (among = replicas) => z.object({ images: z.unknown() }).parse(byKind('Kustomization', among)).images;

describe('the replicas', () => {
  test('are two of the same pod as the one, by the same label, image and folders', () => {
    const { set, container, securityContext, volumes } = pod(replicas);
    const one = pod();
    assert.deepEqual([set.replicas, set.selector.matchLabels, set.template.metadata.labels], [2, labels, labels]);
    assert.deepEqual([container.image, container.ports], [one.container.image, one.container.ports]);
    assert.deepEqual(container.volumeMounts, one.container.volumeMounts);
    assert.deepEqual(securityContext, one.securityContext);
    assert.deepEqual(images(), images(manifests));
    assert.equal(volumes[0].persistentVolumeClaim, undefined, 'the data is in PostgreSQL');
    assert.deepEqual(spec('Service')['selector'], labels);
    assert.deepEqual(spec('PodDisruptionBudget')['selector'], { matchLabels: labels });
    assert.deepEqual(spec('NetworkPolicy')['podSelector'], { matchLabels: labels });
  });

  test('are updated, drained and placed one by one, and stop within their time', () => {
    const template = z.object({
      updateStrategy: z.object({ type: z.literal('RollingUpdate') }),
      minReadySeconds: z.number(),
      template: z.object({
        spec: z.object({
          affinity: z.object({ podAntiAffinity: z.looseObject({}) }),
          containers: z.tuple([
            z.object({ lifecycle: z.object({ preStop: z.object({ sleep: z.object({ seconds: z.number() }) }) }) }),
          ]),
        }),
      }),
    });
    const { minReadySeconds, template: made } = template.parse(spec('StatefulSet'));
    // Logins at Discord are five seconds apart, and a replica counts as dead after twelve.
    assert.ok(minReadySeconds > 12);
    const terms = JSON.stringify(made.spec.affinity.podAntiAffinity);
    for (const key of ['kubernetes.io/hostname', 'topology.kubernetes.io/zone']) assert.ok(terms.includes(`"${key}"`));
    assert.equal(spec('PodDisruptionBudget')['maxUnavailable'], 1);
    const source = readFileSync(join(root, 'src/main.ts'), 'utf8');
    const stopMs = Number(/STOP_WITHIN_MS = ([\d_]+);/.exec(source)?.[1]?.replace('_', ''));
    const { seconds } = made.spec.containers[0].lifecycle.preStop.sleep;
    assert.ok(stopMs > 0 && pod(replicas).terminationGracePeriodSeconds * 1000 > stopMs + seconds * 1000);
  });

  test('take calls while Slack is down, and may call the database', () => {
    const { startupProbe, livenessProbe, readinessProbe } = pod(replicas).container;
    const paths = [startupProbe, livenessProbe, readinessProbe].map(({ httpGet }) => httpGet.path);
    assert.deepEqual(paths, ['/healthz', '/healthz', '/healthz']);
    const egress = z.object({ egress: z.array(z.object({ ports: z.array(z.object({ port: z.number() })) })) });
    const ports = egress.parse(spec('NetworkPolicy')).egress.flatMap(({ ports: all }) => all.map(({ port }) => port));
    assert.deepEqual(ports, [53, 53, 443, 5432]);
  });

  test('get the database from the secret, and their names from their pods', () => {
    const from = Object.fromEntries(pod(replicas).container.env.map(({ name, valueFrom }) => [name, valueFrom]));
    assert.deepEqual(from['DATABASE_URL'], { secretKeyRef: { name: 'countersign', key: 'DATABASE_URL' } });
    assert.deepEqual(from['REPLICA'], { fieldRef: { fieldPath: 'metadata.name' } });
  });

  test('run beside each other with what the pods set, and see each other', { skip: skipPostgres }, async () => {
    const database = await createDatabase();
    try {
      await withBots(async (world) => {
        for (const name of ['countersign-0', 'countersign-1']) {
          const given = { POD_IP: '127.0.0.1', DATABASE_URL: database.connectionString, REPLICA: name };
          const env = environmentOf({ ...given, METRICS_TOKEN: 'a-token-of-metrics-of-32-letters' }, replicas);
          const bot = await world.start({ env: { HOST: readDockerfile().env['HOST'] ?? '', ...env } });
          const { httpGet } = pod(replicas).container.readinessProbe;
          assert.equal((await fetch(`http://127.0.0.1:${bot.port}${httpGet.path}`)).status, 200);
        }
        const rows = await database.query("SELECT id FROM replicas WHERE state = 'working' ORDER BY id", []);
        assert.equal(rows.length, 2);
        assert.match(JSON.stringify(rows), /countersign-0.*countersign-1/);
      });
    } finally {
      await database.drop();
    }
  });
});
