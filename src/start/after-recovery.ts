/**
 * The recovery of a start, and what waits until all that is open is recovered. Presses, cards and new requests do not.
 * Tested in test/start/after-recovery.test.ts.
 */
import type { Backend, HttpMount } from '../core/ports/ports.ts';
import type { Engine } from '../engine/contract.ts';
import type { Duties } from '../engine/duties.ts';
import type { Recovered } from '../engine/recovery/recover.ts';

/** Null: all is recovered. Resolves to false where the process stops before. */
type Complete = Promise<boolean> | null;

/** Joins the other replicas, and takes over what the last process left in the middle, or others that have ended. */
export async function takeOver(
  { backends, presence, recover }: Pick<Engine, 'backends' | 'presence' | 'recover'>,
  { undo, onFatal }: { undo: (() => unknown)[]; onFatal: (error: Error) => void },
): Promise<Recovered> {
  // The last to stop: until then its work is its own.
  undo.push(() => presence.stop());
  await presence.join(onFatal);
  // A backend may be reading before anything else has started; a second stop changes nothing.
  undo.push(() => Promise.all(backends.map((backend) => backend.stop())));
  const recovered = await recover();
  presence.start();
  return recovered;
}

/** A backend that remembers its runs knows only then which calls answer one of them. */
export function mountsAfter(
  complete: Complete,
  { http = [], reconcile }: Pick<Backend, 'http' | 'reconcile'>,
): readonly HttpMount[] {
  if (complete === null || reconcile === undefined) return http;
  return http.map((mount) => ({
    ...mount,
    async handle(request, reply, signal) {
      if (await complete) return mount.handle(request, reply, signal);
      reply.destroy();
    },
  }));
}

/** Each is watched by one replica. Resolves once none of them is watched here any more. */
export async function watchAfter(
  complete: Complete,
  { backends, duties }: { backends: readonly Backend[]; duties: Pick<Duties, 'whileHeld' | 'isOurs'> },
  signal: AbortSignal,
): Promise<void> {
  if (complete !== null && !(await complete)) return;
  await Promise.all(
    backends.map((backend) => {
      const watch = backend.watch?.bind(backend);
      if (watch === undefined) return undefined;
      const duty = `watch:${backend.name}` as const;
      return duties.whileHeld(duty, (either) => watch(either, () => duties.isOurs(duty)), signal);
    }),
  );
}
