/** A policy file that a command needs to be valid. Tested in test/cli/policy/explain.test.ts. */
import type { PolicyDocument } from '../../core/policy/rules/document.ts';
import { problemLine } from '../../policy/problems.ts';
import { type CommandIo, loadFile } from './command.ts';

/** @returns null where it has errors, which are printed */
export function validDocument(path: string, io: Pick<CommandIo, 'complain'>): PolicyDocument | null {
  const { name, loaded } = loadFile(path);
  const { document, problems } = loaded;
  for (const problem of problems) io.complain(problemLine(name, problem));
  return document;
}
