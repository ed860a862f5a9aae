import { markdownTable } from "../bench/support/markdown-table.ts";
import { quantile } from "../bench/support/quantile.ts";
import {
  type FaultOutcome,
  type FaultsOptions,
  maxWaitMilliseconds,
  runsWithinFault,
  Scene,
} from "./support/faults/fault-scene.ts";
import { type FaultTarget, faultNames, startFaultTargets } from "./support/faults/fault-targets.ts";
import type { Finding } from "./support/finding.ts";
import { fewestOpenResources, leftOpen, type OpenResources } from "./support/open-resources.ts";
import type { Results } from "./support/write-results.ts";

export interface FaultsResult {
  readonly outcomes: readonly FaultOutcome[];
  /** What is open after all faults, and then after all outages, while the monitor runs on, and was not before. */
  readonly leftByFaults: OpenResources;
  readonly leftByOutages: OpenResources;
  /** What is open after the monitor was closed, and was not before it was created. */
  readonly leftInTheEnd: OpenResources;
  /** The longest that a detection and a recovery may take. */
  readonly detectionBound: number;
  readonly recoveryBound: number;
}

/** The scheduler moves each run by at most 5 % of the interval, so two runs are at most this many intervals apart. */
const jitterOfTwo = 1.1;

/** Makes real servers misbehave, and observes what a monitor with a schedule reports. */
export async function injectFaults(options: FaultsOptions): Promise<FaultsResult> {
  const { rounds, outages, together, intervalMilliseconds, timeoutMilliseconds, allowanceMilliseconds } = options;
  const targets = await startFaultTargets(options.megabytes);
  try {
    const before = await fewestOpenResources(intervalMilliseconds);
    const scene = new Scene(targets, options);
    const outcomes: FaultOutcome[] = [];
    let leftByFaults: OpenResources = {};
    let leftByOutages: OpenResources = {};
    const one = async (each: (target: FaultTarget) => Promise<FaultOutcome>): Promise<void> => {
      if (together) outcomes.push(...(await Promise.all(targets.map(each))));
      else for (const target of targets) outcomes.push(await each(target));
    };
    try {
      await scene.begin();
      for (let round = 0; round < rounds; round += 1) {
        for (const fault of options.faults ?? faultNames) await one((target) => scene.inject(target, fault));
      }
      leftByFaults = await scene.leftOpen();
      // All targets at once in any case: 200 times take long.
      const takeDown = async (target: FaultTarget): Promise<void> => {
        for (let count = 0; count < outages; count += 1) outcomes.push(await scene.takeDown(target));
      };
      await Promise.all(targets.map(takeDown));
      leftByOutages = await scene.leftOpen();
    } finally {
      await scene.monitor.close();
    }
    return {
      outcomes,
      leftByFaults,
      leftByOutages,
      leftInTheEnd: await leftOpen(before, maxWaitMilliseconds),
      detectionBound: jitterOfTwo * intervalMilliseconds + timeoutMilliseconds + allowanceMilliseconds,
      recoveryBound: jitterOfTwo * intervalMilliseconds + allowanceMilliseconds,
    };
  } finally {
    for (const target of targets) await target[Symbol.asyncDispose]();
  }
}

const whole: FaultsOptions = {
  rounds: 10,
  outages: 200,
  together: false,
  intervalMilliseconds: 500,
  timeoutMilliseconds: 300,
  allowanceMilliseconds: 100,
  megabytes: 100,
};

/** The whole proof. */
export async function prove(): Promise<Results> {
  const result = await injectFaults(whole);
  const names = [...faultNames, "outage"] as const;
  return {
    name: "faults",
    title: "Faults",
    description: [
      "Real Redis and PostgreSQL servers and an HTTP server of our own stand behind a TCP proxy that misbehaves on demand",
      `while connections are open. A monitor with a schedule (interval ${whole.intervalMilliseconds} ms, time-out`,
      `${whole.timeoutMilliseconds} ms) checks them. Each fault is injected ${whole.rounds} times into each, and lasts until`,
      `${runsWithinFault} runs have begun in it; the other two targets must stay healthy. Then all three go down and`,
      `come back ${whole.outages} times. Connections that a firewall has forgotten and a process without files are no`,
      "target's fault: no check may become unhealthy. A detection may take an interval with its jitter (5 % either way), the",
      `time-out and ${whole.allowanceMilliseconds} ms; a recovery an interval with its jitter and ${whole.allowanceMilliseconds} ms.`,
    ].join("\n"),
    sections: [
      { title: "All faults", findings: faultFindings(result, whole) },
      ...names.map((fault) => ({
        title: fault,
        findings: outcomeFindings({ ...result, outcomes: result.outcomes.filter((one) => one.fault === fault) }, whole),
      })),
    ],
    more: problems(result.outcomes),
  };
}

/** The findings beside their bounds. */
export function faultFindings(result: FaultsResult, options: FaultsOptions): Finding[] {
  const { leftByFaults, leftByOutages, leftInTheEnd } = result;
  return [
    ...outcomeFindings(result, options),
    none("sockets, timers and handles left after all faults, while the checks run on", total(leftByFaults)),
    none("sockets, timers and handles left after all outages, while the checks run on", total(leftByOutages)),
    none("sockets, timers and handles left when the monitor is closed", total(leftInTheEnd)),
  ];
}

/** The findings about the outcomes of faults. */
function outcomeFindings(result: FaultsResult, options: FaultsOptions): Finding[] {
  const { outcomes, detectionBound, recoveryBound } = result;
  const alone = outcomes.flatMap((outcome) => outcome.alone ?? []);
  const milliseconds = (name: string, of: (outcome: FaultOutcome) => number | undefined, atMost: number): Finding[] => {
    const values = outcomes.map(of).filter((value) => value !== undefined);
    if (values.length === 0) return [];
    return [
      { name: `${name}, median`, value: quantile(values, 0.5), unit: "ms" },
      { name: `${name}, longest`, value: quantile(values, 1), unit: "ms", bound: { atMost } },
    ];
  };
  return [
    { name: "faults", value: outcomes.length, unit: "" },
    none(
      "never detected with the right reason, or not recovered from",
      outcomes.filter((one) => !Number.isFinite((one.detectedMilliseconds ?? 0) + one.recoveredMilliseconds)).length,
    ),
    none("runs with another state or reason", outcomes.flatMap(({ wrong }) => wrong).length),
    ...milliseconds("until detected", (one) => one.detectedMilliseconds, detectionBound),
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

/** What went wrong, one row a fault. */
function problems(outcomes: readonly FaultOutcome[]): string {
  const rows = outcomes.flatMap(({ target, fault, wrong, alone: { bystanders = [], left = {} } = {} }) => {
    const what = [...wrong, ...bystanders, ...Object.entries(left).map(([kind, count]) => `${count} × ${kind} left`)];
    return what.length === 0 ? [] : [[target, fault, what.join("; ")]];
  });
  return rows.length === 0 ? "" : `## What went wrong\n\n${markdownTable([["target", "fault", "what"], ...rows])}`;
}
