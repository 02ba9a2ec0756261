/** The documentation as a site: `npm run docs`. Its pages are the Markdown files that GitHub shows. */
import { defineConfig } from 'vitepress';
import { slugOf } from '../../scripts/docs/anchors.ts';
import { sidebar } from '../../scripts/docs/sidebar.ts';
import { copyLinkedFiles, ICON, siteLinks, sitePages } from '../../scripts/docs/site.ts';

export default defineConfig({
  title: 'Countersign',
  description: 'A human approval in front of what AI agents do, in Slack and in Discord.',
  srcDir: '..',
  srcExclude: ['test/**', 'dist/**', 'deploy/**/*.md'],
  rewrites: sitePages,
  lastUpdated: false,
  cleanUrls: false,
  head: [['meta', { name: 'referrer', content: 'no-referrer' }]],
  transformHead: ({ siteData }) => [['link', { rel: 'icon', href: `${siteData.base}${ICON}` }]],
  markdown: {
    anchor: { slugify: slugOf },
    languageAlias: { caddyfile: 'nginx' },
    config: (md) => {
      md.use(siteLinks);
    },
  },
  buildEnd: ({ outDir }) => copyLinkedFiles(outDir),
  themeConfig: { sidebar, outline: [2, 3], search: { provider: 'local' }, socialLinks: [] },
});
