import { describe, expect, vi } from "vitest";
import type { Notice } from "../../../src/notices/notice.ts";
import { openChannel } from "../../../src/notices/open-channel.ts";
import { startAlertmanager } from "../../support/alertmanager.ts";
import { messageOf, noticeOf, recoveryOf } from "../../support/sample-notices.ts";
import { itWithServers } from "../../support/servers.ts";

const configuration = { route: { receiver: "nobody", group_by: ["alertname"] }, receivers: [{ name: "nobody" }] };

describe("alertmanager", () => {
  itWithServers(
    ["prometheus-alertmanager"],
    "has an alert from the failure to the recovery, under one severity at a time",
    async ({ "prometheus-alertmanager": program }) => {
      await using alertmanager = await startAlertmanager(program, configuration);
      const url = `http://${alertmanager.address}`;
      const channel = await openChannel("alerts", { type: "alertmanager", url, labels: { team: "shop" } });
      const now = Date.now();
      const moment = { since: now - 60_000, at: now };
      const tell = async (...notices: readonly Notice[]): Promise<void> => {
        const delivery = await channel.send(messageOf(...notices), { at: now }, new AbortController().signal);
        expect(delivery).toMatchObject({ outcome: "sent" });
      };
      const active = async () => {
        const alerts = await alertmanager.alerts();
        return alerts.filter(({ status }) => status.state !== "suppressed").map(({ labels }) => labels);
      };
      await tell(noticeOf({ ...moment, state: "degraded" }), noticeOf({ ...moment, check: "disk", group: [] }));
      await vi.waitFor(async () => expect(await active()).toHaveLength(2), { timeout: 10_000 });
      expect(await active()).toContainEqual({
        alertname: "HealthCheckFailing",
        check: "orders",
        group: "shop/payments",
        service: "shop",
        severity: "warning",
        team: "shop",
        type: "http",
      });
      await tell(noticeOf({ ...moment, state: "unhealthy", formerState: "degraded" }));
      const severities = async () =>
        (await active()).filter(({ check }) => check === "orders").map(({ severity }) => severity);
      await vi.waitFor(async () => expect(await severities()).toEqual(["critical"]), { timeout: 10_000 });
      await tell(recoveryOf(moment), recoveryOf({ ...moment, check: "disk", group: [] }));
      await vi.waitFor(async () => expect(await active()).toEqual([]), { timeout: 10_000 });
    },
  );
});
