import { createContext, useContext } from 'react';
import { keyed, list, num, obj, str } from '../lib/json.ts';
import type { Json } from '../lib/protocol.ts';
import { safeHref } from '../text/inline.ts';
import { ImagePlaceholder, Unknown } from '../text/placeholders.tsx';
import { Rich, SafeLink } from '../text/rich.tsx';
import { cssColour } from './embed.tsx';
import { parseDiscord } from './markdown.ts';

/** Discord's numbers of the component types drawn here. */
const Kind = {
  row: 1,
  button: 2,
  select: 3,
  section: 9,
  text: 10,
  thumbnail: 11,
  separator: 14,
  container: 17,
} as const;
const buttonStyles: Record<number, string> = { 1: 'primary', 2: 'secondary', 3: 'success', 4: 'danger', 5: 'link' };

export interface ComponentActions {
  press(customId: string): void;
  pending: string | null;
}

export const ComponentActionsContext = createContext<ComponentActions | null>(null);

/** Rows of buttons under a message, and the V2 components that can replace its content. */
export function DiscordComponents({ components }: { components: unknown }) {
  return keyed(components).map(({ key, item }) => <Component key={key} component={item} />);
}

function Component({ component }: { component: Json }) {
  switch (component['type']) {
    case Kind.row:
      return (
        <div className="d-row">
          <DiscordComponents components={component['components']} />
        </div>
      );
    case Kind.button:
      return <DiscordButton button={component} />;
    case Kind.select:
      return <Choice select={component} />;
    case Kind.text:
      return (
        <div className="d-text">
          <Rich nodes={parseDiscord(str(component['content']))} />
        </div>
      );
    case Kind.section:
      return (
        <div className="d-section">
          <div>
            <DiscordComponents components={component['components']} />
          </div>
          <DiscordComponents components={[component['accessory']]} />
        </div>
      );
    case Kind.container: {
      const colour = num(component['accent_color']);
      return (
        <div className="d-container" style={colour === null ? {} : { borderLeft: `4px solid ${cssColour(colour)}` }}>
          <DiscordComponents components={component['components']} />
        </div>
      );
    }
    case Kind.separator:
      return <hr className={component['divider'] === false ? 'd-space' : 'd-separator'} />;
    case Kind.thumbnail:
      return <ImagePlaceholder image={{ alt_text: component['description'] }} />;
    default:
      return <Unknown what="component" json={component} />;
  }
}

function DiscordButton({ button }: { button: Json }) {
  const actions = useContext(ComponentActionsContext);
  const style = buttonStyles[num(button['style']) ?? 2] ?? 'secondary';
  const customId = str(button['custom_id']);
  const emoji = str(obj(button['emoji'])['name']);
  const href = safeHref(str(button['url']));
  const content = (
    <>
      {emoji !== '' && <span className="d-button-emoji">{emoji}</span>}
      <span>{str(button['label'])}</span>
    </>
  );
  if (href !== null) {
    return (
      <span className="d-button d-button-secondary">
        <SafeLink href={href}>{content} ↗</SafeLink>
      </span>
    );
  }
  const waiting = actions?.pending === customId;
  return (
    <button
      type="button"
      className={`d-button d-button-${style}`}
      data-custom-id={customId}
      aria-busy={waiting}
      disabled={button['disabled'] === true || !actions || actions.pending !== null}
      onClick={() => actions?.press(customId)}
    >
      {content}
    </button>
  );
}

/** Drawn but disabled: the emulator supports presses of buttons only. */
function Choice({ select }: { select: Json }) {
  return (
    <select disabled className="d-select" aria-label={str(select['placeholder']) || 'Choices'}>
      {list(select['options']).map((option) => (
        <option key={str(option['value'])}>{str(option['label'])}</option>
      ))}
    </select>
  );
}
