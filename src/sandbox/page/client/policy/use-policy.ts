import { useEffect, useRef, useState } from 'react';
import { post } from '../lib/api.ts';
import type { State } from '../lib/page-state.ts';
import type { PolicyPreview, SavedPolicy } from '../lib/protocol.ts';

/** How long the typing rests before the text is looked at, ms. */
const REST_MS = 250;

export interface PolicyEditing {
  draft: string;
  setDraft(text: string): void;
  /** The draft differs from the file. */
  isChanged: boolean;
  /** Of the newest draft that was looked at; null: of none yet. */
  preview: PolicyPreview | null;
  /** The preview is of an earlier draft. */
  isLooking: boolean;
  save(): Promise<void>;
  isSaving: boolean;
  /** What the last save led to; null since the draft was changed. */
  saved: SavedPolicy | null;
  /** The sandbox did not answer. */
  failure: string | null;
}

/** The policy file and a draft of it: what the draft would do follows each change of it, and each change in the rooms. */
export function usePolicy(state: State): PolicyEditing {
  const file = state.one('policy')?.text ?? '';
  const [draft, setDraft] = useState(file);
  const [preview, setPreview] = useState<{ of: string; found: PolicyPreview } | null>(null);
  const [saved, setSaved] = useState<SavedPolicy | null>(null);
  const [isSaving, setSaving] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const messages = useVersion(state.all('slack-message'));
  const newest = useRef(0);

  // Saved in another tab: the draft follows, unless it was changed here.
  const known = useRef(file);
  useEffect(() => {
    if (draft === known.current) setDraft(file);
    known.current = file;
  }, [file, draft]);

  const bot = state.one('bot')?.state;
  // biome-ignore lint/correctness/useExhaustiveDependencies: what waits changes with the messages, the file and the bot.
  useEffect(() => {
    const look = async () => {
      newest.current += 1;
      const number = newest.current;
      const answer = await post('/policy/preview', { text: draft });
      if (number !== newest.current) return;
      if (answer.ok) setPreview({ of: draft, found: answer.data as PolicyPreview });
      setFailure(answer.ok ? null : answer.error);
    };
    const timer = setTimeout(() => void look(), REST_MS);
    return () => clearTimeout(timer);
  }, [draft, messages, file, bot]);

  return {
    draft,
    setDraft(text) {
      setDraft(text);
      setSaved(null);
    },
    isChanged: draft !== file,
    preview: preview?.found ?? null,
    isLooking: preview?.of !== draft,
    async save() {
      setSaving(true);
      const answer = await post('/policy/save', { text: draft });
      setSaving(false);
      if (answer.ok) setSaved(answer.data as SavedPolicy);
      setFailure(answer.ok ? null : answer.error);
    },
    isSaving,
    saved,
    failure,
  };
}

/** Another number for each other list of items. */
function useVersion(items: readonly unknown[]): number {
  const last = useRef({ items, version: 0 });
  const isSame =
    items.length === last.current.items.length && items.every((item, index) => item === last.current.items[index]);
  if (!isSame) last.current = { items, version: last.current.version + 1 };
  return last.current.version;
}
