/** The anchors of headings, as GitHub makes them: the site uses the same, so that a link works in both. */

/** @param heading as it is written, without the `#` before it */
export function slugOf(heading: string): string {
  return heading
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M} _-]/gu, '')
    .replaceAll(' ', '-');
}

/** The anchors of a Markdown file, in order. The second of the same name ends in `-1`. */
export function anchorsOf(markdown: string): string[] {
  const seen = new Map<string, number>();
  return headingsOf(markdown).map((heading) => {
    const slug = slugOf(heading);
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  });
}

/** Without what is in blocks of code. */
export function headingsOf(markdown: string): string[] {
  const prose = markdown.replaceAll(/^( *)(`{3,})[\s\S]*?^\1\2$/gm, '');
  return [...prose.matchAll(/^#{1,6} (.*)$/gm)].map(([, heading = '']) => heading);
}
