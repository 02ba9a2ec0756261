/**
 * How the Markdown files become a site: which address each has, and where its links lead. The files link each other as they
 * are in the repository, so that they work on GitHub, too. Tested in test/docs/site.test.ts.
 */
import { copyFileSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The pages that are not in docs/. */
const elsewhere: Readonly<Record<string, string>> = {
  'README.md': 'index.md',
  'CHANGELOG.md': 'changelog.md',
  'CONTRIBUTING.md': 'contributing.md',
  'SECURITY.md': 'report-a-vulnerability.md',
};
/** What is linked and is no page is copied below this address, as text. */
const FILES = 'files';

/** The file of a page on the site, by its path in the repository. Null: it is no page. */
export function sitePage(path: string): string | null {
  return elsewhere[path] ?? /^docs\/([\w-]+\.md)$/.exec(path)?.[1] ?? null;
}

/** As the generator's `rewrites` takes it. */
export function sitePages(path: string): string {
  return sitePage(path) ?? path;
}

export interface SiteLink {
  href: string;
  /** A file of the repository that must be copied for it. */
  file: string | null;
}

/**
 * Where a link leads on the site.
 *
 * @param from the path of the page in the repository
 * @returns null: the link is not relative, and stays as it is
 */
export function siteLink(from: string, href: string): SiteLink | null {
  if (/^(?:[a-z][a-z+.-]*:|#|\/)/i.test(href)) return null;
  const [path = '', anchor] = href.split('#');
  const target = posix.normalize(posix.join(posix.dirname(from), decodeURI(path)));
  const page = sitePage(target);
  if (page === null) return { href: `/${fileAddress(target)}`, file: target };
  const address = page === 'index.md' ? '' : page.replace(/\.md$/, '.html');
  return { href: `/${address}${anchor === undefined ? '' : `#${anchor}`}`, file: null };
}

/** As text, whatever it is: servers name types for these endings only, or have others for them (`.ts` is a film). */
function fileAddress(path: string): string {
  return `${FILES}/${/\.(?:txt|png|gif|json|yml)$/.test(path) ? path : `${path}.txt`}`;
}

const icon = 'docs/images/icon.png';
/** The address of the site's icon. */
export const ICON = fileAddress(icon);

/** What the pages that were drawn link. */
const linked = new Set<string>([icon]);

interface Token {
  attrGet(name: string): string | null;
  attrSet(name: string, value: string): void;
}
type Rule = (
  tokens: Token[],
  index: number,
  options: unknown,
  env: { path?: string; realPath?: string },
  self: unknown,
) => string;
interface Markdown {
  renderer: { rules: Record<string, Rule | undefined> };
  core: { ruler: { push(name: string, rule: (state: { tokens: Block[] }) => void): void } };
}
interface Block extends Token {
  type: string;
  content: string;
  children: Block[] | null;
}

/** The generator makes a program of each page: what is in double braces would run. */
function keepBraces(block: Block): void {
  for (const token of block.children ?? []) {
    if (token.type === 'code_inline') token.attrSet('v-pre', '');
    else if (token.content.includes('{{')) throw new Error(`Put double braces into code: ${token.content}`);
  }
}

/**
 * A picture in two themes, as the site can show it: the site has a theme of its own, which need not be that of the system.
 * A path without `./` would be the name of a package.
 */
export function sitePictures(html: string): string {
  const local = (path: string) => (/^(?:[a-z]+:|[./])/.test(path) ? path : `./${path}`);
  return html
    .replace(
      /<picture>\s*<source media="\(prefers-color-scheme: dark\)" srcset="([^"]*)">\s*<img ([^>]*?)src="([^"]*)">\s*<\/picture>/g,
      (_, dark, rest, light) =>
        `<img class="only-light" ${rest}src="${local(light)}"><img class="only-dark" ${rest}src="${local(dark)}">`,
    )
    .replace(/(<img [^>]*?src=")([^"]*)"/g, (_, before, path) => `${before}${local(path)}"`);
}

/** A plug-in of the generator's Markdown: it comes after the generator's own, and so sees each link first. */
export function siteLinks(md: Markdown): void {
  md.core.ruler.push('countersign', ({ tokens }) => {
    for (const token of tokens) {
      // The theme has no style for an indented block, and lets it be wider than a phone.
      if (token.type === 'code_block')
        Object.assign(token, { type: 'fence', tag: 'code', markup: '```', info: 'text' });
      if (token.type === 'html_block') token.content = sitePictures(token.content);
      else keepBraces(token);
    }
  });
  const next = md.renderer.rules['link_open'];
  if (next === undefined) throw new Error('The generator draws links otherwise now: change scripts/docs/site.ts.');
  md.renderer.rules['link_open'] = (tokens, index, options, env, self) => {
    const token = tokens[index];
    const href = token?.attrGet('href') ?? null;
    const path = env.realPath ?? env.path;
    if (token !== undefined && href !== null && path !== undefined) {
      const link = siteLink(relative(root, path), href);
      if (link !== null) token.attrSet('href', link.href);
      if (link?.file) {
        linked.add(link.file);
        // Not a page, so the browser has to load it.
        token.attrSet('target', '_blank');
      }
    }
    return next(tokens, index, options, env, self);
  };
}

/** @throws Error that names a link to a file that does not exist */
export function copyLinkedFiles(outDir: string): void {
  for (const file of linked) {
    const from = join(root, file);
    if (!existsSync(from)) throw new Error(`A page links ${file}, which does not exist.`);
    // A folder can't be shown: its link leads to the folder's own address, which has a list of nothing.
    if (statSync(from).isDirectory()) throw new Error(`A page links the folder ${file}: link a file in it.`);
    const to = join(outDir, fileAddress(file));
    mkdirSync(dirname(to), { recursive: true });
    copyFileSync(from, to);
  }
}
