import { type Markup, markup } from "../markup.ts";
import { textWidth } from "./text-width.ts";

/** What a badge says. */
export interface Badge {
  /** What it is about, on its left. */
  readonly label: string;
  /** What is told of it, on its right. */
  readonly message: string;
  /** The colour behind the message, such as `#10703a`; white text on it has a contrast of at least 4.5. */
  readonly color: string;
  /** All of it in a sentence, for a tooltip and for those who do not see it. */
  readonly title: string;
  /** Whether it tells of a failure, or of a mistake in its address. */
  readonly isError: boolean;
}

const height = 20;
const fontSize = 11;
const padding = 6;
/** A longer label is cut: a badge stands in a line of text. */
const maxCharacters = 60;
const maxTitleCharacters = 200;

/** Draws a badge as an image that needs no font of its own and nothing from outside. */
export function drawBadge({ label, message, color, title }: Badge): Markup {
  const [left, right] = [shortened(label, maxCharacters), shortened(message, maxCharacters)];
  const [leftText, rightText] = [textWidth(left, fontSize), textWidth(right, fontSize)];
  const leftWidth = leftText + 2 * padding;
  const width = leftWidth + rightText + 2 * padding;
  const whole = shortened(title, maxTitleCharacters);
  return markup`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${whole}"><title>${whole}</title><clipPath id="round"><rect width="${width}" height="${height}" rx="3"/></clipPath><g clip-path="url(#round)"><rect width="${leftWidth}" height="${height}" fill="#3b4048"/><rect x="${leftWidth}" width="${width - leftWidth}" height="${height}" fill="${color}"/></g><g fill="#fff" font-family="Verdana,'DejaVu Sans',Geneva,sans-serif" font-size="${fontSize}" aria-hidden="true">${written(left, padding, leftText)}${written(right, leftWidth + padding, rightText)}</g></svg>`;
}

/** @param width what the letters are fitted into, whatever font there is */
function written(text: string, x: number, width: number): Markup | undefined {
  if (width === 0) return undefined;
  return markup`<text x="${x}" y="14" textLength="${width}" lengthAdjust="spacingAndGlyphs">${text}</text>`;
}

function shortened(text: string, maxCharacters: number): string {
  const characters = [...text];
  return characters.length > maxCharacters ? `${characters.slice(0, maxCharacters - 1).join("")}…` : text;
}
