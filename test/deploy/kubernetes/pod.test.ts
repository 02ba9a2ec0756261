/** The pod of deploy/kubernetes: it fits the image, and the real bot with its settings answers the kubelet and Prometheus. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { z } from 'zod';
import { secretOf } from '../../support/data/secrets.ts';
import { withBots } from '../../support/worlds/bots.ts';
import { readDockerfile } from '../image/dockerfile.ts';
import { byKind, environmentOf, pod, root } from './manifests.ts';

const image = readDockerfile();
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
/** Of this machine, and not the loopback one: what a kubelet calls from has another address than the bot, too. */
const address = Object.values(networkInterfaces())
  .flatMap((found) => found ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;

interface Answer {
  status: number;
  body: string;
}

/** As a kubelet sends it: to the address of the pod, which is also its Host header. */
function probed(host: string, port: number, path: string, headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = { 'user-agent': 'kube-probe/1.34', accept: '*/*', connection: 'close', ...headers };
    get({ host, port, path, headers: sent }, async (response) => {
      resolve({ status: response.statusCode ?? 0, body: (await response.toArray()).join('') });
    }).on('error', reject);
  });
}

describe('the pod', () => {
  test('runs the image: its user, its port, its folders and its version', () => {
    const { set, container, securityContext, volumes } = pod();
    const [uid, gid] = image.user.split(':').map(Number);
    assert.deepEqual(securityContext, { runAsUser: uid, runAsGroup: gid, fsGroup: gid });
    assert.equal(container.ports[0].containerPort, Number(image.env['PORT']));
    const folders = container.volumeMounts.map(({ name, mountPath }) => [name, mountPath]);
    assert.deepEqual(Object.fromEntries(folders), { data: image.volume, config: image.folder });
    assert.ok(image.env['DATABASE_URL']?.startsWith(`file:${image.volume}/`));
    const [data, config] = volumes;
    assert.equal(config.projected.defaultMode, 0o440);
    const claim = z.object({ metadata: z.object({ name: z.string() }) }).parse(byKind('PersistentVolumeClaim'));
    assert.equal(data.persistentVolumeClaim?.claimName, claim.metadata.name);
    assert.deepEqual([set.replicas, set.template.metadata.labels], [1, set.selector.matchLabels]);
    const { images } = z
      .object({ images: z.tuple([z.object({ name: z.string(), newTag: z.string() })]) })
      .parse(byKind('Kustomization'));
    assert.deepEqual(images, [{ name: container.image, newTag: version }]);
  });

  test('is told from the others by one label, in every manifest', () => {
    const { labels } = pod().set.template.metadata;
    const selectors = [
      z.object({ spec: z.object({ selector: z.unknown() }) }).parse(byKind('Service')).spec.selector,
      z.object({ spec: z.object({ podSelector: z.unknown() }) }).parse(byKind('NetworkPolicy')).spec.podSelector,
      z.object({ spec: z.object({ selector: z.unknown() }) }).parse(byKind('ServiceMonitor')).spec.selector,
    ];
    assert.deepEqual(selectors, [labels, { matchLabels: labels }, { matchLabels: labels }]);
    const { metadata } = z.object({ metadata: z.object({ labels: z.unknown() }) }).parse(byKind('Service'));
    assert.deepEqual(metadata.labels, labels, 'the monitor finds the Service by it');
  });

  test('is restarted only when it hangs for long, and has the time that a stop takes', () => {
    const { container, terminationGracePeriodSeconds } = pod();
    const { startupProbe, livenessProbe, readinessProbe } = container;
    assert.deepEqual(
      [startupProbe, livenessProbe, readinessProbe].map(({ httpGet }) => httpGet.path),
      ['/healthz', '/healthz', '/readyz'],
    );
    // One delay of the event loop is shown for ten seconds.
    assert.ok(livenessProbe.periodSeconds * livenessProbe.failureThreshold > 30);
    const stopMs = Number(
      /STOP_WITHIN_MS = ([\d_]+);/.exec(readFileSync(join(root, 'src/main.ts'), 'utf8'))?.[1]?.replace('_', ''),
    );
    assert.ok(stopMs > 0 && terminationGracePeriodSeconds * 1000 > stopMs);
  });

  test('answers the kubelet, a container’s own check, Prometheus, and no one else’s name', {
    skip: address === undefined && 'this machine has no address besides the loopback one',
  }, async () => {
    const podIp = String(address);
    const token = secretOf('metrics');
    await withBots(async (world) => {
      const env = { HOST: image.env['HOST'] ?? '', ...environmentOf({ POD_IP: podIp, METRICS_TOKEN: token }) };
      const bot = await world.start({ env: { ...env, PUBLIC_URL: 'https://bot.example.com' } });
      const { container } = pod();
      for (const { httpGet } of [container.startupProbe, container.livenessProbe]) {
        assert.deepEqual(await probed(podIp, bot.port, httpGet.path), { status: 200, body: '{"status":"ok"}' });
      }
      const { path } = container.readinessProbe.httpGet;
      assert.deepEqual(await probed(podIp, bot.port, path), { status: 200, body: '{"status":"ready"}' });
      // Of the Service, as other pods of this and of other namespaces call it.
      for (const host of ['countersign:3000', 'countersign.countersign.svc.cluster.local:3000', 'localhost:3000']) {
        assert.equal((await probed(podIp, bot.port, path, { host })).status, 200, host);
      }
      // The list is whole: the host of PUBLIC_URL must be added.
      for (const host of ['rebound.example', 'bot.example.com']) {
        assert.equal((await probed(podIp, bot.port, path, { host })).status, 421, host);
      }
      assert.equal((await probed(podIp, bot.port, '/metrics')).status, 403);
      const { status, body } = await probed(podIp, bot.port, '/metrics', { authorization: `Bearer ${token}` });
      assert.deepEqual([status, body.includes('countersign_check_ok')], [200, true]);
      // The image's own check, from inside the container.
      assert.equal((await probed('127.0.0.1', bot.port, '/healthz')).status, 200);
    });
  });

  test('would be probed in vain without its allowed hosts', {
    skip: address === undefined && 'this machine has no address besides the loopback one',
  }, async () => {
    await withBots(async (world) => {
      const bot = await world.start({ env: { HOST: image.env['HOST'] ?? '' } });
      assert.equal((await probed(String(address), bot.port, '/readyz')).status, 421);
      assert.equal((await probed(String(address), bot.port, '/healthz')).status, 200);
    });
  });
});
