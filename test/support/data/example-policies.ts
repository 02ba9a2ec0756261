/** The policies in `examples/`. */
import { readFileSync } from 'node:fs';
import { backends, ids } from '../../../src/adapters.ts';
import type { PolicyDocument } from '../../../src/core/policy/rules/document.ts';
import { loadPolicy } from '../../../src/policy/load.ts';
import { problemLine } from '../../../src/policy/problems.ts';

export function exampleText(file: string): string {
  return readFileSync(new URL(`../../../examples/${file}`, import.meta.url), 'utf8');
}

export function documentOfText(text: string, source = 'countersign.yml'): PolicyDocument {
  const { document, problems } = loadPolicy(text, { source, ids, backends: backends.map(({ name }) => name) });
  if (document === null) throw new Error(problems.map((one) => problemLine(source, one)).join('\n'));
  return document;
}

export function exampleOf(file: string): PolicyDocument {
  return documentOfText(exampleText(file), file);
}
