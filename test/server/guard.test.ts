import type { IncomingMessage } from "node:http";
import { describe, expect, it, vi } from "vitest";
import { Secret } from "../../src/health/secret.ts";
import { contentAnswer } from "../../src/server/answer.ts";
import { type Admission, guarded, probedMethods, readMethods } from "../../src/server/guard.ts";

const answered = contentAnswer(200, "text/plain", "answered");
const authentication = { bearer: new Secret("token") };
const writing = { allow: "POST", answered: ["POST"], advice: "Send it with POST." };

async function ask(admission: Admission, method: string | undefined, authorization?: string, isLater = false) {
  const answer = vi.fn(() => (isLater ? Promise.resolve(answered) : answered));
  const request = { method, headers: { authorization } } as unknown as IncomingMessage; // Nothing else is read of it.
  const { status, headers, body } = await guarded(request, admission, answer);
  return {
    status,
    allow: headers.Allow,
    body,
    challenge: headers["WWW-Authenticate"],
    asked: answer.mock.calls.length,
  };
}

describe("the guard", () => {
  it.each([false, true])("lets pass what may be asked (later: %s)", async (isLater) => {
    const passed = { status: 200, allow: undefined, body: "answered", challenge: undefined, asked: 1 };
    expect(await ask({ methods: probedMethods }, "GET", undefined, isLater)).toEqual(passed);
    expect(await ask({ methods: probedMethods }, "HEAD", undefined, isLater)).toEqual(passed);
    const allow = "GET, HEAD, OPTIONS";
    expect(await ask({ methods: probedMethods }, "OPTIONS", undefined, isLater)).toEqual({ ...passed, allow });
    expect(await ask({ methods: writing }, "POST", undefined, isLater)).toEqual(passed);
    expect(await ask({ methods: readMethods, authentication }, "GET", "Bearer token", isLater)).toEqual(passed);
  });

  it.each<[Admission, string | undefined, number, string, string]>([
    [{ methods: probedMethods }, "POST", 405, "GET, HEAD, OPTIONS", "Ask with GET or HEAD.\n"],
    [{ methods: probedMethods }, undefined, 405, "GET, HEAD, OPTIONS", "Ask with GET or HEAD.\n"],
    [{ methods: readMethods }, "OPTIONS", 204, "GET, HEAD, OPTIONS", ""],
    [{ methods: writing }, "OPTIONS", 405, "POST", "Send it with POST.\n"],
    [{ methods: writing }, "GET", 405, "POST", "Send it with POST.\n"],
  ])("says which methods there are (%#)", async (admission, method, status, allow, body) => {
    expect(await ask(admission, method)).toEqual({ status, allow, body, challenge: undefined, asked: 0 });
  });

  it.each(["GET", "OPTIONS", "POST"])("asks for credentials before it says anything else: %s", async (method) => {
    const refused = { status: 401, allow: undefined, challenge: 'Bearer realm="health"', asked: 0 };
    const asks = "It asks for a token.";
    expect(await ask({ methods: readMethods, authentication, asks }, method, "Bearer x")).toEqual({
      ...refused,
      body: `${asks}\n`,
    });
    expect(await ask({ methods: readMethods, authentication }, method)).toEqual({
      ...refused,
      body: "This asks for credentials.\n",
    });
  });
});
