import { propagation } from "@opentelemetry/api";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HealthMonitor } from "../../src/engine/monitor.ts";
import { AllowList } from "../../src/net/probing/allow-list.ts";
import { answerError, PublicError } from "../../src/server/answer-error.ts";
import { createApplication } from "../../src/server/application.ts";
import { Prober } from "../../src/server/prober.ts";
import { probeRouter } from "../../src/server/routes/probe.ts";
import { ask } from "../support/ask.ts";
import { fakeCheck } from "../support/checks.ts";
import { type RememberingLogger, rememberingLogger } from "../support/logs.ts";
import { faces, serving } from "./faces.ts";

const sentence = "The answer could not be made. The server's log tells why.\n";
const unforeseen: unknown[] = [];
const remember = (error: unknown): void => void unforeseen.push(error);

beforeEach(() => void process.on("uncaughtException", remember).on("unhandledRejection", remember));
afterEach(() => {
  propagation.disable();
  process.off("uncaughtException", remember).off("unhandledRejection", remember);
  expect(unforeseen.splice(0)).toEqual([]);
});

/** Has the code break that begins a request's span. */
function breakSpans(): void {
  propagation.setGlobalPropagator({
    inject: () => {},
    fields: () => [],
    extract: () => {
      throw new TypeError("Invalid URL");
    },
  });
}

function expectOneLine(logger: RememberingLogger, route: string, message: string): void {
  expect(logger.lines).toMatchObject([
    { level: "error", message: `could not answer a request for ${route}`, details: { error: { message } } },
  ]);
}

describe.each(faces)("an error in $name", ({ prefix, listener }) => {
  it("is a 500 and one line in the log when it comes from the code of the span", async () => {
    const logger = rememberingLogger();
    const check = fakeCheck({ name: "database" });
    await using server = await serving(listener(new HealthMonitor([check], { logger })));
    breakSpans();
    const { status, text } = await ask(server.port, `${prefix}/health/database`);
    expect({ status, text, runs: check.runs }).toEqual({ status: 500, text: sentence, runs: 0 });
    expectOneLine(logger, "/health/database/", "Invalid URL");
  });

  it("is that as well when it comes before the span", async () => {
    const logger = rememberingLogger();
    let isBroken = false;
    const options = {
      get authentication() {
        if (isBroken) throw new Error("no list today");
        return new Map();
      },
    };
    await using server = await serving(
      listener(new HealthMonitor([fakeCheck({ name: "database" })], { logger }), options),
    );
    isBroken = true;
    const { status, text } = await ask(server.port, `${prefix}/health/`);
    expect({ status, text }).toEqual({ status: 500, text: sentence });
    expectOneLine(logger, "no route", "no list today");
  });
});

it("is that for a route of the server, too", async () => {
  const logger = rememberingLogger();
  const rules = { checks: new Map(), sendCredentials: new Set<string>(), concurrency: 1 };
  const probing = { ...rules, allowList: new AllowList({ hosts: [], networks: [] }) };
  const application = createApplication(new HealthMonitor([], { logger }), {
    others: () => [probeRouter(() => probing, new Prober(logger))],
  });
  await using server = await serving(application.callback());
  breakSpans();
  expect(await ask(server.port, "/probe?check=x&target=y")).toMatchObject({ status: 500, text: sentence });
  expectOneLine(logger, "/probe{/}", "Invalid URL");
});

describe("answerError", () => {
  it("tells the client nothing but what is meant for it, and the log the cause", () => {
    const logger = rememberingLogger();
    const error = new PublicError("The metrics could not be collected.", { cause: new Error("/dev/secret is gone") });
    expect(answerError(error, "/metrics", logger)).toMatchObject({
      status: 500,
      body: "The metrics could not be collected.\n",
    });
    expectOneLine(logger, "/metrics", "/dev/secret is gone");
    expect(answerError("thrown text", undefined, rememberingLogger())).toMatchObject({ status: 500, body: sentence });
  });
});
