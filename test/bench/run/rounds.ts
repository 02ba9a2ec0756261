/** The rounds of one case: each subject once a round, in an order that rotates, each in a fresh process. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Case, Subject } from '../contract.ts';
import { onCore } from './cores.ts';
import { type Quiet, untilQuiet } from './quiet.ts';
import { type Outcome, profileFlags, type Task } from './task.ts';

/** A subject that takes longer hangs. */
const SUBJECT_WITHIN_MS = 600_000;
const measureFile = fileURLToPath(new URL('./measure.ts', import.meta.url));

export interface Settings extends Pick<Task, 'quick' | 'from' | 'shared' | 'profiles'> {
  rounds: number;
  /** How long a round waits for a quiet machine, ms. */
  waitMs: number;
  /** Gets what happens, for the person who waits. */
  onProgress: (what: string) => void;
}

export interface Round {
  quiet: Quiet;
  /** What it took, without the wait for a quiet machine. */
  seconds: number;
  /** By subject. */
  outcomes: Record<string, Outcome>;
}

export async function runRounds({ name, subjects: all }: Case, settings: Settings): Promise<Round[]> {
  const subjects = all.filter(({ quick }) => !settings.quick || quick !== false);
  const rounds: Round[] = [];
  for (let number = 0; number < settings.rounds; number += 1) {
    const quiet = await untilQuiet(settings.waitMs);
    const outcomes: Round['outcomes'] = {};
    const since = performance.now();
    for (const subject of rotated(subjects, number)) {
      settings.onProgress(`${name}, round ${number + 1} of ${settings.rounds}: ${subject.name}`);
      outcomes[subject.name] = await measured(subject, { ...settings, name, subject: subject.name });
    }
    rounds.push({ quiet, seconds: (performance.now() - since) / 1_000, outcomes });
  }
  return rounds;
}

function rotated<T>(all: readonly T[], by: number): T[] {
  return all.map((_, index) => all[(index + by) % all.length] as T);
}

async function measured({ kind, inProcess = false }: Subject, task: Task & Settings): Promise<Outcome> {
  const { name, subject, quick, from, shared, profiles } = task;
  const order: Task = { name, subject, quick, from, shared, profiles };
  const flags = inProcess && kind === 'product' ? profileFlags(order) : [];
  const [file, args] = onCore(inProcess ? 'server' : 'load', [
    process.execPath,
    ...flags,
    measureFile,
    JSON.stringify(order),
  ]);
  const child = spawn(file, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const stop = () => child.kill('SIGTERM');
  process.once('exit', stop);
  const timer = setTimeout(stop, SUBJECT_WITHIN_MS);
  let outcome: Outcome = { error: `it ended without figures, within ${SUBJECT_WITHIN_MS / 1_000} s` };
  child.on('message', (message) => {
    outcome = message as Outcome;
  });
  await once(child, 'exit');
  clearTimeout(timer);
  process.off('exit', stop);
  return outcome;
}
