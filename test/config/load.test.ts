import { execFileSync } from "node:child_process";
import { chmod, symlink, truncate } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { isMainThread } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import type { Http } from "../../src/checks/http.ts";
import type { Configuration } from "../../src/config/configuration.ts";
import { loadConfiguration } from "../../src/config/load.ts";
import { FilesRead, noFile } from "../../src/config/read/files-read.ts";
import { Duration } from "../../src/health/time/duration.ts";
import { urlCredentials } from "../../src/net/url-credentials.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const yaml = "checks: { disk: { type: disk } }\n";

/** Loads a text as `healthspan.yaml`. */
async function load(text: string, environment: Readonly<Record<string, string>> = {}): Promise<Configuration> {
  await using folder = await temporaryFolder({ "healthspan.yaml": text });
  return await loadConfiguration({ cwd: folder.path, environment });
}

describe("without a configuration", () => {
  it("the host's own health is served", async () => {
    await using folder = await temporaryFolder();
    const configuration = await loadConfiguration({ cwd: folder.path, environment: {} });
    expect(configuration).toMatchObject({
      source: undefined,
      service: { name: hostname() },
      server: { host: "localhost", port: 9464 },
      concurrency: 500,
      endpoints: [
        { path: "/health/", checks: ["cpu", "memory", "disk", "event-loop"], degraded: "fail", failureStatus: 500 },
      ],
      log: { level: "info" },
    });
    expect(configuration.checks.map(({ name, type, interval }) => [name, type, String(interval)])).toEqual([
      ["cpu", "cpu", "15s"],
      ["memory", "memory", "15s"],
      ["disk", "disk", "15s"],
      ["event-loop", "event-loop", "15s"],
    ]);
    expect(configuration.checks.map(({ startPeriod }) => String(startPeriod))).toEqual(["1m", "0s", "0s", "1m"]);
    expect(configuration.authentication.size).toBe(0);
    expect(configuration.telemetry.otlp).toBeUndefined();
  });

  it("and without checks in it, too", async () => {
    const { checks, server } = await load("server: { port: 0 }");
    expect(checks.map(({ name }) => name)).toEqual(["cpu", "memory", "disk", "event-loop"]);
    expect(server.port).toBe(0);
  });
});

