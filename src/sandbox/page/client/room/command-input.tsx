import { type FormEvent, useState } from 'react';
import { post } from '../lib/api.ts';

const EXAMPLE = '/countersign run refund The lamp came broken';

interface PromptProps {
  /** The route under `/api` that receives the command. */
  path: string;
  userId: string;
  channel: string;
  /** The platform's message if the app does not respond. */
  failure: string;
}

/** An input for slash commands, sent as the selected person. */
export function Prompt({ path, userId, channel, failure }: PromptProps) {
  const [typed, setTyped] = useState('');
  const [pending, setPending] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);
  const send = async (event: FormEvent) => {
    event.preventDefault();
    if (!typed.trim().startsWith('/')) return setTrouble(`Only commands are heard here, like ${EXAMPLE}`);
    setPending(true);
    const answer = await post(path, { userId, channel, typed: typed.trim() });
    setPending(false);
    if (!answer.ok) return setTrouble(answer.error);
    const acked = (answer.data as { acked?: unknown }).acked === true;
    setTrouble(acked ? null : failure);
    if (acked) setTyped('');
  };
  return (
    <form className="prompt" data-testid="prompt" onSubmit={(event) => void send(event)}>
      {trouble !== null && (
        <p className="prompt-trouble" role="alert" data-testid="prompt-trouble">
          {trouble}
        </p>
      )}
      <div className="prompt-row">
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
