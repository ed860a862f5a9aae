import fc, { type Arbitrary } from "fast-check";
import { line, place } from "./bytes.ts";

/** Text between two slashes. */
export const segment = fc.oneof(
  fc.constantFrom(
    ...[
      "health",
      "failing",
      "a%20check",
      "caf%C3%A9",
      "%2F",
      "%",
      "%e0%a4%a",
      "..",
      ".",
      "",
      "livez",
      "readyz",
      "metrics",
    ],
    ...["__proto__", "constructor", "%00", "heartbeat", "http:", "nightly%20backup", "start", "fail", "0", "256", "-"],
  ),
  line(10).map((text) => text.replaceAll(" ", "%20")),
);

/** A small change of a path. */
const change = fc.record({
  kind: fc.constantFrom("insert", "delete", "replace", "encode", "other case", "double"),
  at: place,
  text: fc.oneof(fc.constantFrom("/", "%", "%2F", ".", "?", ";", "\\", " ", "%00", "a"), segment),
});

function changed(path: string, { kind, at, text }: { kind: string; at: number; text: string }): string {
  const index = Math.min(path.length - 1, Math.floor(at * path.length));
  const [before, character, after] = [path.slice(0, index), path.slice(index, index + 1), path.slice(index + 1)];
  switch (kind) {
    case "insert":
      return before + text + character + after;
    case "delete":
      return before + after;
    case "replace":
      return before + text + after;
    case "encode":
      return `${before}%${character.charCodeAt(0).toString(16).padStart(2, "0")}${after}`;
    case "other case":
      return before + character.toUpperCase() + after;
    default:
      return before + character + character + after;
  }
}

/** Paths that are served, most of them changed once or twice. */
export function nearlyKnown(known: readonly string[]): Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom(...known), fc.array(change, { maxLength: 2 }))
    .map(([path, changes]) => changes.reduce(changed, path));
}
