// What `npm run build` and the tests make of the bot's programs: modules of plain JavaScript, without types and packages.
import { build, stop } from 'esbuild';

/** Native, or optional parts of packages that the bot does not need. */
const external = ['better-sqlite3', 'bufferutil', 'utf-8-validate', 'zlib-sync'];

/** Packages in CommonJS call `require`, and some read their own folder. */
const banner = `import { createRequire as createRequireOfBundle } from 'node:module';
const require = createRequireOfBundle(import.meta.url);`;

/**
 * One file for each program, and more for what they share and for what is loaded only where it is configured. Names stay as in
 * the source, for stacks and logs.
 * @param {{ programs: string[], outdir: string, outbase: string, sourcemap?: boolean }} options
 */
export async function bundle({ programs, outdir, outbase, sourcemap = false }) {
  await build({
    entryPoints: programs,
    outdir,
    outbase,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    minifyWhitespace: true,
    minifySyntax: true,
    splitting: true,
    sourcemap: sourcemap ? 'linked' : false,
    sourcesContent: false,
    platform: 'node',
    format: 'esm',
    external,
    banner: { js: banner },
    logLevel: 'warning',
  });
  await stop();
}
