/** The manifests in deploy/kubernetes, and those for several replicas, parsed. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';

export const root = fileURLToPath(new URL('../../..', import.meta.url));

const manifest = z.looseObject({ apiVersion: z.string(), kind: z.string() });
export type Manifest = z.infer<typeof manifest>;

/** By their paths below the folder. */
export type Manifests = ReadonlyMap<string, Manifest>;

export const manifests = manifestsIn('deploy/kubernetes');
export const replicas = manifestsIn('deploy/replicas/kubernetes');

/** As Kubernetes reads them: YAML 1.1. */
function manifestsIn(below: string): Manifests {
  const folder = join(root, below);
  return new Map(
    readdirSync(folder, { recursive: true, encoding: 'utf8', withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => {
        const text = readFileSync(file, 'utf8');
        return [relative(folder, file), manifest.parse(parse(text, { version: '1.1' }))];
      }),
  );
}

const named = z.object({ name: z.string(), value: z.string().optional(), valueFrom: z.unknown().optional() });
const probe = z.object({
  httpGet: z.object({ path: z.string(), port: z.literal('http') }),
  periodSeconds: z.number(),
  timeoutSeconds: z.number(),
  failureThreshold: z.number(),
});
const mounts = z.array(z.object({ name: z.string(), mountPath: z.string(), readOnly: z.boolean().optional() }));
const statefulSet = z.object({
  spec: z.object({
    replicas: z.number(),
    serviceName: z.string(),
    selector: z.object({ matchLabels: z.record(z.string(), z.string()) }),
    template: z.object({
      metadata: z.object({ labels: z.record(z.string(), z.string()) }),
      spec: z.object({
        terminationGracePeriodSeconds: z.number(),
        securityContext: z.object({ runAsUser: z.number(), runAsGroup: z.number(), fsGroup: z.number() }),
        containers: z.tuple([
          z.object({
            image: z.string(),
            ports: z.tuple([z.object({ name: z.string(), containerPort: z.number() })]),
            env: z.array(named),
            startupProbe: probe,
            livenessProbe: probe,
            readinessProbe: probe,
            volumeMounts: mounts,
          }),
        ]),
        volumes: z.tuple([
          z.object({ name: z.string(), persistentVolumeClaim: z.object({ claimName: z.string() }).optional() }),
          z.object({ name: z.string(), projected: z.object({ defaultMode: z.number() }) }),
        ]),
      }),
    }),
  }),
});

export function byKind(kind: string, among = manifests): Manifest {
  const found = [...among.values()].find((one) => one.kind === kind);
  assert.ok(found, kind);
  return found;
}

/** What the tests need of the bot's pod. */
export function pod(among = manifests) {
  const { spec } = statefulSet.parse(byKind('StatefulSet', among));
  return { set: spec, ...spec.template.spec, container: spec.template.spec.containers[0] };
}

/** The variables of the container as Kubernetes fills them in: `$(NAME)` refers to one that is defined before. */
export function environmentOf(given: Record<string, string>, among = manifests): Record<string, string> {
  const filled: Record<string, string> = {};
  for (const { name, value } of pod(among).container.env) {
    filled[name] = value?.replaceAll(/\$\((\w+)\)/g, (whole, of: string) => filled[of] ?? whole) ?? given[name] ?? '';
  }
  return filled;
}
