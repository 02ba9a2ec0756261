/**
 * The text of a slash command, as the person typed it. Tested in test/platforms/slack/inbound/typed-text.test.ts.
 *
 * Slack’s guide says that all text is escaped alike (`& < >` become entities), and public handlers of slash commands undo
 * that; with `should_escape`, people, channels and links come as `<@U…|name>`. The page on slash commands says nothing of
 * either, so this is assumed, and only a text that shows it is changed: one with a bare `&`, `<` or `>` came as typed.
 */

/** `<@U012|name>`, `<#C012|name>`, `<!here>`, `<!subteam^S012|@name>`, `<https://…|label>`, `<mailto:…>`. */
const reference = /<([@#!](?=[^\s<>|])|(?:https?|mailto|ftp|tel):)([^<>|]*)(?:\|([^<>]*))?>/g;
const entities: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>' };
const entity = /&(?:amp|lt|gt);/g;

export function typedText(sent: string): string {
  const isAsTyped = /[&<>]/.test(sent.replace(reference, '').replace(entity, ''));
  if (isAsTyped) return sent;
  const readable = sent.replace(reference, (_, kind: string, target: string, label: string | undefined) =>
    named(kind, target, label ?? ''),
  );
  return readable.replace(entity, (found) => entities[found] ?? found);
}

function named(kind: string, target: string, label: string): string {
  const name = label.replace(/^[@#]/, '');
  if (kind === '#') return `#${name || target}`;
  if (kind === '@') return `@${name || target}`;
  if (kind === '!') return `@${name || target.replace(/^subteam\^/, '')}`;
  const address = `${kind}${target}`;
  if (label === '' || label === address) return address;
  // Slack adds the scheme to what was typed.
  const bare = address.replace(/^[a-z]+:(?:\/\/)?/, '').replace(/\/$/, '');
  return bare === label.replace(/\/$/, '') ? label : `${label} (${address})`;
}
