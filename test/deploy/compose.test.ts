import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { itWithServers } from "../support/servers.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");
const file = join(root, "docker-compose.yml");

const dependency = z.object({ condition: z.string(), required: z.boolean().default(true) });
const serviceSchema = z.object({
  image: z.string(),
  build: z.unknown().optional(),
  profiles: z.array(z.string()),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string()).default({}),
  read_only: z.boolean().default(false),
  privileged: z.boolean().default(false),
  cap_drop: z.array(z.string()).default([]),
  security_opt: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), dependency).default({}),
  healthcheck: z.object({ test: z.array(z.string()) }).optional(),
});

const { services, volumes } = z
  .object({ services: z.record(z.string(), serviceSchema), volumes: z.record(z.string(), z.unknown()) })
  .parse(parse(readFileSync(file, "utf8"), { merge: true }));
const all = Object.entries(services);

/** The services that a profile starts. */
const startedBy = (profile: string) =>
  all.filter(([, { profiles }]) => profiles.includes(profile)).map(([name]) => name);

describe("docker-compose.yml", () => {
  itWithServers(
    ["docker-compose"],
    "is what docker compose accepts, and starts what the profiles say",
    async (servers) => {
      const compose = async (...args: readonly string[]): Promise<readonly string[]> => {
        const { stdout } = await run(servers["docker-compose"], ["-f", file, ...args], {
          // Nothing of this machine's own settings.
          env: { PATH: process.env.PATH, HOME: process.env.HOME },
        });
        return stdout.split("\n").filter(Boolean).sort();
      };
      expect(await compose("config", "-q")).toEqual([]);
      expect(await compose("config", "--services")).toEqual(startedBy("all").sort());
      for (const profile of ["core", "fleet"]) {
        expect(await compose("--profile", profile, "config", "--services")).toEqual(startedBy(profile).sort());
      }
    },
  );

  it("has a core as small as it can be", () => {
    expect(startedBy("core").sort()).toEqual(["grafana", "healthspan-core", "prometheus"]);
  });

  it("has a fleet of three replicas, of which Prometheus scrapes all", () => {
    const replicas = startedBy("fleet").filter((name) => services[name]?.image === "healthspan:local");
    expect(replicas).toHaveLength(3);
    expect(startedBy("fleet").sort()).toEqual(["grafana", ...replicas, "prometheus-fleet", "redis"]);
    const { scrape_configs } = parse(readFileSync(join(root, "examples/fleet/prometheus.yml"), "utf8"));
    const [{ job_name, static_configs }] = scrape_configs;
    expect([job_name, static_configs[0].targets]).toEqual(["healthspan", replicas.map((name) => `${name}:9464`)]);
  });

  it("publishes Grafana and Healthspan alone, to this machine alone", () => {
    const published = all.filter(([, { ports }]) => ports.length > 0);
    expect(published.map(([name]) => name).sort()).toEqual([
      "grafana",
      "healthspan",
      "healthspan-core",
      "healthspan-fleet-0",
    ]);
    for (const [, { ports }] of published) expect(ports).toEqual([expect.stringMatching(/^127\.0\.0\.1:(\d+):\1$/)]);
  });

  it.each(all)("confines %s", (_, service) => {
    expect(service).toMatchObject({ read_only: true, privileged: false, cap_drop: ["ALL"] });
    expect(service.security_opt).toContain("no-new-privileges:true");
  });

  it.each(all)("pins the image of %s by version and digest, or builds it here", (_, { image }) => {
    if (image === "healthspan:local") return;
    expect(image).toMatch(/^[\w./-]+:v?\d+(\.\d+)+(-alpine)?@sha256:[0-9a-f]{64}$/);
  });

  it("builds Healthspan's image once for each profile", () => {
    for (const profile of ["core", "all", "fleet"]) {
      expect(startedBy(profile).filter((name) => services[name]?.build !== undefined)).toHaveLength(1);
    }
  });

  it("asks every service whether it is well, except for one that ends and one that cannot ask itself", () => {
    const without = all.filter(([, { healthcheck }]) => healthcheck === undefined).map(([name]) => name);
    expect(without.sort()).toEqual(["collector", "tempo-volume"]);
  });

  it("asks Healthspan by its own command", () => {
    for (const name of ["healthspan", "healthspan-core", "healthspan-fleet-0"]) {
      expect(services[name]?.healthcheck?.test.slice(0, 4)).toEqual(["CMD", "healthspan", "check", "--url"]);
    }
  });

  it("waits only for what its profile starts, and until it is well where that can be told", () => {
    for (const [name, { profiles, depends_on }] of all) {
      for (const [other, { condition, required }] of Object.entries(depends_on)) {
        const always = profiles.every((profile) => startedBy(profile).includes(other));
        expect({ name, other, required: required && !always }).toEqual({ name, other, required: false });
        if (condition === "service_healthy") expect(services[other]?.healthcheck).toBeDefined();
      }
    }
  });

  it("mounts files that are there, to be read only, and volumes that it declares", () => {
    for (const [, service] of all) {
      for (const volume of service.volumes) {
        const [source = "", , mode] = volume.split(":");
        if (source.startsWith("./")) {
          expect({ volume, mode, there: existsSync(join(root, source)) }).toEqual({ volume, mode: "ro", there: true });
        } else {
          expect(volumes).toHaveProperty(source);
        }
      }
    }
  });
});

