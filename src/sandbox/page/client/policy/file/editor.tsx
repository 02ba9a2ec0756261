import { type ReactNode, type RefObject, useEffect, useRef } from 'react';
import type { PolicyProblem } from '../../lib/protocol.ts';
import type { PolicyEditing } from '../use-policy.ts';
import { Line } from './line.tsx';

interface EditorProps {
  editing: PolicyEditing;
  file: string;
  /** Below the text: its errors, and what can be done with it. */
  children: ReactNode;
  input: RefObject<HTMLTextAreaElement | null>;
}

/** The file with line numbers and colours: a text field over the same text, drawn. */
export function Editor({ editing, file, children, input }: EditorProps) {
  const { draft, setDraft, preview, isLooking } = editing;
  const problems = isLooking ? [] : (preview?.problems ?? []);
  const drawn = useRef<HTMLDivElement>(null);
  const follow = () => {
    if (!drawn.current || !input.current) return;
    drawn.current.scrollTop = input.current.scrollTop;
    drawn.current.scrollLeft = input.current.scrollLeft;
  };
  // A shorter text can move the field without an event.
  useEffect(follow);
  const lines = draft.split('\n');
  return (
    <section className="policy-file" aria-label="Policy file">
      <h2>
        {file} <small className="policy-aside">the policy of this sandbox</small>
      </h2>
      <div className="editor">
        <div className="editor-drawn" ref={drawn} aria-hidden="true">
          {lines.map((text, index) => {
            const own = problems.filter(({ line }) => line === index + 1);
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: a line is its number.
              <div key={index} className={own.length > 0 ? 'editor-line editor-line-wrong' : 'editor-line'}>
                <span className="editor-number">{index + 1}</span>
                <Line text={text} problems={own} />
              </div>
            );
          })}
        </div>
        <textarea
          ref={input}
          data-testid="policy-text"
          aria-label={`${file}, the policy file`}
          aria-invalid={problems.length > 0}
          aria-describedby="policy-problems"
          wrap="off"
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
          value={draft}
          onChange={(event) => setDraft(event.target.value)}
          onScroll={follow}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && !event.nativeEvent.isComposing) keepIndent(event.currentTarget, event);
            if (event.key !== 's' || !(event.ctrlKey || event.metaKey)) return;
            event.preventDefault();
            if (editing.isChanged && !editing.isSaving) void editing.save();
          }}
        />
      </div>
      {children}
    </section>
  );
}

/** A new line begins where the one before it does. */
function keepIndent(field: HTMLTextAreaElement, event: { preventDefault(): void }): void {
  const line = field.value.slice(0, field.selectionStart).split('\n').at(-1) ?? '';
  const [indent = ''] = /^ */.exec(line) ?? [];
  if (indent === '') return;
  event.preventDefault();
  // Keeps the undo history, which setting the value would clear.
  document.execCommand('insertText', false, `\n${indent}`);
}

/** Where a problem is in the text, UTF-16 units. */
export function offsetOf(text: string, { line, column }: Pick<PolicyProblem, 'line' | 'column'>): number {
  const before = text.split('\n').slice(0, line - 1);
  return before.reduce((sum, one) => sum + one.length + 1, 0) + column - 1;
}
