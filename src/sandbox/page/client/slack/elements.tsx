import { createContext, useContext, useState } from 'react';
import { keyed, obj, str } from '../lib/json.ts';
import type { Json } from '../lib/protocol.ts';
import { useDialog } from '../lib/use-dialog.ts';
import { safeHref } from '../text/inline.ts';
import { Unknown } from '../text/placeholders.tsx';
import { SafeLink } from '../text/rich.tsx';
import { SlackText } from './text.tsx';

/** How buttons in this message are pressed; null where they can't be. */
export interface ElementActions {
  press(actionId: string, blockId: string | undefined): void;
  pending: string | null;
}

export const ElementActionsContext = createContext<ElementActions | null>(null);

interface ElementProps {
  element: Json;
  blockId: string | undefined;
}

/** An interactive element of an actions block or a section. */
export function SlackElement({ element, blockId }: ElementProps) {
  switch (element['type']) {
    case 'button':
      return <SlackButton element={element} blockId={blockId} />;
    case 'static_select':
    case 'overflow':
      return <Choice element={element} />;
    default:
      return <Unknown what="control" json={element} />;
  }
}

function SlackButton({ element, blockId }: ElementProps) {
  const actions = useContext(ElementActionsContext);
  const [asking, setAsking] = useState(false);
  const actionId = str(element['action_id']);
  const href = safeHref(str(element['url']));
  const confirm = obj(element['confirm']);
  const waiting = actions?.pending === `${blockId ?? ''}/${actionId}`;
  const press = () => {
    setAsking(false);
    actions?.press(actionId, blockId);
  };
  const className = `s-button s-button-${str(element['style']) || 'default'}`;
  if (href !== null) {
    return (
      <span className={className}>
        <SafeLink href={href}>
          <SlackText text={element['text']} />
        </SafeLink>
      </span>
    );
  }
  return (
    <>
      <button
        type="button"
        className={className}
        data-action-id={actionId}
        data-block-id={blockId}
        aria-busy={waiting}
        disabled={!actions || actions.pending !== null}
        onClick={() => (confirm['title'] === undefined ? press() : setAsking(true))}
      >
        <SlackText text={element['text']} />
      </button>
      {asking && <Confirm confirm={confirm} onConfirm={press} onDeny={() => setAsking(false)} />}
    </>
  );
}

/** A button's confirmation dialog, which Slack shows before it sends the press. */
function Confirm({ confirm, onConfirm, onDeny }: { confirm: Json; onConfirm: () => void; onDeny: () => void }) {
  const style = confirm['style'] === 'danger' ? 'danger' : 'primary';
  const dialog = useDialog<HTMLDivElement>(onDeny);
  return (
    <div className="overlay">
      <div
        ref={dialog}
        className="s-modal s-confirm"
        role="alertdialog"
        aria-modal="true"
        aria-label={str(obj(confirm['title'])['text'])}
      >
        <header>
          <h2>
            <SlackText text={confirm['title']} />
          </h2>
        </header>
        <div className="s-modal-body">
          <SlackText text={confirm['text']} />
        </div>
        <footer>
          <button type="button" className="s-button s-button-large s-button-default" onClick={onDeny}>
            <SlackText text={confirm['deny']} />
          </button>
          <button type="button" className={`s-button s-button-large s-button-${style}`} onClick={onConfirm}>
            <SlackText text={confirm['confirm']} />
          </button>
        </footer>
      </div>
    </div>
  );
}

/** Drawn but disabled: the emulator supports presses of buttons only. */
function Choice({ element }: { element: Json }) {
  return (
    <select disabled className="s-select" aria-label={str(obj(element['placeholder'])['text']) || 'Choices'}>
      {keyed(element['options']).map(({ key, item }) => (
        <option key={key}>{str(obj(item['text'])['text'])}</option>
      ))}
    </select>
  );
}
