/** The type of the checks of a class, such as `event-loop` for `EventLoop`. */
export function typeNameOf(className: string): string {
  return className.replaceAll(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, "-").toLowerCase();
}
