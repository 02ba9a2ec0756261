import { parseDiscord } from '../discord/markdown.ts';
import { keyed, list, obj, str } from '../lib/json.ts';
import type { Json } from '../lib/protocol.ts';
import { ImagePlaceholder, Unknown } from '../text/placeholders.tsx';
import { Rich } from '../text/rich.tsx';
import { SlackElement } from './elements.tsx';
import { RichText } from './rich-text.tsx';
import { SlackText } from './text.tsx';

/** Block Kit blocks as the bot sent them. Input blocks are drawn by the modal. */
export function SlackBlocks({ blocks }: { blocks: readonly Json[] }) {
  return keyed(blocks).map(({ key, item }) => <SlackBlock key={key} block={item} />);
}

export function SlackBlock({ block }: { block: Json }) {
  const blockId = str(block['block_id']) || undefined;
  switch (block['type']) {
    case 'header':
      return (
        <h3 className="s-header">
          <SlackText text={block['text']} />
        </h3>
      );
    case 'section':
      return <Section block={block} blockId={blockId} />;
    case 'context':
      return (
        <div className="s-context">
          {keyed(block['elements']).map(({ key, item }) => (
            <span key={key} className="s-context-item">
              {item['type'] === 'image' ? <ImagePlaceholder image={item} /> : <SlackText text={item} />}
            </span>
          ))}
        </div>
      );
    case 'actions':
      return (
        <div className="s-actions">
          {keyed(block['elements']).map(({ key, item }) => (
            <SlackElement key={key} element={item} blockId={blockId} />
          ))}
        </div>
      );
    case 'rich_text':
      return (
        <div className="s-rich">
          <RichText elements={block['elements']} />
        </div>
      );
    case 'divider':
      return <hr className="s-divider" />;
    case 'image':
      return <ImagePlaceholder image={block} />;
    case 'markdown':
      // Standard markdown is close enough to Discord's.
      return (
        <div className="s-section">
          <Rich nodes={parseDiscord(str(block['text']))} />
        </div>
      );
    default:
      return <Unknown what="block" json={block} />;
  }
}

function Section({ block, blockId }: { block: Json; blockId: string | undefined }) {
  const fields = list(block['fields']);
  const accessory = obj(block['accessory']);
  return (
    <div className="s-section">
      <div className="s-section-main">
        {block['text'] !== undefined && <SlackText text={block['text']} />}
        {fields.length > 0 && (
          <div className="s-fields">
            {keyed(fields).map(({ key, item }) => (
              <div key={key}>
                <SlackText text={item} />
              </div>
            ))}
          </div>
        )}
      </div>
      {accessory['type'] !== undefined && <SlackElement element={accessory} blockId={blockId} />}
    </div>
  );
}
