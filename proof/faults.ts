import { markdownTable } from "../bench/support/markdown-table.ts";
import { quantile } from "../bench/support/quantile.ts";
import {
  type FaultsOptions,
  type Ordeal,
  patienceMilliseconds,
  runsWithinAFault,
  Scene,
} from "./support/faults/fault-scene.ts";
import { type FaultTarget, faultNames, startFaultTargets } from "./support/faults/fault-targets.ts";
import type { Finding } from "./support/finding.ts";
import { fewestOpenResources, leftOpen, type OpenResources } from "./support/open-resources.ts";
import type { Results } from "./support/write-results.ts";

export interface FaultsResult {
  readonly ordeals: readonly Ordeal[];
  /** What is open after all faults, and then after all disappearances, while the monitor runs on, and was not before. */
  readonly leftByFaults: OpenResources;
  readonly leftByDisappearances: OpenResources;
  /** What is open after the monitor was closed and was not before it was made. */
  readonly leftInTheEnd: OpenResources;
  /** The longest that a detection and a recovery may take. */
  readonly detectionBound: number;
  readonly recoveryBound: number;
}

/** The scheduler moves each run by at most 5 % of the interval, so that two runs lie at most so much further apart. */
const jitterOfTwo = 1.1;

/** Makes real servers misbehave, and looks at what a monitor with a schedule makes of it. */
export async function faceFaults(options: FaultsOptions): Promise<FaultsResult> {
  const { rounds, disappearances, together, intervalMilliseconds, timeoutMilliseconds, allowanceMilliseconds } =
    options;
  const targets = await startFaultTargets(options.megabytes);
  try {
    const before = await fewestOpenResources(intervalMilliseconds);
    const scene = new Scene(targets, options);
    const ordeals: Ordeal[] = [];
    let leftByFaults: OpenResources = {};
    let leftByDisappearances: OpenResources = {};
    const one = async (each: (target: FaultTarget) => Promise<Ordeal>): Promise<void> => {
      if (together) ordeals.push(...(await Promise.all(targets.map(each))));
      else for (const target of targets) ordeals.push(await each(target));
    };
    try {
      await scene.begin();
      for (let round = 0; round < rounds; round += 1) {
        for (const fault of faultNames) await one((target) => scene.face(target, fault));
      }
      leftByFaults = await scene.leftOpen();
      // All at once in any case: 200 times are long.
      const vanish = async (target: FaultTarget): Promise<void> => {
        for (let count = 0; count < disappearances; count += 1) ordeals.push(await scene.vanish(target));
      };
      await Promise.all(targets.map(vanish));
      leftByDisappearances = await scene.leftOpen();
    } finally {
      await scene.monitor.close();
    }
    return {
      ordeals,
      leftByFaults,
      leftByDisappearances,
      leftInTheEnd: await leftOpen(before, patienceMilliseconds),
      detectionBound: jitterOfTwo * intervalMilliseconds + timeoutMilliseconds + allowanceMilliseconds,
      recoveryBound: jitterOfTwo * intervalMilliseconds + allowanceMilliseconds,
    };
  } finally {
    for (const target of targets) await target[Symbol.asyncDispose]();
  }
}

const whole: FaultsOptions = {
  rounds: 10,
  disappearances: 200,
  together: false,
  intervalMilliseconds: 500,
  timeoutMilliseconds: 300,
  allowanceMilliseconds: 100,
  megabytes: 100,
};

/** The whole proof. */
export async function prove(): Promise<Results> {
  const result = await faceFaults(whole);
  const names = [...faultNames, "disappeared"] as const;
  return {
    name: "faults",
    title: "Faults",
    description: [
      "Real Redis and PostgreSQL servers and an HTTP server of our own stand behind a TCP proxy that misbehaves on demand",
      `while connections are open. A monitor with a schedule (interval ${whole.intervalMilliseconds} ms, time-out`,
      `${whole.timeoutMilliseconds} ms) looks at them. Each fault is made ${whole.rounds} times to each, and lasts until`,
      `${runsWithinAFault} runs have begun in it; the other two targets must stay healthy. Then all three disappear and`,
      `return ${whole.disappearances} times. A detection may take an interval with its jitter (5 % either way), the`,
      `time-out and ${whole.allowanceMilliseconds} ms; a recovery an interval with its jitter and ${whole.allowanceMilliseconds} ms.`,
    ].join("\n"),
    sections: [
      { title: "All faults", findings: faultFindings(result, whole) },
      ...names.map((fault) => ({
        title: fault,
        findings: ordealFindings({ ...result, ordeals: result.ordeals.filter((one) => one.fault === fault) }, whole),
      })),
    ],
    more: mishaps(result.ordeals),
  };
}

/** The findings beside their bounds. */
export function faultFindings(result: FaultsResult, options: FaultsOptions): Finding[] {
  const { leftByFaults, leftByDisappearances, leftInTheEnd } = result;
  return [
    ...ordealFindings(result, options),
    none("sockets, timers and handles left after all faults, while the checks run on", total(leftByFaults)),
    none("sockets, timers and handles left after all disappearances, likewise", total(leftByDisappearances)),
    none("sockets, timers and handles left when the monitor is closed", total(leftInTheEnd)),
  ];
}

/** What is found of each ordeal by itself. */
function ordealFindings(result: FaultsResult, options: FaultsOptions): Finding[] {
  const { ordeals, detectionBound, recoveryBound } = result;
  const alone = ordeals.flatMap((ordeal) => ordeal.alone ?? []);
  const milliseconds = (name: string, of: (ordeal: Ordeal) => number, atMost: number): Finding[] => {
    const values = ordeals.map(of);
    return [
      { name: `${name}, median`, value: quantile(values, 0.5), unit: "ms" },
      { name: `${name}, longest`, value: quantile(values, 1), unit: "ms", bound: { atMost } },
    ];
  };
  return [
    { name: "faults", value: ordeals.length, unit: "" },
    none(
      "never told of rightly, or not recovered from",
      ordeals.filter((one) => !Number.isFinite(one.detectedMilliseconds + one.recoveredMilliseconds)).length,
    ),
    none("runs with another state or reason", ordeals.flatMap(({ wrong }) => wrong).length),
    ...milliseconds("until told of", (one) => one.detectedMilliseconds, detectionBound),
    ...milliseconds("run beyond its time-out", (one) => one.overrunMilliseconds, options.allowanceMilliseconds),
    ...milliseconds("until recovered", (one) => one.recoveredMilliseconds, recoveryBound),
    ...(alone.length === 0
      ? []
      : [
          none("failures of other checks", alone.flatMap(({ bystanders }) => bystanders).length),
          none("sockets, timers and handles left by a fault", alone.map(({ left }) => total(left)).reduce(add, 0)),
        ]),
  ];
}

function none(name: string, value: number): Finding {
  return { name, value, unit: "", bound: { atMost: 0 } };
}

function total(resources: OpenResources): number {
  return Object.values(resources).reduce(add, 0);
}

function add(one: number, other: number): number {
  return one + other;
}

/** What did not go as it should, one by one. */
function mishaps(ordeals: readonly Ordeal[]): string {
  const rows = ordeals.flatMap(({ target, fault, wrong, alone: { bystanders = [], left = {} } = {} }) => {
    const what = [...wrong, ...bystanders, ...Object.entries(left).map(([kind, count]) => `${count} × ${kind} left`)];
    return what.length === 0 ? [] : [[target, fault, what.join("; ")]];
  });
  return rows.length === 0 ? "" : `## What went wrong\n\n${markdownTable([["target", "fault", "what"], ...rows])}`;
}
