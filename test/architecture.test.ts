import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..");
const source = join(root, "src");

/**
 * The rooms of `src`, and what a file of each may import. The rooms form two chains that meet in `formats`: a room may import
 * those to the left of it in its chain, and those after the meeting point everything to their left.
 */
const observed = ["health", "host", "net", "clients", "checks"];
const engine = ["health", "telemetry", "engine", "store", "fleet"];
const shown = ["formats", "page", "notices", "server", "config", "app", "cli"];

function mayImport(room: string): readonly string[] {
  const through = (chain: readonly string[]) => chain.slice(0, chain.indexOf(room) + 1);
  if (observed.includes(room) && room !== "health") return through(observed);
  if (engine.includes(room)) return through(engine);
  return [...observed, ...engine, ...through(shown)];
}

/** Which packages belong to a few rooms only, by the start of their names; the others may be imported anywhere. */
const owners: readonly { readonly packages: RegExp; readonly rooms: readonly string[] }[] = [
  { packages: /^@opentelemetry\/(?!api$)/, rooms: ["telemetry"] },
  { packages: /^(?:koa|@koa\/router)$/, rooms: ["server"] },
  { packages: /^(?:pg|mysql2|ldapts)$/, rooms: ["clients", "checks"] },
  { packages: /^redis$/, rooms: ["clients", "checks", "fleet"] },
  { packages: /^bullmq$/, rooms: ["clients", "checks", "fleet"] },
  { packages: /^piscina$/, rooms: ["engine"] },
  { packages: /^feed$/, rooms: ["formats"] },
  { packages: /^yaml$/, rooms: ["config"] },
  { packages: /^fastest-levenshtein$/, rooms: ["clients", "config"] },
  { packages: /^@rowanmanning\/feed-parser$/, rooms: ["clients"] },
  { packages: /^pino(?:-pretty)?$/, rooms: ["app", "cli"] },
  { packages: /^commander$/, rooms: ["cli"] },
];

/** Folders that are entered by one of their files only. */
const doors = [{ folder: "clients/http/wire/", door: "clients/http/wire/exchange.ts" }];

/** `app/leave.ts` hands the environment on to the program that replaces this one. */
const readEnvironment = /^(?:config\/|app\/leave\.ts$)/;

const pathsOf = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".ts"));

interface Import {
  readonly from: string;
  /** A path below `src`, or the name of a package. */
  readonly to: string;
  readonly isPackage: boolean;
}

const files = pathsOf(source);
const imports: readonly Import[] = files.flatMap((file) => {
  const text = readFileSync(join(source, file), "utf8").replaceAll(/^\s*(?:\*|\/\/).*$/gm, "");
  const specifiers = text.matchAll(/(?:\bfrom|\bimport\(|^import)\s*"(?<specifier>[^"]+)"/gm);
  return [...specifiers].map(({ groups: { specifier = "" } = {} }) => {
    const isPackage = !specifier.startsWith(".");
    const to = isPackage ? specifier : relative(source, join(source, dirname(file), specifier));
    return { from: file, to, isPackage };
  });
});

const roomOf = (path: string): string => (path.includes("/") ? path.slice(0, path.indexOf("/")) : "");
const ours = imports.filter(({ isPackage }) => !isPackage);
const told = ({ from, to }: Import): string => `${from} imports ${to}`;

describe("the rooms of src", () => {
  it("are those of the ordered list", () => {
    const known = new Set([...observed, ...engine, ...shown]);
    const rooms = new Set(files.map(roomOf).filter((room) => room !== ""));
    expect([...rooms].filter((room) => !known.has(room))).toEqual([]);
    expect(ours.length).toBeGreaterThan(files.length);
  });

  it("import one way, types included", () => {
    const wrong = ours.filter(({ from, to }) => roomOf(from) !== "" && !mayImport(roomOf(from)).includes(roomOf(to)));
    expect(wrong.map(told)).toEqual([]);
  });

  it("have no two files that import each other, however long the way round", () => {
    const next = Map.groupBy(ours, ({ from }) => from);
    const finished = new Set<string>();
    const circles: string[] = [];
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(" → "));
      if (finished.has(file) || path.includes(file)) return;
      for (const { to } of next.get(file) ?? []) visit(to, [...path, file]);
      finished.add(file);
    };
    for (const file of files) visit(file, []);
    expect(circles).toEqual([]);
  });

  it.each(doors)("enter $folder by $door only", ({ folder, door }) => {
    const entering = ours.filter(({ from, to }) => to.startsWith(folder) && !from.startsWith(folder));
    expect(entering.filter(({ to }) => to !== door).map(told)).toEqual([]);
    expect(entering).not.toEqual([]);
  });

  it("keep to themselves the packages that are theirs", () => {
    const wrong = imports.filter(({ from, to, isPackage }) => {
      return isPackage && owners.some(({ packages, rooms }) => packages.test(to) && !rooms.includes(roomOf(from)));
    });
    expect(wrong.map(told)).toEqual([]);
  });

  it("read environment variables in config alone", () => {
    const wrong = files.filter((file) => {
      return readFileSync(join(source, file), "utf8").includes("process.env") && !readEnvironment.test(file);
    });
    expect(wrong).toEqual([]);
  });

  it("import what declares a thing, never a public list", () => {
    const lists = ["index.ts", "core.ts", "checks.ts"];
    expect(ours.filter(({ from, to }) => lists.includes(to) && !lists.includes(from)).map(told)).toEqual([]);
  });

  it("have at most 25 files side by side, of at most 300 lines", () => {
    const sizes = Map.groupBy(files, (file) => dirname(file));
    // The catalogue is flat: one file a check.
    const full = [...sizes].filter(([folder, inside]) => folder !== "checks" && inside.length > 25);
    expect(full.map(([folder, inside]) => `${folder}: ${inside.length}`)).toEqual([]);
    const long = files.filter((file) => readFileSync(join(source, file), "utf8").split("\n").length > 301);
    expect(long).toEqual([]);
  });
});