describe("the file", () => {
  it.each(["healthspan.yaml", "healthspan.yml"])("is found as %s", async (name) => {
    await using folder = await temporaryFolder({ [name]: yaml });
    const { source } = await loadConfiguration({ cwd: folder.path, environment: {} });
    expect(source).toBe(name);
  });

  it.each(["healthspan.config.ts", "healthspan.config.js", "healthspan.config.mjs"])("is found as %s", async (name) => {
    await using folder = await temporaryFolder({ [name]: 'export default { checks: { disk: { type: "disk" } } };\n' });
    const { source, checks } = await loadConfiguration({ cwd: folder.path, environment: {} });
    expect(source).toBe(name);
    expect(checks.map(({ name: check }) => check)).toEqual(["disk"]);
  });

  it.each(["a.mts", "a.ts", "a.js", "a.mjs"])("is code when it is called %s", async (name) => {
    await using folder = await temporaryFolder({ [name]: 'export default { checks: { disk: { type: "disk" } } };\n' });
    const { checks } = await loadConfiguration({ path: name, cwd: folder.path, environment: {} });
    expect(checks).toHaveLength(1);
  });

  it.each(["a.yaml.txt", "ts", "a.ts.yaml", ".ts"])("is YAML when it is called %s", async (name) => {
    await using folder = await temporaryFolder({ [name]: yaml });
    const { checks } = await loadConfiguration({ path: name, cwd: folder.path, environment: {} });
    expect(checks).toHaveLength(1);
  });

  it("is the one that is named, relative to the working folder", async () => {
    await using folder = await temporaryFolder({ "shops/one.yml": yaml, "healthspan.yaml": "not: this" });
    const { source } = await loadConfiguration({ path: "shops/one.yml", cwd: folder.path, environment: {} });
    expect(source).toBe("shops/one.yml");
  });

  it("may be JSON", async () => {
    await using folder = await temporaryFolder({ "shop.json": '{ "checks": { "disk": { "type": "disk" } } }' });
    const { checks } = await loadConfiguration({ path: "shop.json", cwd: folder.path, environment: {} });
    expect(checks).toHaveLength(1);
  });

  it("is refused when there are two", async () => {
    await using folder = await temporaryFolder({ "healthspan.yaml": yaml, "healthspan.config.ts": "" });
    await expect(loadConfiguration({ cwd: folder.path, environment: {} })).rejects.toThrow(
      "healthspan.yaml: is not the only configuration: healthspan.config.ts exists too; remove one of them, or name the one to use with --config",
    );
  });

  it("is refused when its symbolic links form a loop", async () => {
    await using folder = await temporaryFolder();
    await symlink(join(folder.path, "healthspan.yaml"), join(folder.path, "healthspan.yaml"));
    const loading = loadConfiguration({ path: "healthspan.yaml", cwd: folder.path, environment: {} });
    await expect(loading).rejects.toThrow(/^healthspan\.yaml: cannot be read: its symbolic links form a loop$/);
  });

  // A thread, in which `npm run mutate` runs tests, cannot become another user.
  it.runIf(isMainThread)("is refused when this user has no permission to read it", async () => {
    await using folder = await temporaryFolder({ "healthspan.yaml": yaml });
    await chmod(folder.path, 0o755);
    await chmod(join(folder.path, "healthspan.yaml"), 0);
    // The superuser may read everything, so the test becomes another user for a moment.
    const superuser = process.geteuid?.() === 0;
    if (superuser) process.seteuid?.(65_534);
    try {
      const loading = loadConfiguration({ cwd: folder.path, environment: {} });
      await expect(loading).rejects.toThrow(/^healthspan\.yaml: cannot be read: this user has no permission$/);
    } finally {
      if (superuser) process.seteuid?.(0);
    }
  });

  it("is refused when it is too large", async () => {
    await using folder = await temporaryFolder({ "healthspan.yaml": yaml });
    await truncate(join(folder.path, "healthspan.yaml"), 5_000_000);
    const loading = loadConfiguration({ cwd: folder.path, environment: {} });
    await expect(loading).rejects.toThrow(/^healthspan\.yaml: is larger than 4 MiB, which is the limit$/);
  });

  it("is refused when it is a device", async () => {
    const loading = loadConfiguration({ path: "/dev/zero", cwd: "/", environment: {} });
    await expect(loading).rejects.toThrow(/^\/dev\/zero: is a device, not a file$/);
  });

  it("is refused when it is a folder", async () => {
    await using folder = await temporaryFolder({ "healthspan.yaml/file": "" });
    const loading = loadConfiguration({ cwd: folder.path, environment: {} });
    await expect(loading).rejects.toThrow(/^healthspan\.yaml: is a folder, not a file$/);
  });

  it.each(["healthspan.yaml", "healthspan.config.mjs"])(
    "is refused when %s is a pipe, without waiting for a writer",
    async (name) => {
      await using folder = await temporaryFolder();
      execFileSync("mkfifo", [join(folder.path, name)]);
      const loading = loadConfiguration({ cwd: folder.path, environment: {} });
      await expect(loading).rejects.toThrow(/^healthspan\.[a-z.]+: is a pipe, not a file$/);
    },
  );

  it("is recorded with the files it was read from, even when it is invalid", async () => {
    await using folder = await temporaryFolder({
      "healthspan.yaml": `service: { name: "\${file:name}" }\nchecks: { disk: { type: dsik, path: "\${file:gone}" } }\n`,
      name: "shop",
    });
    const files = new FilesRead();
    await expect(loadConfiguration({ cwd: folder.path, environment: {}, files })).rejects.toThrow("dsik");
    const known = [...files.versions].map(([path, version]) => [path, version === noFile]);
    expect(known).toEqual([
      [join(folder.path, "healthspan.yaml"), false],
      [join(folder.path, "name"), false],
      [join(folder.path, "gone"), true],
    ]);
  });

  it("is refused below a file", async () => {
    await using folder = await temporaryFolder({ "healthspan.yaml": yaml });
    const loading = loadConfiguration({ path: "healthspan.yaml/x.yaml", cwd: folder.path, environment: {} });
    await expect(loading).rejects.toThrow("does not exist: part of its path is a file, not a folder");
  });
});

