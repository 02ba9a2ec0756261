/** `npm run docs`: see `usage`. Tested in test/docs/site.test.ts. */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, createServer, serve } from 'vitepress';
import { parseCommandLine, runCommand, wholeNumber } from '../../test/support/command-line.ts';

const usage = `Usage: npm run docs -- [flags]

Makes a site of the documentation, with search, of the Markdown files that GitHub shows. A dead link ends it with 1.

  --base PATH  where the site will be, if not at the root of its host: /countersign/ (default: /)
  --to FOLDER  where it is written (default: docs/.vitepress/dist)
  --preview    also serves it, until Ctrl-C
  --dev        writes nothing: serves the pages, and draws each again as its file changes, until Ctrl-C
  --port N     the port for both (default: 4173)
  --help       prints this

Example: npm run docs -- --preview`;

const root = fileURLToPath(new URL('../../docs', import.meta.url));

await runCommand(async () => {
  const { values } = parseCommandLine(usage, {
    base: { type: 'string', default: '/' },
    to: { type: 'string' },
    preview: { type: 'boolean', default: false },
    dev: { type: 'boolean', default: false },
    port: { type: 'string', default: '4173' },
  } as const);
  const base = `/${values.base.replace(/^\/+|\/+$/g, '')}/`.replace('//', '/');
  const port = wholeNumber('port', values.port, 1, usage);
  if (values.dev) {
    const server = await createServer(root, { base, port });
    await server.listen();
    server.printUrls();
    return;
  }
  await build(root, { base, ...(values.to !== undefined && { outDir: resolve(values.to) }) });
  if (values.preview) await serve({ root, base, port });
});
