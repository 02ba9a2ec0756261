/** Formatted text of either platform, as a tree of plain strings: the renderer adds the elements, nothing is HTML. */
export type Inline =
  | string
  | { kind: 'bold' | 'italic' | 'strike' | 'underline' | 'spoiler' | 'quote' | 'subtext'; children: Inline[] }
  | { kind: 'heading'; level: number; children: Inline[] }
  | { kind: 'item'; mark: string; depth: number; children: Inline[] }
  | { kind: 'code' | 'pre'; text: string }
  | { kind: 'link'; href: string; children: Inline[] }
  | { kind: 'mention'; of: 'user' | 'channel' | 'group' | 'everyone'; id: string }
  | { kind: 'slack-date'; seconds: number; format: string; fallback: string; href: string | null }
  | { kind: 'discord-time'; seconds: number; style: string }
  | { kind: 'break' };

/** The address, if it is one that a chat room makes a link of; null for `javascript:` and the like. */
export function safeHref(address: string): string | null {
  return /^(https?:\/\/|mailto:|tel:)[^\s]+$/i.test(address) ? address : null;
}

/** Text with line breaks as nodes. */
export function withBreaks(text: string): Inline[] {
  return text.split('\n').flatMap((line, index): Inline[] => (index === 0 ? [line] : [{ kind: 'break' }, line]));
}
