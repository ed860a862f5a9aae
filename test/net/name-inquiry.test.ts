import { expect, it } from "vitest";
import { hasAnswer } from "../../src/net/name-inquiry.ts";

it("knows that a name of the file of hosts is found without a name server", async () => {
  expect(await hasAnswer("localhost")).toBe(true);
});
