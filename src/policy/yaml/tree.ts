/** A YAML file with the place of each value, as the checks need it. Tested in test/policy/yaml/parse.test.ts. */

export interface YamlNode {
  /** As plain objects, lists and scalars. */
  value: unknown;
  /** Offsets in the text. */
  start: number;
  end: number;
  /** How a scalar is written; branches have none. */
  style: 'plain' | 'quoted' | 'block' | null;
  /** Of an object, by key, in the order of the file. */
  entries: ReadonlyMap<string, { keyStart: number; node: YamlNode }>;
  /** Of a list. */
  items: readonly YamlNode[];
}

export type Path = readonly (string | number)[];

/** The value at a path, or the nearest one above it that is in the file. */
export function nodeAt(root: YamlNode, path: Path): YamlNode {
  let node = root;
  for (const step of path) {
    const next = typeof step === 'number' ? node.items[step] : node.entries.get(step)?.node;
    if (next === undefined) return node;
    node = next;
  }
  return node;
}

/** Where a person looks for a path: its value; of a key that has none or is not known, the key. */
export function offsetOf(root: YamlNode, path: Path): number {
  const last = path.at(-1);
  const parent = nodeAt(root, path.slice(0, -1));
  if (typeof last === 'string') {
    const entry = parent.entries.get(last);
    if (entry !== undefined) return isEmpty(entry.node) ? entry.keyStart : entry.node.start;
  }
  return nodeAt(root, path).start;
}

/** The place of the key that a path ends with. */
export function keyOffsetOf(root: YamlNode, path: Path): number {
  const last = path.at(-1);
  const entry = typeof last === 'string' ? nodeAt(root, path.slice(0, -1)).entries.get(last) : undefined;
  return entry?.keyStart ?? offsetOf(root, path);
}

function isEmpty({ start, end }: YamlNode): boolean {
  return start === end;
}

/**
 * Where a character of a scalar's value is in the text: escapes, indents and folded lines make the two differ.
 * @param index in the value
 */
export function offsetInScalar(text: string, { value, start, end, style }: YamlNode, index: number): number {
  const content = String(value);
  let at = style === 'plain' ? start : start + 1;
  if (style === 'block') at = text.indexOf('\n', start) + 1;
  const isBlank = (sign: string | undefined) => sign !== undefined && /\s/.test(sign);
  for (let read = 0; read < Math.min(index, content.length) && at < end; read += 1) {
    if (isBlank(content[read])) {
      // A fold is one blank of the value, and as many of the text as the indent has.
      while (isBlank(text[at]) && !isBlank(content[read + 1])) at += 1;
      if (isBlank(content[read + 1])) at += 1;
    } else {
      while (at < end && text[at] !== content[read]) at += 1;
      at += 1;
    }
  }
  while (isBlank(text[at]) && !isBlank(content[index]) && at < end) at += 1;
  return Math.min(at, end);
}
