import { parse } from "yaml";

/**
 * Why a line of a shipped file is there. In a YAML file: a path, in which `*` stands for any one name and `**` for any
 * rest, and the value. Elsewhere: the line itself.
 */
export type Reason = readonly [pathOrLine: string, value: unknown, reason: string];

/** A value of a YAML document with its path; lists of plain values are one value. */
type Leaf = readonly [path: string, value: unknown];

const isPlain = (value: unknown): boolean => value === null || typeof value !== "object";

/** Every value of a YAML document; the members of a list go by their `name`, or by their index. */
export function leavesOf(text: string): readonly Leaf[] {
  const flatten = (value: unknown, path: string): readonly Leaf[] => {
    if (isPlain(value) || (Array.isArray(value) && value.every(isPlain))) return [[path, value]];
    const entries = Array.isArray(value)
      ? value.map((member, index) => [String(member.name ?? index), member] as const)
      : Object.entries(value as Record<string, unknown>);
    if (entries.length === 0) return [[path, {}]];
    return entries.flatMap(([name, member]) => flatten(member, path === "" ? name : `${path}/${name}`));
  };
  return flatten(parse(text, { merge: true }), "");
}

/** The lines of any other file that do something: without comments, and with what continues a line. */
export function linesOf(text: string): readonly Leaf[] {
  const joined = text.replaceAll(/\\\n\s*/g, "");
  return joined
    .split("\n")
    .filter((line) => line !== "" && !/^[#[]/.test(line))
    .map((line) => [line, undefined]);
}

/** Whether a reason is about a value: the same path, whatever the value. */
export function isAbout([pattern]: Reason, [path]: Leaf): boolean {
  if (!pattern.includes("*")) return pattern === path;
  const [wanted, found] = [pattern.split("/"), path.split("/")];
  const end = wanted.indexOf("**");
  if (end === -1 && wanted.length !== found.length) return false;
  return wanted.slice(0, end === -1 ? undefined : end).every((name, index) => name === "*" || name === found[index]);
}
