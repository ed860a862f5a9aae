import { type FuzzTask, fuzzOne } from "./fuzz-one.ts";

/** Puts one subject to its cases in a process of its own, so that it may crash or hang, and sends what came of it. */
const task: FuzzTask = JSON.parse(process.argv[2] ?? "{}");
process.on("disconnect", () => process.exit());
const outcome = await fuzzOne(task);
process.send?.(outcome, undefined, undefined, () => process.exit());
