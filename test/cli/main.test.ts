import { describe, expect, it } from "vitest";
import { runCommand } from "../support/command.ts";

describe("healthspan", () => {
  it("suggests the command that was probably meant", async () => {
    const { code, stderr } = await runCommand(["chekc"]);
    expect(code).toBe(2);
    expect(stderr).toContain("unknown command 'chekc'\n(Did you mean check?)");
  });

  it("suggests the option that was probably meant", async () => {
    const { code, stderr } = await runCommand(["check", "--formt", "json"]);
    expect(code).toBe(2);
    expect(stderr).toContain("unknown option '--formt'\n(Did you mean --format?)");
  });

  it("lists the values of an option", async () => {
    const { code, stderr } = await runCommand(["check", "--format", "xml"]);
    expect(code).toBe(2);
    expect(stderr).toContain("Allowed choices are text, json");
  });

  it.each([["--help"], ["help"], ["serve", "--help"]])("helps with %s %s", async (...args) => {
    const { code, stdout } = await runCommand(args);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Usage: healthspan/);
  });

  it("prints its version", async () => {
    const { code, stdout } = await runCommand(["--version"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it.each([
    [["serve", "--port", "abc"], "--port: abc is not a valid port (0 to 65535, where 0 chooses a free one)\n"],
    [["serve", "--port", "65536"], "--port: 65536 is not a valid port (0 to 65535, where 0 chooses a free one)\n"],
  ])("%j is refused with a sentence", async (args, message) => {
    expect(await runCommand(args)).toEqual({ code: 2, stdout: "", stderr: message });
  });
});
