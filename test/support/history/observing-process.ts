import { openHistory } from "../../../src/store/open-history.ts";

/**
 * A process that observes a check as often as it can be killed between, and prints after each observation how many there were,
 * when, and what its log said. Its arguments: the path of the database, milliseconds between observations, how long a name is.
 */
const [path = "", milliseconds = "10", nameLength = "10"] = process.argv.slice(2);
const tell = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
const say = (_: object, message: string): void => tell({ message });

const history = await openHistory({ path, logger: { info: say, warn: say, error: say } });
const started = (await history.buckets(["observed"], "24h")).get("observed") ?? [];
tell({ found: started.reduce((sum, { runs }) => sum + runs, 0), documents: await history.all("kept") });

let count = 0;
setInterval(() => {
  count += 1;
  const check = { name: "observed", type: "fake", labels: {} };
  const at = Date.now();
  const run = { durationSeconds: 0.01, failed: false, traceId: undefined };
  const observation = { state: "healthy", at, trustedUntil: at + 60_000, run, transition: undefined } as const;
  history.observed({ check, ...observation });
  // Others come and go, so that the file grows.
  if (nameLength !== "10")
    history.observed({ check: { ...check, name: `${count}`.padEnd(Number(nameLength), "x") }, ...observation });
  tell({ count, at });
}, Number(milliseconds));
