import { Fragment } from 'react';
import { currentStep, type Step, steps } from './progress.ts';
import type { Guide } from './use-guide.ts';

const names: Record<Step, string> = {
  approve: 'Approve',
  reject: 'Reject, with a reason',
  answer: 'Answer',
  restart: 'Stop the bot',
};

/** *Start here*: four steps in about a minute. Each is done when it has really happened. */
export function GuideView({ guide }: { guide: Guide }) {
  const { progress, now } = guide;
  const current = currentStep(progress);
  return (
    <section className="guide" data-testid="guide" data-step={current ?? 'done'} aria-label="Start here">
      <ol className="guide-steps">
        {steps.map((step, index) => {
          const isDone = progress.done.includes(step);
          return (
            <li
              key={step}
              className="guide-step"
              data-done={isDone}
              aria-current={step === current ? 'step' : undefined}
            >
              <span className="guide-mark" aria-hidden="true">
                {isDone ? '✓' : index + 1}
              </span>
              {names[step]}
              {isDone && <span className="for-readers">, done</span>}
            </li>
          );
        })}
      </ol>
      <p className="guide-now" role="status">
        <Marked text={now.text} />
      </p>
      {current === null && (
        <button type="button" className="plain-button" onClick={guide.startOver}>
          Start over
        </button>
      )}
      <button type="button" className="guide-close" aria-label="Close the guide" onClick={() => guide.setOpen(false)}>
        ✕
      </button>
    </section>
  );
}

/** Text in which `*this*` is bold. */
function Marked({ text }: { text: string }) {
  return text.split('*').map((part, index) => {
    const key = `${index}-${part}`;
    return index % 2 === 1 ? <b key={key}>{part}</b> : <Fragment key={key}>{part}</Fragment>;
  });
}
