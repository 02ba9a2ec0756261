import { useEffect, useState } from 'react';
import type { State } from '../lib/page-state.ts';
import {
  advance,
  type Facts,
  instruction,
  NOTHING_DECIDED,
  type Progress,
  START,
  type Target,
  waitsOf,
} from './progress.ts';
import { remember, remembered } from './remembered.ts';

export interface Guide {
  isOpen: boolean;
  progress: Progress;
  /** What to do now, and what to press for it. */
  now: { text: string; target: Target };
  setOpen(isOpen: boolean): void;
  startOver(): void;
}

/** The progress of *Start here*, by what happens in the rooms and at the backends. */
export function useGuide(state: State): Guide {
  const [isOpen, setOpen] = useState(() => remembered<boolean>('guide-open') ?? true);
  const [progress, setProgress] = useState<Progress>(() => ({ ...START, ...remembered<Progress>('guide-progress') }));
  const tally = state.one('tally') ?? NOTHING_DECIDED;
  const facts: Facts = {
    tally,
    bot: state.one('bot')?.state ?? 'starting',
    isOwn: state.one('bot')?.ownIn !== undefined,
    waits: waitsOf(state.all('slack-message')),
  };
  const next = state.connected ? advance(progress, facts) : progress;
  useEffect(() => {
    if (next === progress) return;
    setProgress(next);
    remember('guide-progress', next);
  }, [next, progress]);
  return {
    isOpen,
    progress: next,
    now: isOpen ? instruction(next, facts) : { text: '', target: null },
    setOpen(open) {
      setOpen(open);
      remember('guide-open', open);
    },
    startOver() {
      const fresh = { ...START, from: tally };
      setProgress(fresh);
      remember('guide-progress', fresh);
    },
  };
}
