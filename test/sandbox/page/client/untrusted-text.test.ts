/** Whatever a bot, an agent or a person wrote, the page shows it as text: no element and no address of theirs. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { loadPencil, type Pencil } from './render.ts';

const attack = `</pre></script><img src=x onerror=alert(1)><svg/onload=alert(2)>" onmouseover="alert(3) <a href="javascript:alert(4)">x</a>`;
const address = 'javascript:alert(5)';

/** Every tag that the page draws itself. */
const ours =
  /^(article|a|b|blockquote|br|button|code|details|div|em|h3|hr|li|ol|option|p|pre|s|select|small|span|strong|summary|time|u|ul|svg|rect|path)$/;
const ourAttributes =
  /^(class|style|title|href|target|rel|type|disabled|role|aria-[a-z]+|data-[a-z-]+|width|height|viewBox|fill|stroke|stroke-[a-z]+|d|opacity)$/;

function assertHarmless(html: string): void {
  assert.match(html, /&lt;img src=x onerror=alert\(1\)&gt;/, 'the text is shown');
  for (const [, tag = '', attributes = ''] of html.matchAll(/<\/?([\w-]+)((?:\s+[\w-]+(?:="[^"]*")?)*)\s*\/?>/g)) {
    assert.match(tag, ours);
    for (const [, name = '', value = ''] of attributes.matchAll(/([\w-]+)(?:="([^"]*)")?/g)) {
      assert.match(name, ourAttributes);
      if (name === 'href') assert.match(value, /^https?:/);
    }
  }
  const rest = html.replace(/<\/?[\w-]+(?:\s+[\w-]+(?:="[^"]*")?)*\s*\/?>/g, '');
  assert.doesNotMatch(rest, /[<>]/, 'every bracket outside of our tags is escaped');
}

describe('drawing untrusted text', () => {
  let pencil: Pencil;
  before(async () => {
    pencil = await loadPencil();
  });

  test('Slack: every block that shows text', () => {
    const plain = { type: 'plain_text', text: attack };
    const mrkdwn = { type: 'mrkdwn', text: attack };
    const pieces = [
      { type: 'text', text: attack },
      { type: 'text', text: attack, style: { code: true } },
      { type: 'link', url: address, text: attack },
      { type: 'emoji', name: attack },
      { type: 'user', user_id: attack },
      { type: 'broadcast', range: attack },
      { type: 'date', timestamp: Number.NaN, format: attack, fallback: attack },
      { type: attack, text: attack },
    ];
    const html = pencil.slack({
      blocks: [
        { type: 'header', text: plain },
        { type: 'section', text: mrkdwn, fields: [plain, mrkdwn], accessory: { type: 'image', alt_text: attack } },
        { type: 'context', elements: [plain, mrkdwn, { type: 'image', alt_text: attack, image_url: address }] },
        {
          type: 'actions',
          block_id: attack,
          elements: [
            { type: 'button', text: plain, action_id: attack, style: attack },
            { type: 'button', text: plain, action_id: 'b', url: address },
            { type: 'static_select', placeholder: plain, options: [{ text: plain, value: attack }] },
            { type: attack },
          ],
        },
        {
          type: 'rich_text',
          elements: ['rich_text_section', 'rich_text_preformatted', 'rich_text_quote', attack].map((type) => ({
            type,
            elements: pieces,
          })),
        },
        { type: 'image', alt_text: attack, image_url: address },
        { type: 'markdown', text: attack },
        { type: attack, text: attack },
      ],
      attachments: [{ color: 'red;background:url(//evil.example)', text: attack }],
    });
    assertHarmless(html);
    assert.doesNotMatch(html, /evil\.example/);
  });

  test('Slack: a message without blocks, and its author', () => {
    assertHarmless(pencil.slack({ text: attack, user: attack, ts: attack }));
  });

  test('Discord: every part that shows text', () => {
    const html = pencil.discord({
      content: attack,
      authorId: attack,
      embeds: [
        {
          title: attack,
          url: address,
          description: `${attack}\n\`\`\`\n${attack}\n\`\`\`\n> ${attack}\n-# ${attack}\n- ${attack}`,
          author: { name: attack },
          footer: { text: attack },
          timestamp: attack,
          color: Number.NaN,
          fields: [{ name: attack, value: attack, inline: true }],
        },
      ],
      components: [
        {
          type: 1,
          components: [
            { type: 2, style: 1, label: attack, custom_id: attack, emoji: { name: attack } },
            { type: 2, style: 5, label: attack, url: address },
          ],
        },
        { type: 17, components: [{ type: 10, content: attack }, { type: attack }] },
      ],
    });
    assertHarmless(html);
  });

  test('what is not as expected breaks nothing', () => {
    const odd = [null, 1, 'x', [], {}, { type: 'section' }, { type: 'actions', elements: 'x' }] as never[];
    assert.match(pencil.slack({ blocks: odd, attachments: odd }), /data-testid="message"/);
    assert.match(pencil.discord({ embeds: odd, components: odd }), /data-testid="message"/);
  });

  test('a button is a real one, called by its label', () => {
    const button = {
      type: 'button',
      text: { type: 'plain_text', text: 'Approve' },
      action_id: 'a.b',
      style: 'primary',
    };
    const slack = pencil.slack({ blocks: [{ type: 'actions', block_id: 'c', elements: [button] }] });
    assert.match(slack, /<button [^>]*data-action-id="a\.b" data-block-id="c"[^>]*>Approve<\/button>/);
    const row = { type: 1, components: [{ type: 2, style: 3, label: 'Approve', custom_id: 'a.b' }] };
    assert.match(
      pencil.discord({ components: [row] }),
      /<button [^>]*data-custom-id="a\.b"[^>]*><span>Approve<\/span>/,
    );
  });
});
