// What `npm run build` and the tests make of the bot's programs: modules of plain JavaScript, without types and packages.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, stop } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Native, or optional parts of packages that the bot does not need. */
const external = ['better-sqlite3', 'bufferutil', 'utf-8-validate', 'zlib-sync'];

/** Packages in CommonJS call `require`, and some read their own folder. */
const banner = `import { createRequire as createRequireOfBundle } from 'node:module';
const require = createRequireOfBundle(import.meta.url);`;

/** A program's file: all files of a bundle are in one folder, so that each finds the others beside itself. */
export function fileOf(program) {
  return `${program.replace(/\.ts$/, '').replaceAll('/', '-')}.mjs`;
}

/**
 * One file for each program, and more for what they share and for what is loaded only where it is configured. Names stay as in
 * the source, for stacks and logs.
 * @param {object} options
 * @param {string[]} options.programs relative to the folder of `base`
 * @param {string} options.base
 * @param {string} options.outdir
 * @param {boolean} [options.isPackage] not for the tests: with source maps, the package's own words, and a page that is built
 * @returns the files that went into it
 */
export async function bundle({ programs, base, outdir, isPackage = false }) {
  const names = new Map(programs.map((program) => [resolve(base, program), fileOf(program)]));
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [...names].map(([file, name]) => ({ in: file, out: name.replace(/\.mjs$/, '') })),
    outdir: resolve(outdir),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    minifyWhitespace: true,
    minifySyntax: true,
    splitting: true,
    sourcemap: isPackage ? 'linked' : false,
    sourcesContent: false,
    platform: 'node',
    format: 'esm',
    external,
    banner: { js: banner },
    logLevel: 'warning',
    metafile: true,
    plugins: [ownSource(names, isPackage)],
  });
  await stop();
  return Object.keys(metafile.inputs);
}

/** Where a file of the source names another file, or a package's, at run time, the bundle names its own. */
function ownSource(names, isPackage) {
  return {
    name: 'own source',
    setup({ onLoad, onResolve }) {
      // The sandbox's page is bundled when it is served, and with the package once.
      if (isPackage) {
        onResolve({ filter: /\/client-bundle\.ts$/ }, ({ resolveDir }) => ({
          path: resolve(resolveDir, 'built-client.ts'),
        }));
      }
      onLoad({ filter: /\/(?:src|test)\/.*\.ts$/ }, ({ path }) => {
        const source = readFileSync(path, 'utf8');
        const contents = withCopyOfDiscord(withOwnFiles(source, path, names, isPackage), path);
        return { contents: isPackage ? inWordsOfPackage(contents) : contents, loader: 'ts' };
      });
    },
  };
}

/** Threads and processes are started by their files; the tests' bundle, which stays beside the source, need not have them all. */
function withOwnFiles(source, path, names, isPackage) {
  return source.replaceAll(/new URL\('(\.[^']+\.ts)', import\.meta\.url\)/g, (_, file) => {
    const target = resolve(dirname(path), file);
    const name = names.get(target);
    if (name !== undefined) return `new URL('./${name}', import.meta.url)`;
    if (isPackage)
      throw new Error(`${relative(root, path)} starts ${file}: add it to the programs of scripts/build.mjs.`);
    return `new URL('${pathToFileURL(target)}')`;
  });
}

/** The copy of `ws` that discord.js loads, which is in the bundle. */
function withCopyOfDiscord(source, path) {
  if (!path.endsWith('/proxied-websocket.ts')) return source;
  const lookup =
    /^const discord = createRequire\(createRequire.*\n(const library = )createRequire\(discord.*\)\('ws'\)/m;
  if (!lookup.test(source)) throw new Error(`${relative(root, path)} has changed: scripts/bundle.mjs must know how.`);
  const discord = createRequire(createRequire(path).resolve('discord.js'));
  const file = createRequire(discord.resolve('@discordjs/ws')).resolve('ws');
  return source.replace(lookup, (_, begin) => `${begin}require(${JSON.stringify(file)})`);
}

/** A clone has npm scripts, and the package has one command. */
function inWordsOfPackage(source) {
  return source
    .replaceAll(/Usage: npm run .*/g, (line) => line.replaceAll('[-- ', '['))
    .replaceAll(/^ {7}npm run (?:start:built|dev)\n|^npm run (?:start:built|dev) .*\n\n/gm, '')
    .replaceAll(/\bnpm run (?:--silent )?countersign --/g, 'countersign')
    .replaceAll(
      /\bnpm run (?:--silent )?(ask|policy|doctor|backup|move|audit|sonzai|sandbox)\b(?: --(?= ))?/g,
      'countersign $1',
    )
    .replaceAll(/\bnpm start\b/g, 'countersign start');
}