describe("what the services read of one another", () => {
  const yaml = (path: string) => parse(readFileSync(join(root, path), "utf8"));

  it("has Grafana find the dashboards where they are mounted", () => {
    const [provider] = yaml("grafana/provisioning/dashboards/healthspan.yaml").providers;
    const { environment, volumes: mounted = [] } = services.grafana ?? {};
    expect(mounted).toContain(`./grafana/dashboards:${provider.options.path}:ro`);
    const home = environment?.GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH?.replace("/etc/grafana", "grafana") ?? "";
    expect(existsSync(join(root, home))).toBe(true);
  });

  it("names services alone in the data sources and scrape targets", () => {
    const { datasources } = yaml("grafana/provisioning/datasources/healthspan.yaml");
    const { scrape_configs } = yaml("prometheus/prometheus.yml");
    const hosts = [
      ...datasources.map(({ url }: { url: string }) => new URL(url).hostname),
      ...scrape_configs.flatMap((job: { static_configs?: { targets: string[] }[] }) =>
        (job.static_configs ?? []).flatMap(({ targets }) => targets.map((target) => target.split(":")[0])),
      ),
    ].filter((host) => host !== "localhost");
    expect(hosts.length).toBeGreaterThan(2);
    for (const host of hosts) expect(services).toHaveProperty(host);
  });
});

describe("the collector's configuration", () => {
  const names = z.record(z.string(), z.unknown());
  const pipeline = z.strictObject({
    receivers: z.array(z.string()),
    processors: z.array(z.string()),
    exporters: z.array(z.string()),
  });
  const collector = z
    .strictObject({
      receivers: names,
      processors: names,
      exporters: names,
      extensions: names,
      service: z.strictObject({ extensions: z.array(z.string()), pipelines: z.record(z.string(), pipeline) }),
    })
    .parse(parse(readFileSync(join(root, "deploy/compose/collector.yaml"), "utf8")));

  it("uses what it defines, and defines what it uses", () => {
    const pipelines = Object.values(collector.service.pipelines);
    const used = (kind: keyof z.infer<typeof pipeline>) => [...new Set(pipelines.flatMap((line) => line[kind]))].sort();
    for (const kind of ["receivers", "processors", "exporters"] as const) {
      expect(used(kind)).toEqual(Object.keys(collector[kind]).sort());
    }
    expect(collector.service.extensions).toEqual(Object.keys(collector.extensions));
  });

  it("takes every signal, so that nothing pushed is refused", () => {
    expect(Object.keys(collector.service.pipelines).sort()).toEqual(["logs", "metrics", "traces"]);
  });
});
