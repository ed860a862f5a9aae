import { createHash, randomInt } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Stryker } from "@stryker-mutator/core";
import { waitedInVain } from "./mutants/waited-in-vain.ts";

// Changes the code of a folder in many small ways, one at a time, and says which changes no test notices. Exits 1 when too
// few are noticed. What was found is kept in .cache/mutants, and used again for code and tests that stay as they were.
// A busy machine makes tests fail that wait for something: what was noticed only by waiting in vain is tried again.

/** The share of changes that tests have to notice, in percent. */
const leastNoticed = 85;

/**
 * The tests that run for a change in a folder of `src`: those of the same folder of `test`, those of its room, and these
 * beside them, where neighbours say what the folder is for. Everything that imports a room would take hours.
 */
const neighbours: Readonly<Record<string, readonly string[]>> = {
  host: ["checks"],
  "telemetry/traces": ["engine/threads"],
  clients: ["checks"],
  formats: ["page"],
  "config/make": ["config/read"],
};

/** The tests for what runs only in threads that they start, by the folder of `src` in which it is. */
const threads: Readonly<Record<string, readonly string[]>> = {
  "engine/threads": ["test/engine/threads/*.test.ts"],
  "telemetry/traces": ["test/engine/threads/thread-traces.test.ts"],
};

type Mutant = Awaited<ReturnType<Stryker["runMutationTest"]>>[number];

const root = join(import.meta.dirname, "..");
const source = join(root, "src");

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    concurrency: { type: "string", default: "2" },
    // Tries again what is known already.
    force: { type: "boolean", default: false },
    // Leaves out what runs while a file is loaded: each of those changes needs all tests, which takes most of the time.
    quick: { type: "boolean", default: false },
    // Tries only so many percent of the lines, chosen at random, to see where a room stands in a part of the time.
    sample: { type: "string" },
    // Chooses the same lines again.
    seed: { type: "string", default: String(randomInt(1_000_000)) },
  },
});

/** The mutants of one folder, of one file of it, or of some lines of that, with the tests of that folder. */
function mutate(folder: string, pattern: string, known: string | undefined): Promise<readonly Mutant[]> {
  const room = folder.replace(/\/.*/s, "");
  const tests = new Set([folder, room, ...(neighbours[folder] ?? [])]);
  return tryAll(
    [pattern],
    [...tests].map((path) => `test/${path}/*.test.ts`),
    known,
  );
}

/** By which name what was found in a folder is kept. */
function nameOf(folder: string): string {
  return `${folder.replaceAll("/", "-")}${options.quick ? "-quick" : ""}`;
}

/** The mutants of some lines of a folder and of those in it, with all their tests. */
function mutateSample(folder: string, files: readonly string[], percent: number): Promise<readonly Mutant[]> {
  const chosen = files.flatMap((file) =>
    sampledLines(file, percent).map((lines) => `${relative(root, file)}:${lines}`),
  );
  const tests = [folder, ...(neighbours[folder] ?? [])].map((path) => `test/${path}/**/*.test.ts`);
  return tryAll(chosen, tests, undefined);
}

/** How many lines that belong together are chosen at a time: a change of more lines is in no sample. */
const linesTogether = 12;

/** Some parts of a file, such as `13-24`: the same ones for a file and a seed. */
function sampledLines(file: string, percent: number): readonly string[] {
  const count = Math.ceil(readFileSync(file, "utf8").split("\n").length / linesTogether);
  return Array.from({ length: count }, (_, index) => index * linesTogether)
    .filter((line) => shareOf(`${options.seed} ${relative(root, file)} ${line}`) * 100 < percent)
    .map((line) => `${line + 1}-${line + linesTogether}`);
}

/** A number from 0 to 1 that looks random, and is the same for the same text. */
function shareOf(text: string): number {
  return createHash("sha256").update(text).digest().readUInt32BE() / 2 ** 32;
}

/**
 * Tries changes, and what no test runs in its own thread also where it runs in another.
 * @param known by which name what was found is kept; undefined when it is not worth keeping
 */
async function tryAll(
  patterns: readonly string[],
  tests: readonly string[],
  known: string | undefined,
): Promise<readonly Mutant[]> {
  let mutants = await tryTwice(patterns, tests, { known, inThreads: false });
  for (const [folder, testsOfThreads] of Object.entries(threads)) {
    const unreached = mutants.filter((mutant) => mutant.status === "NoCoverage" && isIn(folder, mutant));
    const how = { known: known && `${known}-in-threads`, inThreads: true };
    mutants = await replaced(mutants, unreached, (places) => tryTwice(places, testsOfThreads, how));
  }
  return mutants;
}

