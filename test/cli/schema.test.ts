import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { runCommand } from "../support/command.ts";

it("healthspan schema prints the JSON Schema that the documentation has", async () => {
  const { code, stdout, stderr } = await runCommand(["schema"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toBe(readFileSync(join(import.meta.dirname, "../../docs/schema.json"), "utf8"));
});
