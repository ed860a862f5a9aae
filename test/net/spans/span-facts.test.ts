import { X509Certificate } from "node:crypto";
import { ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { describe, expect, it } from "vitest";
import {
  certificateFacts,
  factNames,
  peerOfError,
  takeFactsOf,
  tellSpan,
  withFacts,
} from "../../../src/net/spans/span-facts.ts";
import { attributeNames } from "../../../src/telemetry/names.ts";
import { certificates } from "../../support/certificates.ts";
import { recordTelemetry } from "../../support/telemetry.ts";

describe("what spans say of what a run found out", () => {
  it("has the names that the conventions give it", () => {
    const names: Readonly<Record<string, string>> = attributeNames;
    for (const [key, name] of Object.entries(factNames)) expect(names[key], key).toBe(name);
  });

  it("is of a certificate, most special part first, and the same when it is read again", () => {
    const { raw, fingerprint256 } = new X509Certificate(certificates.server.cert);
    const facts = {
      "tls.server.not_after": "2125-01-01T00:00:00.000Z",
      "tls.server.subject": "CN=localhost",
      "tls.server.issuer": "CN=Healthspan test authority",
      "tls.server.hash.sha256": fingerprint256.replaceAll(":", ""),
    };
    expect(certificateFacts(raw)).toEqual(facts);
    expect(certificateFacts(Buffer.from(raw))).toEqual(facts);
  });

  it("is nothing of what is no certificate, whatever a server has sent", () => {
    expect(certificateFacts(Buffer.from("no certificate"))).toEqual({});
  });

  it("is told once of an error", () => {
    const error = withFacts(new Error("refused"), { [factNames.dbResponseStatusCode]: "28P01" });
    expect(takeFactsOf(error)).toEqual({ "db.response.status_code": "28P01" });
    expect(takeFactsOf(error)).toEqual({});
    expect(takeFactsOf("no error")).toEqual({});
  });

  it("has the address from an error of the system", () => {
    const error = Object.assign(new Error("connect ECONNREFUSED"), { address: "192.0.2.1", port: 80 });
    expect(peerOfError(error)).toEqual({ "network.peer.address": "192.0.2.1", "network.peer.port": 80 });
    expect(peerOfError(Object.assign(new Error("connect ENOENT"), { address: "/run/a.sock" }))).toEqual({
      "network.peer.address": "/run/a.sock",
    });
    expect(peerOfError(undefined)).toEqual({});
  });

  it("is not told of a run that has ended, or is not recorded", async () => {
    const { spans } = await recordTelemetry(async () => {
      const span = trace.getTracer("test").startSpan("run");
      span.end();
      tellSpan({ [factNames.tlsCipher]: "late" }, trace.setSpan(ROOT_CONTEXT, span));
      tellSpan({ [factNames.tlsCipher]: "nobody's" }, ROOT_CONTEXT);
    });
    expect(spans[0]?.attributes).toEqual({});
  });
});
