import type { CSSProperties } from 'react';
import { keyed, num, obj, str } from '../lib/json.ts';
import type { Json } from '../lib/protocol.ts';
import { withEmoji } from '../text/emoji.ts';
import { safeHref, withBreaks } from '../text/inline.ts';
import { Mention, Rich, SafeLink } from '../text/rich.tsx';

/** The `rich_text` block: what people type in Slack's own editor. Its texts are literal, without any mark-up. */
export function RichText({ elements }: { elements: unknown }) {
  return keyed(elements).map(({ key, item }) => <RichTextElement key={key} element={item} />);
}

function RichTextElement({ element }: { element: Json }) {
  const inside = keyed(element['elements']).map(({ key, item }) => <Piece key={key} piece={item} />);
  switch (element['type']) {
    case 'rich_text_preformatted':
      return <pre>{inside}</pre>;
    case 'rich_text_quote':
      return <blockquote>{inside}</blockquote>;
    case 'rich_text_list':
      return <RichTextList element={element} />;
    default:
      return <div className="s-rich-section">{inside}</div>;
  }
}

function RichTextList({ element }: { element: Json }) {
  const Tag = element['style'] === 'ordered' ? 'ol' : 'ul';
  return (
    <Tag style={{ marginLeft: `${(num(element['indent']) ?? 0) * 28}px` }}>
      {keyed(element['elements']).map(({ key, item }) => (
        <li key={key}>
          <RichTextElement element={item} />
        </li>
      ))}
    </Tag>
  );
}

function Piece({ piece }: { piece: Json }) {
  const style = obj(piece['style']);
  const text = str(piece['text']);
  switch (piece['type']) {
    case 'text':
      return <Styled style={style} text={text} />;
    case 'link': {
      const href = safeHref(str(piece['url']));
      const shown = text || str(piece['url']);
      return href === null ? shown : <SafeLink href={href}>{shown}</SafeLink>;
    }
    case 'emoji':
      return withEmoji(`:${str(piece['name'])}:`);
    case 'user':
      return <Mention of="user" id={str(piece['user_id'])} />;
    case 'channel':
      return <Mention of="channel" id={str(piece['channel_id'])} />;
    case 'usergroup':
      return <Mention of="group" id={str(piece['usergroup_id'])} />;
    case 'broadcast':
      return <Mention of="everyone" id={str(piece['range'])} />;
    case 'date':
      return (
        <Rich
          nodes={[
            {
              kind: 'slack-date',
              seconds: num(piece['timestamp']) ?? Number.NaN,
              format: str(piece['format']),
              fallback: str(piece['fallback']),
              href: null,
            },
          ]}
        />
      );
    default:
      return text;
  }
}

function Styled({ style, text }: { style: Json; text: string }) {
  if (style['code'] === true) return <code>{text}</code>;
  const css: CSSProperties = {};
  if (style['bold'] === true) css.fontWeight = 700;
  if (style['italic'] === true) css.fontStyle = 'italic';
  if (style['strike'] === true) css.textDecoration = 'line-through';
  const content = <Rich nodes={withBreaks(text)} />;
  return Object.keys(css).length === 0 ? content : <span style={css}>{content}</span>;
}
