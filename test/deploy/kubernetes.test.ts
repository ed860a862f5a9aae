import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  PodMonitor,
  PrometheusRule,
  ServiceMonitor,
} from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1";
import { Deployment, StatefulSet } from "kubernetes-models/apps/v1";
import { NetworkPolicy } from "kubernetes-models/networking.k8s.io/v1";
import { PodDisruptionBudget } from "kubernetes-models/policy/v1";
import { ConfigMap, Service } from "kubernetes-models/v1";
import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { kubernetesFiles } from "../../scripts/generate-kubernetes.ts";
import { loadConfiguration } from "../../src/config/load.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");
const folder = join(root, "deploy/kubernetes");

/** What stands in a manifest that every kind has. */
interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
}

function read(path: string): readonly Manifest[] {
  return parseAllDocuments(readFileSync(join(folder, path), "utf8")).map((document) => document.toJS());
}

const files = ["", "monitoring/"].flatMap((part) =>
  readdirSync(join(folder, part))
    .filter((name) => name.endsWith(".yaml") && name !== "kustomization.yaml")
    .map((name) => `${part}${name}`),
);
const manifests = files.flatMap((path) => read(path).map((manifest) => ({ path, manifest })));
const [deployment] = read("deployment.yaml");
const [service] = read("service.yaml");

/** Where the schema of each kind comes from: the API server's OpenAPI, and the operator's resource definitions. */
const operator = "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1";
const kinds = {
  ConfigMap: { schema: ConfigMap, from: "kubernetes-models/v1" },
  Deployment: { schema: Deployment, from: "kubernetes-models/apps/v1" },
  StatefulSet: { schema: StatefulSet, from: "kubernetes-models/apps/v1" },
  NetworkPolicy: { schema: NetworkPolicy, from: "kubernetes-models/networking.k8s.io/v1" },
  PodDisruptionBudget: { schema: PodDisruptionBudget, from: "kubernetes-models/policy/v1" },
  Service: { schema: Service, from: "kubernetes-models/v1" },
  PodMonitor: { schema: PodMonitor, from: operator },
  PrometheusRule: { schema: PrometheusRule, from: operator },
  ServiceMonitor: { schema: ServiceMonitor, from: operator },
} as const;

function kindOf({ kind }: Manifest): keyof typeof kinds {
  if (!(kind in kinds)) expect.fail(`there is no schema for ${kind}`);
  return kind as keyof typeof kinds; // Just asked.
}