/** How changes are tried. */
interface How {
  /** By which name what was found is kept. */
  readonly known: string | undefined;
  /** Whether they are in threads that the tests start: which test runs them cannot be found out, so each is tried with all. */
  readonly inThreads: boolean;
}

/** Tries changes, and once more, with more time, those that were noticed only by waiting in vain. */
async function tryTwice(patterns: readonly string[], tests: readonly string[], how: How): Promise<readonly Mutant[]> {
  const mutants = await tryOut(patterns, tests, how, quickly);
  const again = { ...how, known: how.known && `${how.known}-again` };
  const doubtful = mutants.filter(noticedByWaiting);
  if (doubtful.length > 0) {
    console.log(["Not noticed so far:", ...mutants.filter(missed).map(described).sort()].join("\n"));
    console.log(`Noticed only by waiting in vain, and tried once more: ${doubtful.length}`);
  }
  return replaced(mutants, doubtful, (places) => tryOut(places, tests, again, patiently));
}

/** All mutants, and of some of them what is found when they are tried again. */
async function replaced(
  all: readonly Mutant[],
  some: readonly Mutant[],
  tryPlaces: (places: readonly string[]) => Promise<readonly Mutant[]>,
): Promise<readonly Mutant[]> {
  if (some.length === 0) return all;
  const again = new Map((await tryPlaces([...new Set(some.map(placeOf))])).map((mutant) => [changeOf(mutant), mutant]));
  return all.map((mutant) => (some.includes(mutant) ? (again.get(changeOf(mutant)) ?? mutant) : mutant));
}

function isIn(folder: string, { fileName }: Mutant): boolean {
  return dirname(relative(source, fileName)) === folder;
}

/** Where a change is, as Stryker wants to be told it. */
function placeOf({ fileName, location: { start, end } }: Mutant): string {
  return `${relative(root, fileName)}:${start.line}:${start.column - 1}-${end.line}:${end.column - 1}`;
}

/** Which change it is, whatever else is tried with it. */
function changeOf(mutant: Mutant): string {
  return `${placeOf(mutant)} ${mutant.mutatorName} ${mutant.replacement}`;
}

/** How long tests wait for what does not come. */
interface Patience {
  /** For a condition. */
  readonly conditionMilliseconds: number;
  /** Until Stryker ends them, beside the time that they need. */
  readonly endMilliseconds: number;
}

/** A test that waits for what never comes has noticed the change: there is little point in waiting long. */
const quickly: Patience = { conditionMilliseconds: 4000, endMilliseconds: 5000 };
const patiently: Patience = { conditionMilliseconds: 15_000, endMilliseconds: 30_000 };

async function tryOut(
  patterns: readonly string[],
  tests: readonly string[],
  { known, inThreads }: How,
  { conditionMilliseconds, endMilliseconds }: Patience,
): Promise<readonly Mutant[]> {
  process.env.MUTATE_TESTS = tests.join(",");
  // No test imports what is loaded in a thread, so none would be related to it.
  const related = !patterns.every((pattern) =>
    Object.keys(threads).some((folder) => pattern.startsWith(`src/${folder}/`)),
  );
  process.env.MUTATE_PATIENCE = String(conditionMilliseconds);
  const attempt = () =>
    runStryker({
      mutate: [...patterns],
      plugins: [fileURLToPath(import.meta.resolve("@stryker-mutator/vitest-runner"))],
      testRunner: "vitest",
      vitest: { configFile: "scripts/mutants/vitest.config.ts", related },
      coverageAnalysis: inThreads ? "off" : "perTest",
      concurrency: Number(options.concurrency),
      timeoutMS: endMilliseconds,
      // All tests of a room, on a machine that is busy.
      dryRunTimeoutMinutes: 20,
      incremental: known !== undefined,
      ...(known !== undefined && { incrementalFile: `.cache/mutants/${known}.json` }),
      ignoreStatic: options.quick,
      force: options.force,
      tempDirName: `.cache/mutants/sandbox-${process.pid}`,
      cleanTempDir: "always",
      ignorePatterns: [".cache", "dist", "coverage"],
      // Stryker would rewrite ours with a part of TypeScript that version 7 no longer has.
      tsconfigFile: "absent.json",
      disableTypeChecks: false,
      reporters: ["progress-append-only"],
      allowConsoleColors: false,
    });
  for (let left = 2; ; left -= 1) {
    const mutants = await attempt().catch((error: unknown) => {
      if (left === 0 || !String(error).includes("failed tests in the initial test run")) throw error;
      return undefined;
    });
    if (mutants !== undefined) return mutants;
    console.log("A test failed without any change, perhaps because the machine is busy: once more");
  }
}