describe("the server's address", () => {
  it("is the file's", async () => {
    const { server } = await load(`${yaml}server: { host: 0.0.0.0, port: 8080 }`);
    expect(server).toMatchObject({ host: "0.0.0.0", port: 8080 });
  });

  it("is overridden by HOST and PORT", async () => {
    const { server } = await load(`${yaml}server: { host: 0.0.0.0, port: 8080 }`, { HOST: "::1", PORT: "3000" });
    expect(server).toMatchObject({ host: "::1", port: 3000 });
  });

  it("ignores variables that are empty", async () => {
    const { server } = await load(`${yaml}server: { port: 8080 }`, { HOST: "", PORT: "" });
    expect(server).toMatchObject({ host: "localhost", port: 8080 });
  });

  it.each(["tcp://10.0.0.1:80", "65536", "-1", "80.5"])(
    "is refused with the port %s, which is not shown",
    async (PORT) => {
      const loading = load(yaml, { PORT });
      await expect(loading).rejects.toThrow(/^environment: PORT: must be a port from 0 to 65535$/);
    },
  );
});

describe("the checks", () => {
  it("take the defaults unless they set the options themselves", async () => {
    const { checks } = await load(`
defaults: { interval: 1m, timeout: 2s, failureThreshold: 3 }
checks:
  one: { type: disk }
  two: { type: disk, interval: 0s, timeout: 1s, failureThreshold: 1 }
`);
    expect(checks[0]).toMatchObject({ failureThreshold: 3 });
    expect([checks[0]?.interval, checks[0]?.timeout].map(String)).toEqual(["1m", "2s"]);
    expect(checks[1]).toMatchObject({ failureThreshold: 1, interval: undefined });
    expect(String(checks[1]?.timeout)).toBe("1s");
  });

  it("read numbers and truth values from variables and their defaults", async () => {
    const configuration = await load(
      `
server: { port: "\${MY_PORT}" }
concurrency: "\${CONCURRENCY:-7}"
defaults: { successThreshold: "\${THRESHOLD}" }
checks:
  one: { type: tcp, host: localhost, port: "\${MY_PORT}", verifyCertificate: "\${VERIFY}" }
endpoints:
  /health/: { failureStatus: "\${STATUS}" }
`,
      { MY_PORT: "8080", THRESHOLD: "2", VERIFY: "false", STATUS: "503" },
    );
    expect(configuration).toMatchObject({
      server: { port: 8080 },
      concurrency: 7,
      checks: [{ successThreshold: 2, port: 8080, verifyCertificate: false }],
      endpoints: [{ failureStatus: 503 }],
    });
  });

  it("keep digits as text where text is expected", async () => {
    const { checks } = await load(
      `checks: { one: { type: redis, url: redis://localhost, password: "\${P}" }, two: { type: disk, path: "\${P}" } }`,
      { P: "12345" },
    );
    expect(checks[1]).toMatchObject({ path: "12345" });
    expect(Reflect.get(checks[0] ?? {}, "password").reveal()).toBe("12345");
  });

  it("may share options by an anchor and a merge key, and override them", async () => {
    const { checks } = await load(`
checks:
  one: &slow { type: disk, timeout: 30s, path: /var }
  two: { <<: *slow, path: /tmp }
`);
    expect(checks.map((check) => [check.name, String(check.timeout), Reflect.get(check, "path")])).toEqual([
      ["one", "30s", "/var"],
      ["two", "30s", "/tmp"],
    ]);
  });

  it("take the contents of files, relative to the configuration", async () => {
    await using folder = await temporaryFolder({
      "shop/healthspan.yaml": `checks: { cache: { type: redis, url: redis://cache, password: "\${file:../password}" } }`,
      password: "a secret\n",
    });
    const { checks } = await loadConfiguration({ path: "shop/healthspan.yaml", cwd: folder.path, environment: {} });
    expect(Reflect.get(checks[0] ?? {}, "password").reveal()).toBe("a secret");
  });

  it("keep the order of the file", async () => {
    const { checks, endpoints } = await load(
      "checks: { zebra: { type: disk }, ant: { type: disk }, bee: { type: disk } }",
    );
    expect(checks.map(({ name }) => name)).toEqual(["zebra", "ant", "bee"]);
    expect(endpoints[0]?.checks).toEqual(["zebra", "ant", "bee"]);
  });
});

