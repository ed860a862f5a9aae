import { describe, expect, it } from "vitest";
import { configurationPage } from "../../scripts/configuration-page.ts";
import { generateFiles, staleFiles } from "../../scripts/generate.ts";
import { metricsPage } from "../../scripts/metrics-page.ts";
import { readCheck } from "../../scripts/read-checks.ts";
import { probingPage, referencePage } from "../../scripts/reference-page.ts";
import { HealthCheck, type HealthCheckClass, healthCheck } from "../../src/health/health-check.ts";
import { metricTable } from "../../src/telemetry/metric-table.ts";

describe("scripts/generate.ts", () => {
  it("has written every generated file as it is now: else run npm run generate", async () => {
    expect(await staleFiles(await generateFiles())).toEqual([]);
  });

  it("finds a file that is missing, one that has changed and one that should not be there", async () => {
    const files = new Map([
      ["docs/no-such-file.md", "text"],
      ["package.json", "{}"],
      ["LICENSE", undefined],
    ]);
    expect(await staleFiles(files)).toEqual(["docs/no-such-file.md", "package.json", "LICENSE"]);
  });
});

describe("readCheck", () => {
  it("takes the summary from the first sentence of the class's comment", () => {
    const source = `
/** Something else. */
const one = 1;

/**
 * Looks at 1.5 things, e.g. at
 * two. Then at others.
 *
 * - a list
 *   of things
 */
export class EventLoop extends healthCheck({}) {}
`;
    expect(readCheck("event-loop", source)).toEqual({
      type: "event-loop",
      className: "EventLoop",
      summary: "Looks at 1.5 things, e.g. at two.",
      documentation: "Looks at 1.5 things, e.g. at\ntwo. Then at others.\n\n- a list\n  of things",
      targets: undefined,
    });
  });

  it("takes what a target is from the comment of retarget()", () => {
    const source = `
/** Asks. */
export class Ask extends healthCheck({}) {
  /** Lets go. */
  close(): void {}

  /**
   * A target is a name,
   * and nothing else.
   */
  override retarget(target: string): Ask {}
}
`;
    expect(readCheck("ask", source).targets).toBe("A target is a name, and nothing else.");
  });

  it.each([
    ["export class Other {}", "src/checks/disk.ts must export a class called Disk"],
    [
      "/** Something. */\nconst one = 1;\nexport class Disk {}",
      "src/checks/disk.ts: the class Disk needs a doc comment",
    ],
  ])("refuses %j", (source, message) => {
    expect(() => readCheck("disk", source)).toThrow(message);
  });
});

describe("probingPage", () => {
  const page = "before\n<!-- targets of probes -->\nold\n<!-- end of targets -->\nafter\n";
  class Fixed extends HealthCheck {
    override run(): void {}
  }
  class Open extends Fixed {
    override retarget(): Open {
      return this;
    }
  }
  const documented = (Check: HealthCheckClass, targets?: string) => {
    const type = Check.name.toLowerCase();
    return { type, className: Check.name, summary: "", documentation: "", targets, Check };
  };

  it("lists the types whose class has retarget(), however it came by it", () => {
    class Inheriting extends Open {}
    const checks = [documented(Fixed), documented(Open, "A name."), documented(Inheriting, "Another name.")];
    expect(probingPage(page, checks)).toBe(`before
<!-- targets of probes -->
| type | target |
|---|---|
| [open](checks/open.md) | A name. |
| [inheriting](checks/inheriting.md) | Another name. |
<!-- end of targets -->
after
`);
  });

  it("refuses a type that does not say what a target is", () => {
    expect(() => probingPage(page, [documented(Open)])).toThrow("src/checks/open.ts: retarget() needs a doc comment");
  });
});

describe("referencePage", () => {
  class Queue extends healthCheck({
    interval: "1h",
    measures: { depth: { unit: "{jobs}", description: "The jobs that wait." } },
  }) {
    override run(): void {}
  }
  const check = { type: "queue", className: "Queue", summary: "", documentation: "Counts.", targets: undefined };

  it("tells of the interval that the type has for itself, and of what it measures", () => {
    const page = referencePage({ ...check, Check: Queue });
    expect(page).toMatch(/^\| `interval` \| .* \| duration \| `1h` \|$/m);
    expect(page).toContain("\n## Measures\n");
    expect(page).toContain("\n| `depth` | The jobs that wait. | `{jobs}` |\n");
  });

  it("says nothing of measures where there are none", () => {
    class Plain extends HealthCheck {
      override run(): void {}
    }
    const page = referencePage({ ...check, Check: Plain });
    expect(page).not.toContain("Measures");
    expect(page).toContain("None of its own.");
  });
});

describe("metricsPage", () => {
  it("has a row for each metric, under both its names, and for each measure", () => {
    class Queue extends healthCheck({ measures: { depth: { unit: "{jobs}", description: "The jobs that wait." } } }) {
      override run(): void {}
    }
    const source = { type: "queue", className: "Queue", summary: "", documentation: "", targets: undefined };
    const page = metricsPage([{ ...source, Check: Queue }]);
    for (const { name } of Object.values(metricTable)) expect(page.split(`| \`${name}\` |`), name).toHaveLength(2);
    expect(page).toContain(
      "| `process.cpu.time` | `process_cpu_time_seconds_total` | observable counter | `s` | `cpu.mode` (`cpu_mode`) |",
    );
    expect(page).toContain("| [queue](checks/queue.md) | `depth` | The jobs that wait. | `{jobs}` |");
  });
});

describe("configurationPage", () => {
  const schema = { properties: { server: { type: "object", properties: { port: { type: "integer", default: 80 } } } } };

  it("fills the tables and leaves the rest", () => {
    const page = "before\n<!-- options: server -->\nold\n<!-- end of options -->\nafter\n";
    expect(configurationPage(page, schema)).toBe(`before
<!-- options: server -->
| option | what it is | type | default |
|---|---|---|---|
| \`port\` |  | whole number | \`80\` |
<!-- end of options -->
after
`);
  });

  it("refuses a table of what there is not", () => {
    const page = "<!-- options: sevrer -->\n<!-- end of options -->";
    expect(() => configurationPage(page, schema)).toThrow("there is no part sevrer of a configuration");
  });
});
