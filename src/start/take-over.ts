/** Tested in test/faults/process/start-up.test.ts. */
import type { Engine } from '../engine/contract.ts';
import type { Recovered } from '../engine/recovery/recover.ts';

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
