import { afterEach, describe, expect, it, vi } from "vitest";
import { HealthMonitor } from "../../../src/engine/monitor.ts";
import { Secret } from "../../../src/health/secret.ts";
import { createApplication } from "../../../src/server/application.ts";
import { formats } from "../../../src/server/formats.ts";
import { ask } from "../../support/ask.ts";
import { fakeCheck } from "../../support/checks.ts";
import { rememberingLogger } from "../../support/logs.ts";
import { serving } from "../faces.ts";

afterEach(() => void vi.restoreAllMocks());

async function start(interval: string, path: string) {
  const logger = rememberingLogger();
  const monitor = new HealthMonitor([fakeCheck({ name: "database", interval })], { logger });
  const authentication = new Map([["/health/", { path: new Secret(path) }]]);
  return { logger, monitor, server: await serving(createApplication(monitor, { authentication }).callback()) };
}

describe("an answer that cannot be made", () => {
  it.each(["0s", "1m"])(
    "is a 500 with a plain sentence, logged once without what is secret (interval %s)",
    async (interval) => {
      const { logger, monitor, server } = await start(interval, "s3cret");
      await using _ = server;
      await monitor.report();
      for (const format of formats) {
        vi.spyOn(format, "render").mockImplementation(() => {
          throw new RangeError("a defect of the format");
        });
      }
      const { status, headers, text } = await ask(server.port, "/health/s3cret/database?format=json&token=s3cret");
      expect({ status, text }).toEqual({
        status: 500,
        text: "The answer could not be made. The server's log tells why.\n",
      });
      expect(headers).toMatchObject({ "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" });
      const errors = logger.lines.filter(({ level }) => level === "error");
      expect(errors).toMatchObject([
        {
          message: "could not answer a request for /health/database/",
          details: { path: "/health/database/", error: { name: "RangeError", message: "a defect of the format" } },
        },
      ]);
      expect(JSON.stringify(errors)).not.toContain("s3cret");
    },
  );
});
