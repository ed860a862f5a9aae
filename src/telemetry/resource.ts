import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { getStringFromEnv } from "@opentelemetry/core";
import {
  defaultResource,
  detectResources,
  envDetector,
  type Resource,
  resourceFromAttributes,
} from "@opentelemetry/resources";
import type { Logger } from "../health/logger.ts";
import { resourceNames } from "./names.ts";

/** Who sends the telemetry. */
export interface Service {
  readonly name: string;
  readonly version?: string;
}

/**
 * Describes this process to the receivers of its telemetry. `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` win.
 * The SDK's own process detector is left out: it would publish the whole command line and the user's name.
 */
export function describeProcess({ name, version }: Service, logger: Logger): Resource {
  const known = resourceFromAttributes({
    [resourceNames.serviceName]: name,
    ...(version !== undefined && { [resourceNames.serviceVersion]: version }),
    [resourceNames.serviceInstanceId]: randomUUID(),
    [resourceNames.hostName]: hostname(),
    [resourceNames.processPid]: process.pid,
    [resourceNames.processCreationTime]: new Date(performance.timeOrigin).toISOString(),
    [resourceNames.processCommand]: process.argv0,
    [resourceNames.processRuntimeName]: "nodejs",
    [resourceNames.processRuntimeVersion]: process.versions.node,
  });
  const environment = detectResources({ detectors: [envDetector] });
  const variable = "OTEL_RESOURCE_ATTRIBUTES";
  const written = getStringFromEnv(variable) ?? "";
  const understood = Object.keys(environment.attributes).some((key) => key !== resourceNames.serviceName);
  if (written !== "" && !understood && !written.includes(resourceNames.serviceName)) {
    logger.warn({ variable }, `${variable} is ignored: it must be like key=value,key=value, percent-encoded`);
  }
  return defaultResource().merge(known).merge(environment);
}
