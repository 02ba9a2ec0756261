import type { RefObject } from 'react';
import type { PolicyEditing } from '../use-policy.ts';
import { offsetOf } from './editor.tsx';

interface ProblemsProps {
  editing: PolicyEditing;
  file: string;
  input: RefObject<HTMLTextAreaElement | null>;
}

/** What is wrong with the draft, as `npm run policy -- check` says it; each leads to its place. */
export function Problems({ editing: { draft, preview, isLooking }, file, input }: ProblemsProps) {
  const problems = isLooking ? [] : (preview?.problems ?? []);
  return (
    <div id="policy-problems" className="problems">
      {problems.map((problem) => {
        const { line, column, wrong, remedy } = problem;
        const go = () => {
          const at = offsetOf(draft, problem);
          input.current?.focus();
          input.current?.setSelectionRange(at, at);
          showLine(input.current, line);
        };
        return (
          <button
            key={`${line}:${column}:${wrong}`}
            type="button"
            className="problem"
            data-testid="policy-problem"
            data-line={line}
            data-column={column}
            onClick={go}
          >
            <code>
              {file}:{line}:{column}
            </code>{' '}
            {wrong} <b>{remedy}</b>
          </button>
        );
      })}
    </div>
  );
}

/** In the middle of the field. */
function showLine(field: HTMLTextAreaElement | null, line: number): void {
  if (!field) return;
  const lineHeight = Number.parseFloat(getComputedStyle(field).lineHeight);
  field.scrollTop = Math.max(0, (line - 1) * lineHeight - field.clientHeight / 2);
}
