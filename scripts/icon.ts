/** The bot's mark as a PNG, for the pages of Slack and Discord where an app gets its icon. Tested in test/platforms/setup-docs.test.ts. */
import { crc32, deflateSync } from 'node:zlib';

/** Slack accepts 512 to 2,000 px. */
export const ICON_PX = 512;

/** Of a curve. */
const SAMPLES = 24;

type Point = readonly [number, number];
type Colour = readonly [number, number, number];

/** The drawing of src/sandbox/page/client/room/avatar.tsx, in its units. */
const UNITS = 36;
const ground: Colour = [0x1f, 0x5f, 0x5b];
const signature: readonly (readonly [Point, Point, Point, Point])[] = [
  [
    [9, 25],
    [13, 24],
    [14, 13],
    [17, 13],
  ],
  [
    [17, 13],
    [20, 13],
    [17, 22],
    [20, 22],
  ],
  [
    [20, 22],
    [23, 22],
    [23, 18],
    [27, 17],
  ],
];
const strokes = [
  { points: signature.flatMap(sample), width: 2.4, colour: [0xf2, 0xd5, 0x8b] as Colour, opacity: 1 },
  {
    points: [
      [8, 29],
      [28, 29],
    ] as Point[],
    width: 1.6,
    colour: [255, 255, 255] as Colour,
    opacity: 0.7,
  },
];

export function drawIcon(): Buffer {
  const scale = UNITS / ICON_PX;
  const rows = Array.from({ length: ICON_PX }, (_, y) => {
    const row = Buffer.alloc(1 + 3 * ICON_PX);
    for (let x = 0; x < ICON_PX; x += 1) row.set(colourAt([(x + 0.5) * scale, (y + 0.5) * scale], scale), 1 + 3 * x);
    return row;
  });
  const head = Buffer.alloc(13);
  head.writeUInt32BE(ICON_PX, 0);
  head.writeUInt32BE(ICON_PX, 4);
  // Eight bits for each of three colours.
  head.set([8, 2, 0, 0, 0], 8);
  const mark = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  return Buffer.concat([mark, chunk('IHDR', head), chunk('IDAT', deflateSync(Buffer.concat(rows))), chunk('IEND')]);
}

/** @param pixel its size, in units: the edge of a stroke is that wide */
function colourAt(at: Point, pixel: number): Colour {
  let colour = ground;
  for (const { points, width, colour: ink, opacity } of strokes) {
    const inside = (width / 2 - distanceTo(points, at)) / pixel + 0.5;
    const share = opacity * Math.min(1, Math.max(0, inside));
    const mix = (index: 0 | 1 | 2) => Math.round(colour[index] + (ink[index] - colour[index]) * share);
    colour = [mix(0), mix(1), mix(2)];
  }
  return colour;
}

function distanceTo(points: readonly Point[], [x, y]: Point): number {
  let least = Number.POSITIVE_INFINITY;
  for (let at = 1; at < points.length; at += 1) {
    const [[fromX, fromY] = [0, 0], [toX, toY] = [0, 0]] = [points[at - 1], points[at]];
    const [dx, dy] = [toX - fromX, toY - fromY];
    const along = Math.min(1, Math.max(0, ((x - fromX) * dx + (y - fromY) * dy) / (dx * dx + dy * dy || 1)));
    least = Math.min(least, Math.hypot(x - fromX - along * dx, y - fromY - along * dy));
  }
  return least;
}

function sample(curve: readonly [Point, Point, Point, Point]): Point[] {
  const part = (t: number, axis: 0 | 1) => {
    const [a, b, c, d] = curve;
    const u = 1 - t;
    return u ** 3 * a[axis] + 3 * u * u * t * b[axis] + 3 * u * t * t * c[axis] + t ** 3 * d[axis];
  };
  return Array.from({ length: SAMPLES + 1 }, (_, at): Point => [part(at / SAMPLES, 0), part(at / SAMPLES, 1)]);
}

function chunk(type: string, data: Buffer = Buffer.alloc(0)): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}