describe("the manifests", () => {
  it.each(manifests.map(({ path, manifest }) => [manifest.kind, manifest.metadata.name, path, manifest] as const))(
    "has in %s %s of %s what the schema allows",
    (_, __, ___, manifest) => {
      const { schema } = kinds[kindOf(manifest)];
      // The constructors want what the schema is about to prove.
      new schema(manifest as never).validate();
    },
  );

  it("have no field that does not exist", async () => {
    // The schemas let unknown fields pass; the types that are made of them do not.
    const sources = manifests.map(({ manifest }, index) => {
      const { from } = kinds[kindOf(manifest)];
      return `import type { I${manifest.kind} } from "${from}";\nexport const it${index}: I${manifest.kind} = ${JSON.stringify(manifest)};\n`;
    });
    await using project = await temporaryFolder(
      Object.fromEntries(sources.map((source, index) => [`manifest-${index}.ts`, source])),
    );
    await symlink(join(root, "node_modules"), join(project.path, "node_modules"));
    const options = ["--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "--types", ""];
    const names = sources.map((_, index) => `manifest-${index}.ts`);
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    const { stdout } = await run(process.execPath, [tsc, ...options, ...names], { cwd: project.path }).catch(
      (error) => error,
    );
    expect(stdout).toBe("");
  });

  it("select one another", () => {
    const { spec } = deployment as unknown as {
      readonly spec: {
        readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
        readonly template: { readonly metadata: { readonly labels: Readonly<Record<string, string>> } };
      };
    };
    const { matchLabels } = spec.selector;
    expect(spec.template.metadata.labels).toMatchObject(matchLabels);
    expect(service).toMatchObject({ spec: { selector: matchLabels, ports: [{ name: "http", targetPort: "http" }] } });
    expect(service?.metadata.labels).toMatchObject(matchLabels);
    const [serviceMonitor] = read("monitoring/service-monitor.yaml");
    const [podMonitor] = read("monitoring/pod-monitor.yaml");
    expect(serviceMonitor).toMatchObject({ spec: { selector: { matchLabels }, endpoints: [{ port: "http" }] } });
    expect(podMonitor).toMatchObject({ spec: { selector: { matchLabels }, podMetricsEndpoints: [{ port: "http" }] } });
  });

  it("are all named by a kustomization, except for those that replace another", () => {
    const named = ["", "monitoring/"].flatMap((part) => {
      const { resources } = parse(readFileSync(join(folder, part, "kustomization.yaml"), "utf8"));
      return resources.map((name: string) => `${part}${name}`);
    });
    const replacements = ["monitoring/pod-monitor.yaml", "stateful-set.yaml", "fleet.yaml"];
    expect(named.sort()).toEqual(files.filter((path) => !replacements.includes(path)).sort());
  });
});

describe("the replicas of a fleet", () => {
  const [replicas, budget] = read("fleet.yaml");

  it("are three, of which one at a time may be away, and none during an update", () => {
    const { matchLabels } = (replicas as never as { spec: { selector: { matchLabels: object } } }).spec.selector;
    expect(replicas).toMatchObject({
      kind: "Deployment",
      spec: { replicas: 3, strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } } },
    });
    expect(budget).toMatchObject({
      kind: "PodDisruptionBudget",
      spec: { maxUnavailable: 1, selector: { matchLabels } },
    });
  });

  it("are pods like that of the Deployment, spread over nodes", () => {
    const podOf = (manifest: unknown) => (manifest as { spec: { template: { spec: object } } }).spec.template.spec;
    const { topologySpreadConstraints, ...rest } = podOf(replicas) as { topologySpreadConstraints: unknown };
    expect(rest).toEqual(podOf(deployment));
    expect(topologySpreadConstraints).toMatchObject([{ topologyKey: "kubernetes.io/hostname" }]);
  });
});

describe("the Deployment", () => {
  const container = (deployment as never as { spec: { template: { spec: { containers: object[] } } } }).spec.template
    .spec.containers[0];

  it("asks the paths that say what the probe is about", () => {
    expect(container).toMatchObject({
      startupProbe: { httpGet: { path: "/health/self/", port: "http" } },
      livenessProbe: { httpGet: { path: "/livez", port: "http" } },
      readinessProbe: { httpGet: { path: "/readyz", port: "http" } },
    });
  });

  it("keeps to the restricted pod security standard, on a read-only file system", () => {
    expect(deployment).toMatchObject({
      spec: {
        template: {
          spec: {
            automountServiceAccountToken: false,
            securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
          },
        },
      },
    });
    expect(container).toMatchObject({
      securityContext: {
        readOnlyRootFilesystem: true,
        allowPrivilegeEscalation: false,
        capabilities: { drop: ["ALL"] },
      },
    });
  });
});

it("the configuration of the ConfigMap is valid, and has the endpoint that the probe asks", async () => {
  const [map] = read("config-map.yaml");
  const { data } = map as unknown as { readonly data: Readonly<Record<string, string>> };
  const ca = readFileSync(join(root, "test/support/certificates/ca.pem"), "utf8");
  await using files = await temporaryFolder({ "ca.crt": ca });
  const text = String(data["healthspan.yaml"]).replace("/var/run/kubernetes/ca.crt", join(files.path, "ca.crt"));
  await using other = await temporaryFolder({ "healthspan.yaml": text });
  const { endpoints, server } = await loadConfiguration({ cwd: other.path, environment: {} });
  expect(endpoints.map(({ path }) => path)).toContain("/health/self/");
  expect(server).toMatchObject({ host: "0.0.0.0", port: 9464 });
});

it.each([...kubernetesFiles()])("%s is as scripts/generate-kubernetes.ts writes it", (path, text) => {
  expect(readFileSync(join(root, path), "utf8") === text, "Run: node scripts/generate-kubernetes.ts").toBe(true);
});
