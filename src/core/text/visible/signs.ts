/**
 * Signs that a card uses for a state, and signs that could be taken for them. In the text of others they are shown in
 * brackets, `⟨✅⟩`. A sign is listed for its look: a check mark, a cross, a prohibition, a warning, a clock, a mail tray, a
 * status light. Not listed: gestures (👍), which do not express a state, and `●`, `○`, `×`, `√`, `☐`, which ordinary lists
 * and sums use. Dots in a row are bracketed by `reveal.ts`.
 * Tested in test/core/text/visible/reveal.test.ts.
 */

/** By code point, first and last. */
const ranges: readonly (readonly [first: number, last: number])[] = [
  // Check marks: ✅ ✓ ✔ ☑ ⍻ 🗸 🗹 🆗 🮱
  [0x2705, 0x2705],
  [0x2713, 0x2714],
  [0x2611, 0x2611],
  [0x237b, 0x237b],
  [0x1f5f8, 0x1f5f9],
  [0x1f197, 0x1f197],
  [0x1fbb1, 0x1fbb1],
  // Crosses: ❌ ❎ ✕ ✖ ✗ ✘ ☒ ☓ ⛝ ⮽ ⮾ ⮿ 🗙 🗴 🗵 🗶 🗷
  [0x274c, 0x274c],
  [0x274e, 0x274e],
  [0x2715, 0x2718],
  [0x2612, 0x2613],
  [0x26dd, 0x26dd],
  [0x2bbd, 0x2bbf],
  [0x1f5d9, 0x1f5d9],
  [0x1f5f4, 0x1f5f7],
  // Prohibitions: ⛔ 🛑 🚫 🛇 🚭 🚮 🚯 🚰 🚱 🚳 🚷 📵 🔞
  [0x26d4, 0x26d4],
  [0x1f6d1, 0x1f6d1],
  [0x1f6ab, 0x1f6ab],
  [0x1f6c7, 0x1f6c7],
  [0x1f6ad, 0x1f6b1],
  [0x1f6b3, 0x1f6b3],
  [0x1f6b7, 0x1f6b7],
  [0x1f4f5, 0x1f4f5],
  [0x1f51e, 0x1f51e],
  // Warnings: ⚠ ❗ ❕ ❢ ❣ ‼ ⁉ ⛛ 🚨 🛆 🔺 🔻
  [0x26a0, 0x26a0],
  [0x2757, 0x2757],
  [0x2755, 0x2755],
  [0x2762, 0x2763],
  [0x203c, 0x203c],
  [0x2049, 0x2049],
  [0x26db, 0x26db],
  [0x1f6a8, 0x1f6a8],
  [0x1f6c6, 0x1f6c6],
  [0x1f53a, 0x1f53b],
  // Clocks: ⏳ ⌛ ⧖ ⧗ ⌚ ⏰ ⏱ ⏲ 🕐 to 🕧 🕰
  [0x23f0, 0x23f3],
  [0x231a, 0x231b],
  [0x29d6, 0x29d7],
  [0x1f550, 0x1f567],
  [0x1f570, 0x1f570],
  // Mail trays: 📤 📥 📨 📩
  [0x1f4e4, 0x1f4e5],
  [0x1f4e8, 0x1f4e9],
  // Locks: 🔏 🔐 🔑 🔒 🔓
  [0x1f50f, 0x1f513],
  // Status lights: ⏺ ⚪ ⚫ ⬤ ⭕ 🌑 🌚 🔘 🔴 🔵 🟠 to 🟫 ⬛ ⬜
  [0x23fa, 0x23fa],
  [0x26aa, 0x26ab],
  [0x2b24, 0x2b24],
  [0x2b55, 0x2b55],
  [0x1f311, 0x1f311],
  [0x1f31a, 0x1f31a],
  [0x1f518, 0x1f518],
  [0x1f534, 0x1f535],
  [0x1f7e0, 0x1f7eb],
  [0x2b1b, 0x2b1c],
];

export function isSign(code: number): boolean {
  return ranges.some(([first, last]) => code >= first && code <= last);
}
