import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

export interface ClientFiles {
  js: string;
  css: string;
}

/** Bundles the browser code in memory. */
export async function bundleClient(): Promise<ClientFiles> {
  const folder = fileURLToPath(new URL('../client/', import.meta.url));
  const { outputFiles } = await build({
    entryPoints: [`${folder}main.tsx`, `${folder}main.css`],
    outdir: folder,
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
    minifySyntax: true,
    logLevel: 'silent',
  });
  const text = (ending: string) => outputFiles.find((file) => file.path.endsWith(ending))?.text ?? '';
  return { js: text('.js'), css: text('.css') };
}
