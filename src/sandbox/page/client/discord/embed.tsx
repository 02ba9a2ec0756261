import { keyed, list, num, obj, str } from '../lib/json.ts';
import type { Json } from '../lib/protocol.ts';
import { safeHref } from '../text/inline.ts';
import { ImagePlaceholder } from '../text/placeholders.tsx';
import { Rich, SafeLink } from '../text/rich.tsx';
import { parseDiscord, parseInline } from './markdown.ts';

/** Discord's own colour for an embed that has none. */
const NO_COLOUR = '#1e1f22';

export function DiscordEmbed({ embed }: { embed: Json }) {
  const colour = num(embed['color']);
  const title = str(embed['title']);
  const href = safeHref(str(embed['url']));
  const author = str(obj(embed['author'])['name']);
  const description = str(embed['description']);
  return (
    <div className="d-embed" style={{ borderLeftColor: colour === null ? NO_COLOUR : cssColour(colour) }}>
      {author !== '' && <div className="d-embed-author">{author}</div>}
      {title !== '' && (
        <div className="d-embed-title">
          {href === null ? (
            <Rich nodes={parseInline(title)} />
          ) : (
            <SafeLink href={href}>
              <Rich nodes={parseInline(title)} />
            </SafeLink>
          )}
        </div>
      )}
      {description !== '' && (
        <div className="d-embed-description d-text">
          <Rich nodes={parseDiscord(description)} />
        </div>
      )}
      <Fields fields={list(embed['fields'])} />
      {embed['image'] !== undefined && <ImagePlaceholder image={{}} />}
      <Footer embed={embed} />
    </div>
  );
}

/** Embeds are twelve units wide: up to three inline fields share a line, other fields have their own. */
const LINE_UNITS = 12;
const INLINE_FIELDS = 3;

function Fields({ fields }: { fields: Json[] }) {
  const lines: Json[][] = [];
  for (const field of fields) {
    const line = lines.at(-1);
    const joins = field['inline'] === true && line?.[0]?.['inline'] === true && line.length < INLINE_FIELDS;
    if (joins) line.push(field);
    else lines.push([field]);
  }
  const placed = lines.flatMap((line) => line.map((field) => ({ ...field, units: LINE_UNITS / line.length })));
  if (placed.length === 0) return null;
  return (
    <div className="d-fields">
      {keyed(placed).map(({ key, item }) => (
        <div key={key} style={{ gridColumn: `span ${num(item['units']) ?? LINE_UNITS}` }}>
          <div className="d-field-name">
            <Rich nodes={parseInline(str(item['name']))} />
          </div>
          <div className="d-field-value d-text">
            <Rich nodes={parseDiscord(str(item['value']))} />
          </div>
        </div>
      ))}
    </div>
  );
}

/** Plain text: Discord does not parse markdown in footers. */
function Footer({ embed }: { embed: Json }) {
  const text = str(obj(embed['footer'])['text']);
  const at = new Date(str(embed['timestamp']));
  const time = Number.isNaN(at.getTime()) ? '' : at.toLocaleString('en-US', { dateStyle: 'short', timeStyle: 'short' });
  if (text === '' && time === '') return null;
  return <div className="d-embed-footer">{[text, time].filter((part) => part !== '').join(' • ')}</div>;
}

export function cssColour(colour: number): string {
  return `#${Math.min(Math.max(colour, 0), 0xffffff).toString(16).padStart(6, '0')}`;
}
