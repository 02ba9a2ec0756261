import { type FormEvent, useState } from 'react';
import { post } from '../../lib/api.ts';
import { keyed, list, obj, str } from '../../lib/json.ts';
import type { Json, Persona, SlackView } from '../../lib/protocol.ts';
import { useDialog, useFocusOnError } from '../../lib/use-dialog.ts';
import { usePress } from '../../lib/use-press.ts';
import { SlackBlock } from '../blocks.tsx';
import { ElementActionsContext } from '../elements.tsx';
import { SlackText } from '../text.tsx';
import { initialValue, inputKey, problemWith, SlackInput } from './input.tsx';

type Typed = Record<string, string>;

/** A modal over the room. Mounted once per view, so that the input survives updates by the bot. */
export function SlackModal({ open, person }: { open: SlackView; person: Persona }) {
  const { view } = open;
  const [typed, setTyped] = useState<Typed>({});
  const [problems, setProblems] = useState<Typed>({});
  const { pending, failed, send } = usePress();
  const close = () => {
    void post('/slack/close', { userId: person.slackId, viewId: open.id });
  };
  const dialog = useDialog(close);
  useFocusOnError(dialog, problems);
  useFocusOnError(dialog, open.errors);
  const inputs = list(view['blocks']).filter((block) => block['type'] === 'input');
  const typedIn = (block: Json) => typed[inputKey(block)] ?? initialValue(block);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const found = inputs.flatMap((block): [string, string][] => {
      const problem = problemWith(block, typedIn(block));
      return problem === null ? [] : [[inputKey(block), problem]];
    });
    setProblems(Object.fromEntries(found));
    if (found.length > 0) return;
    const values: Record<string, Record<string, string>> = {};
    for (const block of inputs) {
      // A cleared field is sent as empty, so that its initial value does not apply.
      if (typedIn(block) === '' && initialValue(block) === '') continue;
      values[str(block['block_id'])] = { [str(obj(block['element'])['action_id'])]: typedIn(block) };
    }
    void send('submit', '/slack/submit', { userId: person.slackId, viewId: open.id, values });
  };
  const actions = {
    pending,
    press(actionId: string, blockId: string | undefined) {
      const where = { userId: person.slackId, viewId: open.id, actionId };
      void send(`${blockId ?? ''}/${actionId}`, '/slack/press-in-view', where);
    },
  };
  const errorOf = (block: Json) => problems[inputKey(block)] ?? open.errors[str(block['block_id'])];

  return (
    <div className="overlay">
      <form
        ref={dialog}
        className="s-modal"
        role="dialog"
        aria-modal="true"
        aria-label={str(obj(view['title'])['text'])}
        data-id={open.id}
        onSubmit={submit}
        noValidate
      >
        <header>
          <h2>
            <SlackText text={view['title']} />
          </h2>
          <button type="button" className="s-close" aria-label="Close dialog" onClick={close}>
            ✕
          </button>
        </header>
        <div className="s-modal-body">
          {failed && (
            <p className="s-trouble" role="alert" data-testid="press-failed">
              ⚠ We had some trouble connecting. Try again?
            </p>
          )}
          <ElementActionsContext value={actions}>
            {keyed(view['blocks']).map(({ key, item }) =>
              item['type'] === 'input' ? (
                <SlackInput
                  key={inputKey(item)}
                  block={item}
                  value={typedIn(item)}
                  error={errorOf(item)}
                  onChange={(value) => setTyped({ ...typed, [inputKey(item)]: value })}
                />
              ) : (
                <SlackBlock key={key} block={item} />
              ),
            )}
          </ElementActionsContext>
        </div>
        <footer>
          <button type="button" className="s-button s-button-large s-button-default" onClick={close}>
            {view['close'] ? <SlackText text={view['close']} /> : view['submit'] ? 'Cancel' : 'Close'}
          </button>
          {view['submit'] !== undefined && view['submit'] !== null && (
            <button
              type="submit"
              className="s-button s-button-large s-button-primary"
              aria-busy={pending !== null}
              disabled={pending !== null}
            >
              <SlackText text={view['submit']} />
            </button>
          )}
        </footer>
      </form>
    </div>
  );
}
