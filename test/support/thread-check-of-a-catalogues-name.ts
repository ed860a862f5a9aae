import { ServiceUnavailable } from "../../src/health/errors.ts";
import { HealthCheck } from "../../src/health/health-check.ts";

/** Is called as a check of the catalogue is, and is another one. */
export class Memory extends HealthCheck {
  static readonly module = import.meta.url;

  override run(): void {
    throw new ServiceUnavailable("my own memory is gone");
  }
}
