/** What a path leads to in a JSON value. */
export type JsonFinding = { readonly found: true; readonly value: unknown } | { readonly found: false };

/** One step of a path: a member's name, or an element's index, a negative one counted from the end. */
type Step = string | number;

/** `.name`, also at the very beginning without the point; a name holds none of JSONPath's special characters. */
const nameStep = /\.?([^\s.[\]"'*?()@,:$]+)/y;
const indexStep = /\[(0|-?[1-9]\d*)\]/y;
const quotedStep = /\[(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')\]/y;

/**
 * A path to a single value in a JSON value: `$.items[0].state`, `$['first name']`. It is the singular query of RFC 9535
 * (section 2.3.5.1), which has neither wildcards nor filters; the leading `$.` may be left out, and a name after a
 * point may hold hyphens.
 */
export class JsonPath {
  readonly #text: string;
  readonly #steps: readonly Step[];

  constructor(text: string, steps: readonly Step[]) {
    this.#text = text;
    this.#steps = steps;
  }

  /** @returns undefined when the text is no such path */
  static parse(text: string): JsonPath | undefined {
    const rooted = text.startsWith("$");
    let position = rooted ? 1 : 0;
    const steps: Step[] = [];
    while (position < text.length) {
      const pointNeeded = rooted || steps.length > 0;
      const step = stepAt(text, position);
      if (step === undefined || (pointNeeded && !/[.[]/.test(text[position] ?? ""))) return undefined;
      if (!pointNeeded && text.startsWith(".")) return undefined;
      steps.push(step.value);
      position = step.end;
    }
    return text === "" ? undefined : new JsonPath(text, steps);
  }

  /** Follows the path. Only what JSON put there is found: no `length`, nothing inherited. */
  find(root: unknown): JsonFinding {
    let value = root;
    for (const step of this.#steps) {
      const key = typeof step === "number" && Array.isArray(value) && step < 0 ? value.length + step : step;
      const fits = Array.isArray(value) === (typeof step === "number");
      if (!fits || typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return { found: false };
      value = (value as Record<Step, unknown>)[key]; // It has that key, as the line above made sure.
    }
    return { found: true, value };
  }

  /** As it was written. */
  toString(): string {
    return this.#text;
  }
}

function stepAt(text: string, position: number): { readonly value: Step; readonly end: number } | undefined {
  for (const [pattern, read] of notations) {
    pattern.lastIndex = position;
    const match = pattern.exec(text);
    const value = match === null ? undefined : read(match);
    if (value !== undefined) return { value, end: pattern.lastIndex };
  }
  return undefined;
}

const notations: readonly (readonly [RegExp, (match: RegExpExecArray) => Step | undefined])[] = [
  [nameStep, ([, name]) => name],
  [indexStep, ([, index]) => Number(index)],
  [quotedStep, ([, double, single]) => unescaped(double ?? single?.replaceAll(/\\'|"/g, singleToDouble) ?? "")],
];

/** In single quotes an apostrophe is escaped and a quotation mark is not; in JSON it is the other way round. */
function singleToDouble(text: string): string {
  return text === '"' ? '\\"' : "'";
}

function unescaped(text: string): string | undefined {
  try {
    return JSON.parse(`"${text}"`);
  } catch {
    return undefined; // An escape that JSON does not know: not a path.
  }
}
