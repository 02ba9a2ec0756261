import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** By their endings. */
export interface ClientFiles {
  html: string;
  js: string;
  css: string;
}

/** The page, its browser code bundled in memory. In the package, `built-client.ts` takes the place of this file. */
export async function bundleClient(): Promise<ClientFiles> {
  const { inputs: _, ...files } = await buildClient();
  return files;
}

/** @returns also the files that went into it, relative to the clone */
export async function buildClient(): Promise<ClientFiles & { inputs: string[] }> {
  const folder = fileURLToPath(new URL('../client/', import.meta.url));
  const clone = fileURLToPath(new URL('../../../../', import.meta.url));
  const { outputFiles, metafile } = await build({
    absWorkingDir: clone,
    entryPoints: [`${folder}main.tsx`, `${folder}main.css`],
    outdir: folder,
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
    minifySyntax: true,
    logLevel: 'silent',
  });
  const text = (ending: string) => outputFiles.find((file) => file.path.endsWith(ending))?.text ?? '';
  return {
    html: await readFile(`${folder}index.html`, 'utf8'),
    js: text('.js'),
    css: text('.css'),
    inputs: Object.keys(metafile.inputs),
  };
}
