/**
 * Tests that take long however they are written: the short forms of the proofs, and what waits for real intervals of servers,
 * of Prometheus or of the kernel, or for a server that starts slowly. `npm test` leaves them to `npm run test:all`.
 */
export const slowTests = [
  "test/proof/*.test.ts",
  "test/checks/rabbitmq-server.test.ts",
  "test/app/reload.test.ts",
  "test/app/stop.test.ts",
  "test/app/leave.test.ts",
  "test/fleet/secrets.test.ts",
  "test/app/notices.test.ts",
  "test/app/fleet-metrics.test.ts",
  "test/checks/restarts.test.ts",
  "test/config/many-issues.test.ts",
  "test/cli/heartbeat.test.ts",
  "test/engine/threads/thread-executor.test.ts",
  "test/grafana/pushed.test.ts",
  "test/grafana/queries.test.ts",
  "test/prometheus/fleet.test.ts",
  "test/prometheus/live.test.ts",
  "test/prometheus/native-histograms.test.ts",
  "test/prometheus/pushed-rules.test.ts",
  "test/server/connections.test.ts",
  "test/server/native-histograms.test.ts",
];
