/** The documents that people read, and what they name. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

export interface Document {
  /** In the repository. */
  path: string;
  text: string;
}

function markdownIn(folder: string): string[] {
  if (!existsSync(root + folder)) return [];
  return readdirSync(root + folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md') && !name.startsWith('.vitepress'))
    .map((name) => `${folder}/${name}`);
}

const paths = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'CHANGELOG.md',
  ...markdownIn('docs'),
  ...markdownIn('deploy'),
];

export const documents: Document[] = paths.map((path) => ({ path, text: readFileSync(root + path, 'utf8') }));

export interface Block {
  language: string;
  text: string;
}

/** Blocks of code, also those in lists. */
export function blocksOf(text: string): Block[] {
  return [...text.matchAll(/^( *)```([\w-]*)\n([\s\S]*?)^\1```$/gm)].map(
    ([, indent = '', language = '', block = '']) => ({
      language,
      text: block.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    }),
  );
}

/** What is written as code in a sentence or a table. */
export function codeOf(text: string): string[] {
  const prose = text.replaceAll(/^( *)```[\w-]*\n[\s\S]*?^\1```$/gm, '');
  return [...prose.matchAll(/``? ?(.+?) ?``?(?!`)/g)].map(([, code = '']) => code);
}

/** Each line that a reader may type or that names something: blocks line by line, and code in sentences. */
export function codeLinesOf(text: string): string[] {
  const lines = blocksOf(text).flatMap((block) => block.text.replaceAll(/\\\n\s*/g, '').split('\n'));
  return [...lines, ...codeOf(text)];
}

/** The targets of links and pictures. */
export function linksOf(text: string): string[] {
  const prose = text.replaceAll(/^( *)```[\w-]*\n[\s\S]*?^\1```$/gm, '').replaceAll(/`[^`\n]*`(?!\])/g, '');
  const inMarkdown = [...prose.matchAll(/\]\(([^)\s]+)\)/g)];
  const inHtml = [...prose.matchAll(/(?:src|srcset|href)="([^"]+)"/g)];
  return [...inMarkdown, ...inHtml].map(([, target = '']) => target);
}
