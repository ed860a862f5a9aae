/** The threads that were told to end and have not: Node.js cannot interrupt a native call. */
const ending = new Set<object>();

/** Takes note of a thread that is told to end, until it has. */
export function noteEnding(thread: object, exited: Promise<void>): void {
  ending.add(thread);
  void exited.then(() => ending.delete(thread));
}

/** Whether the end of the process would wait for a thread that does not heed that it is to end. */
export function isThreadHanging(): boolean {
  return ending.size > 0;
}
