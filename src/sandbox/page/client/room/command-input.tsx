import { type FormEvent, useState } from 'react';
import { post } from '../lib/api.ts';

const EXAMPLE = '/countersign run refund The lamp arrived broken';

interface CommandInputProps {
  /** The route under `/api` that receives the command. */
  path: string;
  userId: string;
  channel: string;
  /** The platform's message if the app does not respond. */
  failure: string;
}

/** An input for slash commands, sent as the selected person. */
export function CommandInput({ path, userId, channel, failure }: CommandInputProps) {
  const [typed, setTyped] = useState('');
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const send = async (event: FormEvent) => {
    event.preventDefault();
    if (!typed.trim().startsWith('/')) return setError(`Type a command, for example ${EXAMPLE}`);
    setPending(true);
    const answer = await post(path, { userId, channel, typed: typed.trim() });
    setPending(false);
    if (!answer.ok) return setError(answer.error);
    const acked = (answer.data as { acked?: unknown }).acked === true;
    setError(acked ? null : failure);
    if (acked) setTyped('');
  };
  return (
    <form className="command-input" data-testid="command-input" onSubmit={(event) => void send(event)}>
      {error !== null && (
        <p className="command-error" role="alert" data-testid="command-error">
          {error}
        </p>
      )}
      <div className="command-row">
        <input
          type="text"
          aria-label="Command"
          placeholder={EXAMPLE}
          value={typed}
          maxLength={2_000}
          autoComplete="off"
          onChange={(event) => setTyped(event.target.value)}
        />
        <button type="submit" disabled={pending || typed.trim() === ''}>
          Send
        </button>
      </div>
    </form>
  );
}
