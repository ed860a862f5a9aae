import { type FuzzTask, fuzzOne } from "./fuzz-one.ts";

/** Gives one subject its cases in a process of its own, which may crash or hang, and sends the outcome. */
const task: FuzzTask = JSON.parse(process.argv[2] ?? "{}");
process.on("disconnect", () => process.exit());
const outcome = await fuzzOne(task);
process.send?.(outcome, undefined, undefined, () => process.exit());