describe("the endpoints", () => {
  it("begin and end with a slash", async () => {
    const { endpoints } = await load(`${yaml}endpoints: { health: all, /node: [disk], //shop//node/: all }`);
    expect(endpoints.map(({ path }) => path)).toEqual(["/health/", "/node/", "/shop/node/"]);
  });

  it("set what makes them fail and with which status", async () => {
    const { endpoints } = await load(`${yaml}endpoints: { /health/: { degraded: pass, failureStatus: 503 } }`);
    expect(endpoints).toEqual([{ path: "/health/", checks: ["disk"], degraded: "pass", failureStatus: 503 }]);
  });

  it("may require credentials, as may /metrics", async () => {
    const { authentication } = await load(
      `${yaml}
endpoints:
  /open/: all
  /token: { auth: { bearer: "\${TOKEN}" } }
  /basic/: { auth: { basic: { username: probe, password: "\${TOKEN}" } } }
  /path/: { auth: { path: "\${TOKEN}" } }
metrics: { auth: { bearer: "\${TOKEN}" } }
`,
      { TOKEN: "S3cret-of-the-test" },
    );
    const revealed = [...authentication].map(([path, way]) => [
      path,
      "bearer" in way
        ? { bearer: way.bearer.reveal() }
        : "basic" in way
          ? { username: way.basic.username, password: way.basic.password.reveal() }
          : { path: way.path.reveal() },
    ]);
    const secret = "S3cret-of-the-test";
    expect(Object.fromEntries(revealed)).toEqual({
      "/token/": { bearer: secret },
      "/basic/": { username: "probe", password: secret },
      "/path/": { path: secret },
      "/metrics": { bearer: secret },
    });
    expect(JSON.stringify([...authentication])).not.toContain(secret);
  });
});

it("telemetry is pushed where the file says", async () => {
  const { telemetry } = await load(
    `${yaml}telemetry: { otlp: { endpoint: "http://collector:4318", headers: { authorization: "Bearer \${TOKEN}" } } }`,
    { TOKEN: "S3cret-of-the-test" },
  );
  expect(telemetry.otlp?.endpoint?.reveal()).toBe("http://collector:4318/");
  expect(telemetry.otlp?.headers?.authorization?.reveal()).toBe("Bearer S3cret-of-the-test");
});

describe("traces", () => {
  it("are all kept by default", async () => {
    expect((await load(yaml)).traces).toEqual({ keep: "all" });
  });

  it("are kept as the file says, each part with its default", async () => {
    const keep = async (text: string) => (await load(`${yaml}traces: { keep: ${text} }`)).traces.keep;
    expect(await keep("{ slowerThan: 2s, ratio: 10% }")).toEqual({ slowerThan: new Duration(2000), ratio: 10 });
    expect(await keep("{}")).toEqual({ slowerThan: new Duration(500), ratio: 5 });
  });

  it("can be linked to where the file says", async () => {
    const url = "https://grafana.example/explore?left=%7B%22query%22:%22{traceId}%22%7D";
    expect((await load(`${yaml}traces: { url: "${url}" }`)).traces.url).toBe(url);
  });
});

describe("the password in an address", () => {
  const text = (url: string) => `checks: { web: { type: http, url: "${url}" } }`;

  it("is that of its variable, whatever characters it has, and is in no label", async () => {
    const password = "2024/Winter?is#coming@last:%41\\";
    const { checks } = await load(text(`http://app:\${PASSWORD}@127.0.0.1:1/path`), { PASSWORD: password });
    const web = checks[0] as Http; // The configuration says so.
    expect(urlCredentials(web.url)).toMatchObject({ username: "app", password: { reveal: expect.any(Function) } });
    expect(urlCredentials(web.url).password?.reveal()).toBe(password);
    expect(web.labels.url).toBe("http://127.0.0.1:1/path");
  });

  it("is not read as the path when a variable holds the whole address", async () => {
    const url = "http://app:2024/Winter@127.0.0.1:1/";
    const error = await load(text(`\${URL}`), { URL: url }).catch(String);
    expect(error).toContain("checks.web.url: has an @ or # after its host");
    expect(error).not.toContain("Winter");
  });
});
