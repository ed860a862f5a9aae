import { describe, expect, it } from "vitest";
import { z } from "zod";
import { requestFields, requestIssue } from "../../../src/clients/http/request-fields.ts";
import { ConnectionUrl } from "../../../src/health/secret.ts";

const schema = z.strictObject(requestFields);

describe("requestFields", () => {
  it("keep every value to themselves", () => {
    const fields = schema.parse({ headers: { "X-Api-Key": "hunter2" }, bearer: "hunter2", body: "hunter2" });
    expect(JSON.stringify(fields)).not.toContain("hunter2");
    expect(fields.headers["X-Api-Key"]?.reveal()).toBe("hunter2");
  });

  it.each([
    [{ headers: { "X Key": "hunter2" } }, ["headers", "X Key"], "is not the name of a header"],
    [{ headers: { "": "hunter2" } }, ["headers", ""], "is not the name of a header"],
    [{ headers: { Connection: "hunter2" } }, ["headers", "Connection"], "is set by the check itself"],
    [{ headers: { "content-length": "0" } }, ["headers", "content-length"], "is set by the check itself"],
    [{ headers: { "Transfer-Encoding": "x" } }, ["headers", "Transfer-Encoding"], "is set by the check itself"],
    [{ headers: { A: "hunter2\n" } }, ["headers", "A"], "must be printable and without line breaks"],
    [{ bearer: "hunter2€" }, ["bearer"], "must be printable and without line breaks"],
  ])("refuse %j and do not repeat it", (values, path, message) => {
    const { error } = schema.safeParse(values);
    expect(error?.issues).toEqual([expect.objectContaining({ path, message })]);
    expect(error?.message).not.toContain("hunter2");
  });
});

describe("requestIssue", () => {
  const issue = (address: string, values: z.input<typeof schema>): string | undefined =>
    requestIssue({ url: new ConnectionUrl(address), method: "GET", ...schema.parse(values) });

  it("lets credentials be given in one place only", () => {
    expect(issue("http://a.example", {})).toBeUndefined();
    expect(issue("http://user@a.example", {})).toBeUndefined();
    expect(issue("http://a.example", { bearer: "x" })).toBeUndefined();
    expect(issue("http://a.example", { headers: { authorization: "x" } })).toBeUndefined();
    for (const [address, values] of [
      ["http://user@a.example", { bearer: "x" }],
      ["http://:pass@a.example", { headers: { Authorization: "x" } }],
      ["http://a.example", { bearer: "x", headers: { AUTHORIZATION: "x" } }],
    ] as const) {
      expect(issue(address, values)).toContain("credentials must be given in one place");
    }
  });
});
