import { vi } from "vitest";

/** Moves the monotonic clock on without letting any timer fire, as when the process is suspended. */
export function suspend(milliseconds: number): void {
  const suspended = vi.isMockFunction(performance.now) ? vi.mocked(performance.now).getMockImplementation() : undefined;
  const now = suspended ?? performance.now.bind(performance);
  vi.spyOn(performance, "now").mockImplementation(() => now() + milliseconds);
}
