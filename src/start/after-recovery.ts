/**
 * What backends are asked for waits until all that is open is recovered: they may claim or announce only what they compare with
 * all of it. Presses wait only for their own approval. Tested in test/faults/process/large-start.test.ts.
 */
import type { Backend, HttpMount } from '../core/ports/ports.ts';

/** Null: all is recovered. Resolves to false where the process stops before. */
type Complete = Promise<boolean> | null;

export function mountAfter(complete: Complete, mount: HttpMount): HttpMount {
  if (complete === null) return mount;
  return {
    ...mount,
    async handle(request, reply, signal) {
      if (await complete) return mount.handle(request, reply, signal);
      reply.destroy();
    },
  };
}

/** Resolves once none of them watches any more. */
export async function watchAfter(complete: Complete, backends: readonly Backend[], signal: AbortSignal): Promise<void> {
  if (complete !== null && !(await complete)) return;
  await Promise.all(backends.map((backend) => backend.watch?.(signal)));
}
