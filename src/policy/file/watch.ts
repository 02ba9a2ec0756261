/**
 * Notices that a file has changed, however it is changed: in place, by a rename over it, or by a symbolic link beside it
 * that is pointed elsewhere, as Kubernetes does. Tested in test/policy/file/reload.test.ts.
 */
import { type FSWatcher, statSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { coerceError } from '../../core/ports/errors.ts';
import type { Clock, Log } from '../../core/ports/ports.ts';

/** Editors and `kubectl` write in several steps. */
const DEBOUNCE_MS = 200;
/** Network and container file systems report no changes. */
const POLL_MS = 5_000;

export interface Watching {
  path: string;
  /** It may have changed. Called at most once per debounce. */
  onChange: () => void;
  clock: Clock;
  log: Pick<Log, 'warn'>;
  /** For tests. */
  debounceMs?: number;
  pollMs?: number;
}

/** @returns stops it */
export function watchFile(options: Watching): () => void {
  const { path, onChange, clock, log, debounceMs = DEBOUNCE_MS, pollMs = POLL_MS } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  let isDue = false;
  let known = stampOf(path);

  const look = () => {
    const stamp = stampOf(path);
    if (stamp === known) return;
    known = stamp;
    onChange();
  };
  const soon = async () => {
    if (isDue) return;
    isDue = true;
    await clock.sleep(debounceMs, signal).catch(() => {});
    isDue = false;
    if (!signal.aborted) look();
  };
  const poll = async () => {
    while (!signal.aborted) {
      await clock.sleep(pollMs, signal).catch(() => {});
      if (!signal.aborted) look();
    }
  };
  const watcher = openWatcher(path, () => void soon(), log);
  void poll();
  return () => {
    stopping.abort();
    watcher?.close();
  };
}

/** The folder is watched: a file that is replaced is another file. */
function openWatcher(path: string, onEvent: () => void, log: Pick<Log, 'warn'>): FSWatcher | null {
  try {
    const watcher = watch(dirname(path), { persistent: false }, onEvent);
    watcher.on('error', (error) => {
      watcher.close();
      log.warn({ file: basename(path), err: error }, 'the folder of the policy file can’t be watched; it is polled');
    });
    return watcher;
  } catch (thrown) {
    log.warn(
      { file: basename(path), err: coerceError(thrown) },
      'the folder of the policy file can’t be watched; it is polled',
    );
    return null;
  }
}

/** Differs after every change of the file, also of what its symbolic link points to. */
function stampOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false, bigint: true });
  return found === undefined ? '' : `${found.dev}:${found.ino}:${found.size}:${found.mtimeNs}:${found.ctimeNs}`;
}