function runStryker(options: ConstructorParameters<typeof Stryker>[0]): Promise<readonly Mutant[]> {
  return new Stryker(options).runMutationTest();
}

const noticed = ({ status }: Mutant): boolean => status === "Killed" || status === "Timeout";
/** Not by more rounds of a loop than there should be, which Stryker counts and calls a time-out too. */
const noticedByWaiting = ({ status, statusReason = "" }: Mutant): boolean =>
  status === "Timeout"
    ? !statusReason.startsWith("Hit limit")
    : status === "Killed" && (statusReason.includes(waitedInVain) || /timed out in \d+ms/.test(statusReason));
const missed = ({ status }: Mutant): boolean => status === "Survived" || status === "NoCoverage";

/** `src/engine/run.ts:12: a > b → a >= b`, on one line. */
function described({ fileName, location: { start, end }, replacement, status }: Mutant): string {
  const lines = readFileSync(fileName, "utf8")
    .split("\n")
    .slice(start.line - 1, end.line);
  lines.push((lines.pop() ?? "").slice(0, end.column - 1));
  const original = lines.join("\n").slice(start.column - 1);
  const short = (text: string): string => {
    const line = text.replaceAll(/\s+/g, " ");
    return line.length > 100 ? `${line.slice(0, 60)} … ${line.slice(-35)}` : line;
  };
  const why = status === "NoCoverage" ? " (no test runs it)" : "";
  return `${relative(root, fileName)}:${start.line}: ${short(original)} → ${short(replacement ?? "")}${why}`;
}

/**
 * Tries one room, folder or file of `src`, folder by folder, and says what was found.
 * @param place its path; that of a file may have the lines after it, such as `src/engine/run.ts:20-31`
 */
async function report(place: string): Promise<void> {
  const { path = place, lines } = /^(?<path>.*):(?<lines>\d+-\d+)$/s.exec(place)?.groups ?? {};
  const isFile = statSync(path).isFile();
  const inside = isFile
    ? [path]
    : readdirSync(path, { recursive: true, encoding: "utf8" }).map((name) => join(path, name));
  const files = inside.filter((name) => name.endsWith(".ts"));
  const mutants: Mutant[] = [];
  if (lines !== undefined) {
    mutants.push(...(await mutate(relative(source, dirname(path)), relative(root, place), undefined)));
  } else if (options.sample !== undefined) {
    mutants.push(
      ...(await mutateSample(relative(source, isFile ? dirname(path) : path), files, Number(options.sample))),
    );
  } else
    for (const folder of new Set(files.map((file) => dirname(file)))) {
      const pattern = relative(root, isFile ? path : join(folder, "*.ts"));
      const inSource = relative(source, folder);
      mutants.push(...(await mutate(inSource, pattern, nameOf(inSource))));
    }
  const survivors = mutants.filter(missed).map(described).sort();
  const found = mutants.filter(noticed).length;
  const all = found + survivors.length;
  const share = all === 0 ? 100 : (100 * found) / all;
  const byWaiting = mutants.filter(noticedByWaiting);
  const broken = mutants.filter(({ status }) => status === "RuntimeError");
  console.log(survivors.join("\n"));
  if (byWaiting.length > 0) {
    console.log("Noticed only by waiting in vain, twice:");
    console.log(byWaiting.map(described).sort().join("\n"));
  }
  if (broken.length > 0) console.log(`${broken.length} changes left out: with them nothing could be loaded`);
  const sample = options.sample === undefined ? "" : ` in ${options.sample} % of the lines (seed ${options.seed})`;
  const waiting = byWaiting.length > 0 ? ` (${byWaiting.length} only by waiting)` : "";
  console.log(`${relative(root, place)}: ${found} of ${all} changes${sample} noticed${waiting}, ${share.toFixed(1)} %`);
  if (share < leastNoticed) process.exitCode = 1;
}

const places = positionals.length > 0 ? positionals.map((path) => join(process.cwd(), path)) : rooms();
for (const place of places) await report(place);

function rooms(): readonly string[] {
  const entries = readdirSync(source, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(source, name));
}
