import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { alertmanager } from "./reasons/alertmanager.ts";
import { compose } from "./reasons/compose.ts";
import { dockerfile } from "./reasons/dockerfile.ts";
import {
  configMap,
  deployment,
  kustomization,
  networkPolicy,
  podMonitor,
  service,
  serviceMonitor,
} from "./reasons/kubernetes.ts";
import { isAbout, leavesOf, linesOf, type Reason } from "./reasons/reason.ts";
import { systemd } from "./reasons/systemd.ts";

const root = join(import.meta.dirname, "../..");

const shipped: Readonly<Record<string, readonly Reason[]>> = {
  "docker-compose.yml": compose,
  Dockerfile: dockerfile,
  "deploy/systemd/healthspan.service": systemd,
  "deploy/kubernetes/config-map.yaml": configMap,
  "deploy/kubernetes/deployment.yaml": deployment,
  "deploy/kubernetes/kustomization.yaml": kustomization,
  "deploy/kubernetes/network-policy.yaml": networkPolicy,
  "deploy/kubernetes/service.yaml": service,
  "deploy/kubernetes/monitoring/pod-monitor.yaml": podMonitor,
  "deploy/kubernetes/monitoring/service-monitor.yaml": serviceMonitor,
  "prometheus/alertmanager.yml": alertmanager,
};

describe.each(Object.entries(shipped))("%s", (file, reasons) => {
  const text = readFileSync(join(root, file), "utf8");
  const leaves = /\.ya?ml$/.test(file) ? leavesOf(text) : linesOf(text);

  it.each(leaves.map((leaf) => [leaf[0], leaf] as const))(
    "has a reason for %s, and the value that it asks for",
    (_, leaf) => {
      const matching = reasons.filter((reason) => isAbout(reason, leaf));
      // What is said of one path alone beats what is said of many.
      const exact = matching.filter(([path]) => path === leaf[0]);
      const narrow = matching.filter(([path]) => !path.startsWith("services/*/"));
      const asked = [exact, narrow, matching].find((rows) => rows.length > 0) ?? [];
      expect(asked.length).toBeGreaterThan(0);
      for (const [, value] of asked) expect(leaf[1]).toEqual(value);
    },
  );

  it("has no reason for what is not there", () => {
    const idle = reasons.filter((reason) => !leaves.some((leaf) => isAbout(reason, leaf)));
    expect(idle.map(([path]) => path)).toEqual([]);
  });
});
