import { describe, expect, it } from "vitest";
import { Docker } from "../../src/checks/docker.ts";
import { certificates } from "../support/certificates.ts";
import { describeCheck } from "../support/describe-check.ts";
import { podmanProgram, startDocker } from "../support/docker-server.ts";
import { startHttpTarget } from "../support/http-target.ts";
import { itWithService } from "../support/it-with-service.ts";
import { runCheck } from "../support/run-check.ts";

type Options = Partial<ConstructorParameters<typeof Docker>[0]>;

/** What Docker says of a container that runs and has no health check. */
const running = { Status: "running", ExitCode: 0, OOMKilled: false };

/** Runs the check against a service that gives this answer. */
async function answered(status: number, body: unknown, options: Options = {}) {
  await using target = await startHttpTarget((_, response) => {
    response.writeHead(status, { "Content-Type": "application/json" });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  });
  const { state, failure } = await runCheck(new Docker({ container: "shop", host: target.origin, ...options }));
  return { state, kind: failure?.kind, reason: failure?.reason, message: failure?.message, requests: target.requests };
}

describe("Docker", () => {
  describeCheck(Docker, {
    options: { container: "shop", host: "http://127.0.0.1:9/", timeout: "1s" },
    network: (port) => ({ container: "shop", host: `http://127.0.0.1:${port}/` }),
    secrets: (secret, port) => ({ container: "shop", host: `http://user:${secret}@127.0.0.1:${port}/` }),
  });

  itWithService([podmanProgram], "asks Podman over its Unix socket", async () => {
    await using server = await startDocker("never-ran");
    const of = (container: string) => runCheck(new Docker({ container, host: `unix://${server.path}` }));
    expect(await of("never-ran")).toMatchObject({
      state: "unhealthy",
      failure: { reason: "unavailable", message: "the container is created" },
    });
    expect(await of("unknown")).toMatchObject({
      state: "unhealthy",
      failure: { reason: "assertion", message: "there is no container of that name" },
    });
  });

  it("is healthy when the container runs, with a health check that passes or without one", async () => {
    for (const Health of [undefined, null, { Status: "none" }, { Status: "" }, { Status: "healthy" }]) {
      const { state, requests } = await answered(200, { State: { ...running, Health } });
      expect({ state, Health }).toEqual({ state: "healthy", Health });
      expect(requests).toMatchObject([{ method: "GET", url: "/containers/shop/json" }]);
    }
  });

  it.each([
    [{ ...running, Status: "exited", ExitCode: 1 }, "the container exited with code 1"],
    [{ ...running, Status: "exited", ExitCode: 137, OOMKilled: true }, "exited with code 137 (out of memory)"],
    [{ ...running, Status: "dead", ExitCode: 0 }, "the container exited with code 0"],
    [{ ...running, Status: "restarting" }, "the container is restarting"],
    [{ ...running, Status: "paused" }, "the container is paused"],
    [{ ...running, Health: { Status: "unhealthy" } }, "the container's own health check fails"],
  ])("is unhealthy when the state is %j", async (State, message) => {
    const found = await answered(200, { State });
    expect(found).toMatchObject({ state: "unhealthy", kind: "Unavailable", reason: "unavailable" });
    expect(found.message).toContain(message);
  });

  it("warns while the container's own health check has not passed yet", async () => {
    const found = await answered(200, { State: { ...running, Health: { Status: "starting" } } });
    expect(found).toMatchObject({ state: "degraded", reason: "unavailable" });
  });

  it.each([
    [404, { message: "No such container: shop" }, "assertion", "there is no container of that name"],
    [401, "", "authentication", "the user lacks the permission for the container"],
    [403, "<html>Forbidden", "authentication", "the user lacks the permission for the container"],
    [500, { message: "secret trouble" }, "unavailable", "the service answered with status 500"],
    [200, "<html>Welcome", "unexpected_result", "the server does not speak the protocol of Docker"],
    [
      200,
      { State: { Status: "asleep", ExitCode: 0 } },
      "unexpected_result",
      "the server does not speak the protocol of",
    ],
    [200, {}, "unexpected_result", "the server does not speak the protocol of Docker"],
    [301, "", "unexpected_result", "the server does not speak the protocol of Docker"],
  ])("repeats nothing of the answer %d %j", async (status, body, reason, message) => {
    const found = await answered(status, body);
    expect(found).toMatchObject({ state: "unhealthy", reason });
    expect(found.message).toContain(message);
  });

  it("asks over TLS, by its own certificate", async () => {
    const { ca, client, server } = certificates;
    const tls = { ...server, ca, requestCert: true, rejectUnauthorized: true };
    await using target = await startHttpTarget((_, response) => response.end(JSON.stringify({ State: running })), tls);
    const options = { container: "shop", host: target.origin, ca };
    const known = { ...options, clientCertificate: client.cert, clientKey: client.key };
    expect(await runCheck(new Docker(known))).toMatchObject({ state: "healthy" });
    expect((await runCheck(new Docker(options))).failure?.reason).toBe("tls");
    expect((await runCheck(new Docker({ container: "shop", host: target.origin }))).failure?.reason).toBe(
      "certificate",
    );
  });

  it("warns when it takes too long", async () => {
    await using target = await startHttpTarget((_, response) => {
      setTimeout(() => response.end(JSON.stringify({ State: running })), 50);
    });
    const check = new Docker({ container: "shop", host: target.origin, maxResponseTime: "20ms" });
    expect(await runCheck(check)).toMatchObject({ state: "degraded", failure: { reason: "threshold" } });
  });

  it("says that nobody listens at the socket", async () => {
    const check = new Docker({ container: "shop", host: "unix:///nowhere/docker.sock" });
    expect((await runCheck(check)).failure).toMatchObject({ reason: "connection_refused", message: "no such socket" });
  });

  it.each([
    [undefined, { address: "/var/run/docker.sock" }, "http://localhost"],
    ["unix:///run/my docker.sock", { address: "/run/my docker.sock" }, "http://localhost"],
    ["http://docker:2375", { address: "docker", port: 2375 }, "http://docker:2375"],
    ["https://user:password@docker/", { address: "docker", port: 443 }, "https://docker"],
  ])("talks to the service at %s", (host, place, origin) => {
    const { target } = new Docker({ container: "shop", ...(host !== undefined && { host }) });
    expect(target).toEqual({ ...place, url: `${origin}/containers/shop/json`, method: "GET" });
  });

  it.each([
    ["a path in a container's name", { container: "shop/json?x=" }, "container"],
    [
      "another protocol",
      { host: "tcp://docker:2375" },
      "must be an address that starts with http:// or https://, or unix:///PATH",
    ],
    [
      "a password that was read as a path",
      { host: "http://app:2024/word@docker:2375" },
      "has an @ or # after its host",
    ],
    ["a socket without a path", { host: "unix:///" }, "or unix:///PATH of a socket"],
    ["a client certificate without its key", { clientCertificate: certificates.client.cert }, "must be given together"],
  ])("refuses %s", (_, options, message) => {
    expect(() => new Docker({ container: "shop", ...options })).toThrow(message);
  });
});
