import { execFileSync } from "node:child_process";
import { cpus, loadavg, release, totalmem } from "node:os";

/** Something measured, beside what it may be. */
export interface ProofFigure {
  readonly name: string;
  /** With its unit. */
  readonly measured: string;
  /** As words: `at most 400 ms`; empty for what is told for information. */
  readonly bound: string;
  readonly kept: boolean;
}

/** What a whole proof found. */
export interface Proof {
  readonly title: string;
  /** What was done, in a few sentences of Markdown. */
  readonly method: string;
  readonly figures: readonly ProofFigure[];
  /** Further paragraphs, such as what failed and with which seed. */
  readonly notes?: readonly string[];
}

/** What every module of this folder exports for `proof/index.ts`. */
export interface ProofModule {
  /** Proves the whole of it, which may take many minutes. */
  readonly prove: () => Promise<Proof>;
}

/** A figure that must not exceed its bound. */
export function atMost(name: string, value: number, bound: number, unit: string): ProofFigure {
  return { name, measured: `${round(value)} ${unit}`, bound: `at most ${round(bound)} ${unit}`, kept: value <= bound };
}

/** A figure that must not fall below its bound. */
export function atLeast(name: string, value: number, bound: number, unit: string): ProofFigure {
  return { name, measured: `${round(value)} ${unit}`, bound: `at least ${round(bound)} ${unit}`, kept: value >= bound };
}

/** A figure that is told for information. */
export function told(name: string, measured: string): ProofFigure {
  return { name, measured, bound: "", kept: true };
}

/** The page that is committed. */
export function proofPage(name: string, proof: Proof, startedAt: Date): string {
  const minutes = (Date.now() - startedAt.getTime()) / 60_000;
  const [processor] = cpus();
  const rows = proof.figures.map(({ name: what, measured, bound, kept }) => {
    return `| ${cell(what)} | ${cell(measured)} | ${cell(bound)} | ${bound === "" ? "" : kept ? "yes" : "**no**"} |`;
  });
  const machine = `${cpus().length} × ${processor?.model ?? "unknown processor"}, ${round(totalmem() / 1e9)} GB`;
  const load = loadavg().map((value) => value.toFixed(1));
  return [
    `# ${proof.title}`,
    `\`node proof/index.ts ${name}\` wrote this on ${startedAt.toISOString().slice(0, 10)}, in ${minutes.toFixed(1)} minutes.`,
    `Commit ${commit()}; Node.js ${process.version}, Linux ${release()}, ${machine}. Load averages at the end: ${load.join(", ")}.`,
    proof.method,
    ["| figure | measured | bound | kept |", "|---|---|---|---|", ...rows].join("\n"),
    ...(proof.notes ?? []),
  ]
    .join("\n\n")
    .concat("\n");
}

function commit(): string {
  return execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}

function round(value: number): string {
  if (!Number.isFinite(value) || Number.isInteger(value)) return String(value);
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
