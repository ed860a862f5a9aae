/** The parts of a class of checks that decide whether a worker thread can run them. */
export interface ThreadableClass {
  readonly name: string;
  /** The address of the module that exports the class under its name, `import.meta.url`: a thread finds it there. */
  readonly module?: string;
  /** Why its checks belong in the main thread regardless of their options, as a clause after `because`. */
  readonly mainThreadOnly?: string;
}

/** Why the checks of a class cannot run in a worker thread, as a sentence after the option's name; undefined when they can. */
export function threadIssue(Check: ThreadableClass): string | undefined {
  const { name, mainThreadOnly } = Check;
  if (mainThreadOnly !== undefined) return `must be false: ${name} runs in the main thread, because ${mainThreadOnly}`;
  // Not that of a class that it extends: the thread would run the other one.
  if (Object.hasOwn(Check, "module")) return undefined;
  return `must be false: a thread finds ${name} only when it is exported and has "static readonly module = import.meta.url"`;
}

/**
 * Why a thread would not find a class where that says to be; undefined when it would. Imports the module, and so must not be
 * called while that is itself being loaded.
 */
export async function exportIssue(Check: ThreadableClass): Promise<string | undefined> {
  const { module = "", name } = Check;
  const exports: Record<string, unknown> = await import(module);
  return exports[name] === Check ? undefined : `must be false: a thread finds ${name} only when ${module} exports it`;
}
