import { metrics } from "@opentelemetry/api";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { afterAll, expect, it } from "vitest";
import { observeFleet } from "../../../src/telemetry/metrics/fleet-instruments.ts";
import { PrometheusReader } from "../../../src/telemetry/open-metrics/prometheus-reader.ts";

afterAll(() => metrics.disable());

it("publishes how a replica and its fleet are, with the fleet's name", async () => {
  const reader = new PrometheusReader();
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
  let isConnected = true;
  observeFleet(() => ({
    name: "shop",
    isConnected,
    replicas: ["one", "two", "three"],
    held: [4, 5],
    leasesLost: 7,
    commitsRefused: 8,
    configurations: 9,
  }));
  const samples = async () => {
    let text = "";
    for await (const chunk of await reader.scrape("prometheus", { timeoutMillis: 5000 })) text += chunk;
    return text.split("\n").filter((line) => line.startsWith("healthspan_"));
  };
  expect(await samples()).toEqual([
    'healthspan_fleet_connected{fleet="shop"} 1',
    'healthspan_fleet_replicas{fleet="shop"} 3',
    'healthspan_fleet_shards{fleet="shop"} 2',
    'healthspan_fleet_configurations{fleet="shop"} 9',
    'healthspan_fleet_leases_lost_total{fleet="shop"} 7',
    'healthspan_fleet_commits_refused_total{fleet="shop"} 8',
  ]);
  isConnected = false;
  expect(await samples()).toContain('healthspan_fleet_connected{fleet="shop"} 0');
});
