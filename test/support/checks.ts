import { HealthCheck } from "../../src/health/health-check.ts";

/** A check that does what it is told, and counts its runs. */
export class Told extends HealthCheck {
  runs = 0;
  /** What each run does; replace it at will. */
  action: (signal: AbortSignal) => Promise<void> | void = () => {};

  override run(signal: AbortSignal): Promise<void> | void {
    this.runs += 1;
    return this.action(signal);
  }
}

/** Makes a check that does what it is told. */
export function told(options: ConstructorParameters<typeof Told>[0] & object, action: Told["action"] = () => {}): Told {
  const check = new Told(options);
  check.action = action;
  return check;
}
