import { HealthCheck } from "../../src/health/health-check.ts";

/** A check that does whatever its `action` says, and counts its runs. */
export class FakeCheck extends HealthCheck {
  runs = 0;
  /** What each run does; replace it at will. */
  action: (signal: AbortSignal) => Promise<void> | void = () => {};

  override run(signal: AbortSignal): Promise<void> | void {
    this.runs += 1;
    return this.action(signal);
  }
}

/** Makes a {@link FakeCheck}. */
export function fakeCheck(
  options: ConstructorParameters<typeof FakeCheck>[0] & object,
  action: FakeCheck["action"] = () => {},
): FakeCheck {
  const check = new FakeCheck(options);
  check.action = action;
  return check;
}
