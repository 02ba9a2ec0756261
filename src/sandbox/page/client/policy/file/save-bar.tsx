import type { PolicyFileState } from '../../lib/protocol.ts';
import type { PolicyEditing } from '../use-policy.ts';

/** Whether the draft is valid and saved, and the buttons for it. */
export function SaveBar({ editing, file }: { editing: PolicyEditing; file: PolicyFileState }) {
  const { draft, setDraft, isChanged, isSaving, save, preview } = editing;
  const { kind, text } = statusOf(editing, file);
  const isWrong = preview?.version === null;
  return (
    <div className="save-bar">
      <p className={`save-status save-${kind}`} role="status" data-testid="policy-status" data-kind={kind}>
        {text}
      </p>
      {draft !== file.first && (
        <button type="button" className="plain-button" onClick={() => setDraft(file.first)}>
          Start over
        </button>
      )}
      <button
        type="button"
        className="plain-button"
        disabled={!isChanged || isSaving}
        onClick={() => setDraft(file.text)}
      >
        Discard
      </button>
      <button
        type="button"
        className={isWrong ? 'plain-button save-button' : 'plain-button save-button save-ready'}
        disabled={!isChanged || isSaving}
        title="Ctrl+S"
        onClick={() => void save()}
      >
        {isWrong ? 'Save anyway' : 'Save'}
      </button>
    </div>
  );
}

type Status = { kind: 'good' | 'open' | 'bad' | 'quiet'; text: string };

function statusOf(editing: PolicyEditing, { isWrong }: PolicyFileState): Status {
  const { preview, isLooking, isChanged, isSaving, saved, failure } = editing;
  if (failure !== null) return { kind: 'bad', text: failure };
  if (isSaving) return { kind: 'quiet', text: 'Saving …' };
  if (preview === null || isLooking) return { kind: 'quiet', text: 'Checking …' };
  const errors = preview.problems.length;
  const counted = `${errors} ${errors === 1 ? 'error' : 'errors'}`;
  if (isChanged) {
    if (errors > 0) return { kind: 'bad', text: `${counted}, not saved.` };
    return { kind: 'open', text: 'Valid, not saved yet.' };
  }
  if (isWrong) {
    return saved?.bot === 'stopped'
      ? { kind: 'bad', text: `Saved with ${counted}. The bot does not start with it.` }
      : { kind: 'bad', text: `Saved with ${counted}. The bot refuses it, and the policy before it still applies.` };
  }
  if (saved === null) return { kind: 'good', text: 'This is the policy that applies.' };
  return {
    loaded: { kind: 'good', text: 'Saved, and it applies.' } as const,
    stopped: { kind: 'open', text: 'Saved. The bot reads it when it starts.' } as const,
    refused: { kind: 'open', text: 'Saved.' } as const,
    unknown: { kind: 'open', text: 'Saved. The bot has not read it yet.' } as const,
  }[saved.bot];
}
