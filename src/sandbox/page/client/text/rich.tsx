import { Fragment, type ReactNode, useEffect, useState } from 'react';
import { useNames } from '../lib/page-state.ts';
import { discordTime, slackDate } from './dates.ts';
import type { Inline } from './inline.ts';

/** How often relative times are counted again. */
const TICK_MS = 5_000;

/** Draws formatted text. Every string in it stays a string: React escapes it. */
export function Rich({ nodes }: { nodes: readonly Inline[] }) {
  return nodes.map((node, index) => {
    const key = `${index}-${typeof node === 'string' ? 'text' : node.kind}`;
    return <Fragment key={key}>{typeof node === 'string' ? node : <Node node={node} />}</Fragment>;
  });
}

function Node({ node }: { node: Exclude<Inline, string> }) {
  switch (node.kind) {
    case 'bold':
      return (
        <strong>
          <Rich nodes={node.children} />
        </strong>
      );
    case 'italic':
      return (
        <em>
          <Rich nodes={node.children} />
        </em>
      );
    case 'strike':
      return (
        <s>
          <Rich nodes={node.children} />
        </s>
      );
    case 'underline':
      return (
        <u>
          <Rich nodes={node.children} />
        </u>
      );
    case 'quote':
      return (
        <blockquote>
          <Rich nodes={node.children} />
        </blockquote>
      );
    case 'heading':
      return (
        <div className={`heading-${node.level}`}>
          <Rich nodes={node.children} />
        </div>
      );
    case 'item':
      return <ListItem node={node} />;
    case 'spoiler':
    case 'subtext':
      return (
        <span className={node.kind}>
          <Rich nodes={node.children} />
        </span>
      );
    case 'code':
      return <code>{node.text}</code>;
    case 'pre':
      return (
        <pre>
          <code>{node.text}</code>
        </pre>
      );
    case 'link':
      return (
        <SafeLink href={node.href}>
          <Rich nodes={node.children} />
        </SafeLink>
      );
    case 'mention':
      return <Mention of={node.of} id={node.id} />;
    case 'slack-date':
    case 'discord-time':
      return <Time node={node} />;
    case 'break':
      return <br />;
  }
}

export function SafeLink({ href, children }: { href: string; children: ReactNode }) {
  return (
    <a href={href} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  );
}

export function Mention({ of, id }: { of: 'user' | 'channel' | 'group' | 'everyone'; id: string }) {
  const names = useNames();
  const name = of === 'user' ? names.user(id) : of === 'channel' ? names.channel(id) : id;
  return (
    <span className={`mention mention-${of}`}>
      {of === 'channel' ? '#' : '@'}
      {name.replace(/^@/, '')}
    </span>
  );
}

function ListItem({ node }: { node: Extract<Inline, { kind: 'item' }> }) {
  return (
    <div className="item" style={{ marginLeft: `${node.depth * 20}px` }}>
      <span className="item-mark">{node.mark}</span>
      <span>
        <Rich nodes={node.children} />
      </span>
    </div>
  );
}

function Time({ node }: { node: Extract<Inline, { kind: 'slack-date' | 'discord-time' }> }) {
  const now = useNow();
  const date = new Date(node.seconds * 1000);
  const valid = !Number.isNaN(date.getTime());
  if (node.kind === 'discord-time') {
    return valid ? (
      <time className="timestamp" title={date.toLocaleString()}>
        {discordTime(node.seconds, node.style, now)}
      </time>
    ) : (
      'Invalid Date'
    );
  }
  const text = valid ? slackDate(node.seconds, node.format, now) : node.fallback;
  return (
    <time title={date.toString()}>{node.href === null ? text : <SafeLink href={node.href}>{text}</SafeLink>}</time>
  );
}

function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return now;
}
