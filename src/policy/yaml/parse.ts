/**
 * Reads YAML 1.2 strictly: what another tool could read otherwise, and what hides part of the file, is refused.
 * Tested in test/policy/yaml/parse.test.ts.
 */
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseAllDocuments, type Scalar } from 'yaml';
import type { PolicyProblem } from '../problems.ts';
import { problemOfScalar, problemOfSyntax } from './traps.ts';
import type { YamlNode } from './tree.ts';

/** Far more than any policy has; it bounds the time of all checks. */
const FILE_MAX_BYTES = 128 * 1024;
const VALUES_MAX = 20_000;
const DEPTH_MAX = 12;
/** A file with more of them can't be read aloud. */
const ALIASES_MAX = 20;
/** Of one mistake in the syntax, a parser makes several. */
const SYNTAX_PROBLEMS_MAX = 3;

export interface YamlFile {
  /** Null: there are problems with the syntax, or it is empty. */
  root: YamlNode | null;
  problems: readonly PolicyProblem[];
  /** Where an offset of the text is. */
  placeOf(offset: number): { line: number; column: number };
}

type Report = (offset: number, wrong: string, remedy: string) => void;

export function parseYaml(text: string): YamlFile {
  const counter = new LineCounter();
  const placeOf = (offset: number) => {
    const { line, col } = counter.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const problems: PolicyProblem[] = [];
  const report: Report = (offset, wrong, remedy) => problems.push({ ...placeOf(offset), wrong, remedy });
  const done = (root: YamlNode | null): YamlFile => ({ root: problems.length > 0 ? null : root, problems, placeOf });
  if (new TextEncoder().encode(text).length > FILE_MAX_BYTES) {
    report(0, `The file is larger than ${FILE_MAX_BYTES / 1024} KB.`, 'Use groups and patterns in place of lists.');
    return done(null);
  }
  const documents = parseAllDocuments(text, {
    lineCounter: counter,
    version: '1.2',
    prettyErrors: false,
    strict: true,
  });
  const [document, second] = [...documents];
  if (document === undefined || document.contents === null) {
    report(0, 'The file is empty.', 'Write "version: 1" and rules; npm run policy -- init writes them from .env.');
    return done(null);
  }
  if (/^%/m.test(text.split(/^---/m)[0] ?? '')) {
    report(text.search(/^%/m), 'A YAML directive changes how the file is read.', 'Remove the line that begins with %.');
  }
  for (const { code, message, pos } of document.errors.slice(0, SYNTAX_PROBLEMS_MAX)) {
    const { wrong, remedy } = problemOfSyntax(code, message, text, pos[0]);
    report(pos[0], wrong, remedy);
  }
  for (const { pos } of document.warnings) {
    const written = text.slice(pos[0]).split(/[\s,\]}]/)[0] ?? '';
    report(pos[0], `"${written}" is read as a YAML tag.`, 'Put the value in quotes.');
  }
  if (second !== undefined) {
    const at = second.range?.[0] ?? 0;
    report(at, 'The file holds more than one YAML document.', 'Remove the line --- and what follows it.');
  }
  if (problems.length > 0) return done(null);
  return done(createReader(text, report).read(document.contents));
}

function createReader(text: string, report: Report) {
  let values = 0;
  let aliases = 0;
  const anchors = new Map<string, Node>();

  function read(node: Node, depth = 0): YamlNode {
    values += 1;
    const [start, end] = node.range ?? [0, 0];
    const leaf: YamlNode = { value: null, start, end, style: null, entries: new Map(), items: [] };
    if (values > VALUES_MAX || depth > DEPTH_MAX) {
      if (values === VALUES_MAX + 1 || depth === DEPTH_MAX + 1) {
        report(start, 'The file holds too many values, or they are nested too deep.', 'Use groups, and fewer aliases.');
      }
      return leaf;
    }
    const anchor = 'anchor' in node ? node.anchor : undefined;
    if (typeof anchor === 'string') anchors.set(anchor, node);
    if (isAlias(node)) return readAlias(node.source, start, end, depth);
    const tag = 'tag' in node ? node.tag : undefined;
    if (typeof tag === 'string') {
      report(start, `The value has the YAML tag ${tag}.`, 'Remove what begins with !, or put it in quotes.');
      return leaf;
    }
    if (isMap(node)) return readMap(node.items, leaf, depth);
    if (isSeq(node)) {
      const items = node.items.map((item) => read(item as Node, depth + 1));
      return { ...leaf, value: items.map(({ value }) => value), items };
    }
    if (isScalar(node)) return readScalar(node, leaf);
    return leaf;
  }

  function readAlias(name: string, start: number, end: number, depth: number): YamlNode {
    const leaf: YamlNode = { value: null, start, end, style: null, entries: new Map(), items: [] };
    const target = anchors.get(name);
    aliases += 1;
    if (target === undefined) {
      const written = text.slice(start, end);
      report(
        start,
        `"${written}" is read as a YAML alias, and there is no such anchor.`,
        `Write "${written}" in quotes.`,
      );
      return leaf;
    }
    if (aliases > ALIASES_MAX) {
      if (aliases === ALIASES_MAX + 1) {
        report(start, `The file has more than ${ALIASES_MAX} aliases.`, 'Use groups, or write the values.');
      }
      return leaf;
    }
    // Its own place, for what is wrong there.
    return { ...read(target, depth + 1), start, end };
  }

  function readMap(pairs: readonly { key: unknown; value: unknown }[], leaf: YamlNode, depth: number): YamlNode {
    const entries = new Map<string, { keyStart: number; node: YamlNode }>();
    for (const { key, value } of pairs) {
      const keyNode = key as Node | null;
      const keyStart = keyNode?.range?.[0] ?? leaf.start;
      if (!isScalar(keyNode) || (typeof keyNode.value !== 'string' && typeof keyNode.value !== 'number')) {
        report(keyStart, 'A key must be a word.', 'Put it in quotes, or correct the indentation.');
        continue;
      }
      const name = typeof keyNode.value === 'string' ? keyNode.value : (keyNode.source ?? String(keyNode.value));
      if (name === '<<') {
        report(keyStart, 'Merge keys (<<) are not read.', 'Write the keys where they apply.');
        continue;
      }
      if (name === '__proto__') {
        report(keyStart, '"__proto__" can’t be a name.', 'Choose another name.');
        continue;
      }
      const problem = problemOfScalar(keyNode, 'key');
      if (problem !== null) report(keyStart, problem.wrong, problem.remedy);
      const valueNode = value as Node | null;
      const keyEnd = keyNode.range?.[1] ?? keyStart;
      const node =
        valueNode === null
          ? { ...leaf, value: null, start: keyEnd, end: keyEnd, style: null }
          : read(valueNode, depth + 1);
      entries.set(name, { keyStart, node });
    }
    const value = Object.fromEntries([...entries].map(([name, { node }]) => [name, node.value]));
    return { ...leaf, value, entries };
  }

  function readScalar(node: Scalar, leaf: YamlNode): YamlNode {
    const style = node.type === 'PLAIN' ? 'plain' : node.type?.startsWith('BLOCK') ? 'block' : 'quoted';
    const problem = problemOfScalar(node, 'value');
    if (problem !== null) report(leaf.start, problem.wrong, problem.remedy);
    return { ...leaf, value: node.value, style };
  }

  return { read };
}
