/** Reads a text as JSON. It is undefined when it is none, which says all: no JSON is undefined. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
