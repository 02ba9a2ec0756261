import { useEffect, useState } from 'react';
import { post } from '../lib/api.ts';

/** Changes at once, as a checkbox does, and follows the server from then on. */
export function LegacyToggle({ legacy }: { legacy: boolean }) {
  const [checked, setChecked] = useState(legacy);
  useEffect(() => setChecked(legacy), [legacy]);
  const choose = async (chosen: boolean) => {
    setChecked(chosen);
    const answer = await post('/vocabulary', { vocabulary: chosen ? 'legacy' : 'unified' });
    if (!answer.ok) setChecked(!chosen);
  };
  return (
    <label className="toggle" title="New runs use Runtype's older event names">
      <input
        type="checkbox"
        data-testid="legacy"
        checked={checked}
        onChange={(event) => void choose(event.target.checked)}
      />
      legacy vocabulary
    </label>
  );
}
