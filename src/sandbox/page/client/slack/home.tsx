import { list } from '../lib/json.ts';
import type { Persona, SlackHome } from '../lib/protocol.ts';
import { usePress } from '../lib/use-press.ts';
import { SlackBlocks } from './blocks.tsx';
import { ElementActionsContext } from './elements.tsx';

interface HomeTabProps {
  /** The view published for this person; undefined if none yet. */
  home: SlackHome | undefined;
  person: Persona;
}

/** The app's home tab of this person. */
export function SlackHomeTab({ home, person }: HomeTabProps) {
  const { pending, failed, send } = usePress();
  const actions = {
    pending,
    press(actionId: string, blockId: string | undefined) {
      const where = { userId: person.slackId, actionId };
      void send(`${blockId ?? ''}/${actionId}`, '/slack/press-in-home', where);
    },
  };
  return (
    <div className="s-home" data-testid="slack-home">
      {home === undefined ? (
        <p className="s-home-empty">The app has not published its home tab yet.</p>
      ) : (
        <ElementActionsContext value={actions}>
          <SlackBlocks blocks={list(home.view['blocks'])} />
        </ElementActionsContext>
      )}
      {failed && (
        <p className="s-failed" role="alert" data-testid="press-failed">
          ⚠ This interaction failed. Apps need to respond within 3 seconds.
        </p>
      )}
    </div>
  );
}
