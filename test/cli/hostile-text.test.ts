import { createServer, type RequestListener } from "node:http";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runCommand } from "../support/command.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { listenOnFreePort } from "../support/throw-away-server.ts";

/** Sets a title, clears the screen, feigns a line, and turns the direction of the text. */
const hostile = "\u001b]0;owned\u0007\u001b[2Jfine\r\nall: OK\u009b31m\u202etxt";
const escaped = "\\u001b]0;owned\\u0007\\u001b[2Jfine\\r\\nall: OK\\u009b31m\\u202etxt";

/** What no output may contain besides line breaks. */
const raw = /[^\P{Cc}\n]|\p{Bidi_Control}/u;

async function asked(listener: RequestListener, ...args: string[]) {
  const server = createServer(listener);
  const port = await listenOnFreePort(server);
  try {
    return await runCommand(["check", ...args, "--url", `http://127.0.0.1:${port}`], { terminal: false });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const answering =
  (body: string, type = "application/json"): RequestListener =>
  (_request, response) => {
    response.writeHead(200, { "Content-Type": type });
    response.end(body);
  };

describe("what comes from outside is not printed as it is", () => {
  it("a server's names and messages", async () => {
    const { stdout } = await asked(answering(JSON.stringify({ [hostile]: hostile, b: "working" })));
    expect(stdout).not.toMatch(raw);
    expect(stdout).toBe(`${escaped} ... ${escaped}\n${"b".padEnd(escaped.length)} ... OK\n`);
  });

  it("a server's names and messages, as JSON", async () => {
    const report = '{"__proto__":"working","2":"working","1":"Warning: \\u009b\\u202e"}';
    const { stdout } = await asked(answering(report), "--format", "json");
    expect(stdout).toBe('{"1":"Warning: \\u009b\\u202e","2":"working","__proto__":"working"}\n');
    expect(stdout).not.toMatch(raw);
  });

  it("the keys of a configuration", async () => {
    await using folder = await temporaryFolder({
      "healthspan.yaml": `checks: { ${JSON.stringify(hostile)}: { type: ${JSON.stringify(hostile)} } }\n`,
    });
    const { code, stderr } = await runCommand(["validate", join(folder.path, "healthspan.yaml")]);
    expect(code).toBe(2);
    expect(stderr).not.toMatch(raw);
    expect(stderr).toContain(`unknown type "${escaped}"`);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });

  it.each([
    ["list", hostile.replaceAll(/[\r\n]/g, "")],
    ["check", hostile.replaceAll(/[\r\n]/g, "")],
    [hostile.replaceAll(/[\r\n]/g, "")],
    ["validate", hostile.replaceAll(/[\r\n]/g, "")],
    ["serve", "--port", hostile.replaceAll(/[\r\n]/g, "")],
  ])("arguments: %j", async (...args) => {
    const { code, stderr } = await runCommand(args);
    expect(code).toBe(2);
    expect(stderr).toContain("\\u001b");
    expect(stderr).not.toMatch(raw);
  });
});

describe("an answer of any length", () => {
  it("is not read beyond 16 MiB", async () => {
    let written = 0;
    const { code, stderr } = await asked((_request, response) => {
      const write = (): void => {
        while (response.write(" ".repeat(1024 * 1024))) written += 1;
      };
      response.on("drain", write);
      write();
    });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/^http:\/\/\S+\/health\/ answered with more than 16 MiB\./),
    });
    expect(written).toBeLessThan(64);
  });

  it("may have up to 16 MiB", async () => {
    const { code, stdout } = await asked(answering(`{"a":"working"}${" ".repeat(16 * 1024 * 1024 - 15)}`));
    expect({ code, stdout }).toEqual({ code: 0, stdout: "a                        ... OK\n" });
  });

  it("that stops in the middle is waited for no longer than --timeout", async () => {
    const { code, stderr } = await asked((_request, response) => void response.write("{"), "--timeout", "200ms");
    expect(code).toBe(2);
    expect(stderr).toMatch(/did not answer within 200ms/);
  });
});
