import { describe, expect, it } from "vitest";
import { loadConfiguration } from "../../../src/config/load.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const checks = "checks: { disk: { type: disk, group: [host, storage] }, cpu: { type: cpu, group: host } }\n";

async function announcementsOf(yaml: string) {
  await using folder = await temporaryFolder({ "healthspan.yaml": `${checks}${yaml}\n` });
  const { announcements } = await loadConfiguration({ cwd: folder.path, environment: {} });
  return announcements;
}

describe("the announcements of a configuration", () => {
  it("are none when there is no word of them", async () => {
    expect(await announcementsOf("")).toEqual([]);
  });

  it("have moments with a zone, a level and what they concern", async () => {
    const made = await announcementsOf(`announcements:
  - title: Move
    text: "See https://status.example/move"
    level: critical
    from: 2026-03-14T22:00:00Z
    until: 2026-03-15T01:00+01:00
    checks: [cpu]
    groups: [host/storage, [host]]
  - { title: Soon }
`);
    expect(made).toMatchObject([
      {
        title: "Move",
        text: "See https://status.example/move",
        level: "critical",
        from: Date.UTC(2026, 2, 14, 22),
        until: Date.UTC(2026, 2, 15),
        checks: ["cpu"],
        groups: [["host", "storage"], ["host"]],
      },
      { title: "Soon", text: "", level: "info", from: undefined, until: undefined, checks: [], groups: [] },
    ]);
  });

  it("have an identifier each, which a change of the text leaves as it is", async () => {
    const [one, same, other] = await announcementsOf(
      "announcements: [{ title: Move }, { title: Move, text: twice }, { title: Stay }]",
    );
    const [again] = await announcementsOf("announcements: [{ title: Move, text: corrected }]");
    expect(new Set([one?.id, same?.id, other?.id]).size).toBe(3);
    expect(again?.id).toBe(one?.id);
  });
});
