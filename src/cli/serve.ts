import { pino } from "pino";
import { loadConfiguration } from "../config/load.ts";
import { HealthMonitor } from "../engine/monitor.ts";
import { createApplication } from "../server/application.ts";
import { listen } from "../server/listen.ts";
import { processRouter } from "../server/process-router.ts";
import { healthRouter } from "../server/router.ts";

/** `healthspan serve` */
export async function serve(config: string | undefined, options: { host?: string; port?: string }): Promise<void> {
  const configuration = await loadConfiguration(config);
  const logger = pino();
  const monitor = new HealthMonitor(configuration.checks, {
    title: configuration.service.name,
    endpoints: configuration.endpoints,
    concurrency: configuration.concurrency,
    logger,
  });
  const routers = [processRouter(), healthRouter(monitor, configuration)];
  const application = createApplication(routers, logger);
  const host = options.host ?? configuration.server.host;
  const port = options.port === undefined ? configuration.server.port : Number(options.port);
  const listening = await listen(application.callback(), host, port);
  monitor.start();
  logger.info({ url: listening.url }, `listening on ${listening.url}`);
  const stop = async (): Promise<void> => {
    await listening.stop();
    await monitor.close();
  };
  process.once("SIGTERM", stop).once("SIGINT", stop);
}
