/** Tested in test/core/approval/stored-shapes.test.ts. */
import { z } from 'zod';

/**
 * The schema of an object that is stored. It keeps the fields that it does not know: during an upgrade, and after it was
 * undone, an older version reads and writes what a newer one has stored, and must not erase any of it. Its type names the
 * known fields only, so that the compiler still finds each that is misspelt.
 */
export function storedObject<Shape extends z.core.$ZodLooseShape>(
  shape: Shape,
): z.ZodObject<z.core.util.Writeable<Shape>, z.core.$strip> {
  return z.looseObject(shape) as unknown as z.ZodObject<z.core.util.Writeable<Shape>, z.core.$strip>;
}

/** The fields of a stored object that its schema does not know. */
export function unknownFields(schema: { shape: object }, value: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([name]) => !Object.hasOwn(schema.shape, name)));
}
