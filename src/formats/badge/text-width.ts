/** The advance widths of Verdana, in 1/2048 of the font's size, and the characters that have each. */
const verdana: readonly (readonly [width: number, characters: string])[] = [
  [550, "'"],
  [562, "il"],
  [705, "j"],
  [720, " f"],
  [745, ",."],
  [806, "!"],
  [807, "t"],
  [862, "I"],
  [874, "r"],
  [930, "()-/:;[\\]|J"],
  [940, '"'],
  [1067, "cs"],
  [1076, "z"],
  [1117, "?"],
  [1140, "L"],
  [1177, "F"],
  [1212, "kvxy"],
  [1230, "aeo"],
  [1262, "TYP"],
  [1280, "bdghnpqu0123456789$*_`{}E"],
  [1410, "ABCKRSVXZ"],
  [1488, "&U"],
  [1540, "DGHN"],
  [1612, "OQ"],
  [1676, "#+<=>^~wµ·"],
  [1726, "M"],
  [1992, "m"],
  [2025, "W"],
  [2048, "@"],
  [2204, "%"],
];

const widths: ReadonlyMap<string, number> = new Map(
  verdana.flatMap(([width, characters]) => Array.from(characters, (character) => [character, width] as const)),
);

/** Characters that are as wide as the font is high: those of East Asia, and pictures. */
const wide = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Extended_Pictographic}]/u;
/** Characters that are drawn on another one. */
const combining = /\p{M}|[\u200B-\u200D]/u;

/**
 * How wide a text is in pixels, as near as can be told without a font: a badge is drawn where there is none. The letters are
 * then fitted into the width, so that a browser that has another font shows all of them.
 */
export function textWidth(text: string, fontSize: number): number {
  let units = 0;
  for (const character of text) units += widths.get(character) ?? otherWidth(character);
  return Math.round((units * fontSize) / 2048);
}

function otherWidth(character: string): number {
  if (combining.test(character)) return 0;
  return wide.test(character) ? 2048 : 1400;
}
