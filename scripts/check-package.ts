import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { publint } from "publint";
import { formatMessage } from "publint/utils";

/** Builds the package as it would be published and looks for what its users would stumble over. */
const root = fileURLToPath(new URL("..", import.meta.url));
execFileSync(process.execPath, [`${root}scripts/build.ts`], { stdio: "inherit" });
const { messages, pkg } = await publint({ pkgDir: root, strict: true, pack: "npm" });
for (const message of messages) console.error(`${message.type}: ${formatMessage(message, pkg) ?? message.code}`);
process.exitCode = messages.length === 0 ? 0 : 1;

/** A program that uses each entry of the package: its types are checked, and it is run. */
const program = `
import { type Beat, Disk, HealthMonitor } from "healthspan";
import { type Beat as ListedBeat, Disk as Listed } from "healthspan/checks";
import { Disk as Alone } from "healthspan/checks/disk";
import { HealthCheck, HealthMonitor as Core } from "healthspan/core";

class Own extends Alone {
  override async run(): Promise<void> {
    this.measure("usage", 93.1);
    // @ts-expect-error: it declares no such measure
    if (false) this.measure("other", 1);
    await super.run();
  }
}
export const beat: Beat = { kind: "start" } satisfies ListedBeat;
// @ts-expect-error: it has no such option
export const refused = () => new Listed({ pathh: "/" });

const checks: readonly HealthCheck[] = [new Disk({ path: "/" }), new Own({ maxUsage: "100%" })];
const same = Disk === Listed && Disk === Alone && HealthMonitor === Core;
if (!same || !checks.every((check) => check instanceof HealthCheck)) throw new Error("the entries differ");
`;
const folder = `${root}.cache/consumer`;
mkdirSync(folder, { recursive: true });
try {
  writeFileSync(`${folder}/tsconfig.json`, '{ "extends": "../../tsconfig.json", "include": ["*.ts"] }');
  writeFileSync(`${folder}/program.ts`, program);
  execFileSync(process.execPath, [`${root}node_modules/typescript/bin/tsc`, "-p", folder], { stdio: "inherit" });
  execFileSync(process.execPath, [`${folder}/program.ts`], { stdio: "inherit" });
} finally {
  rmSync(folder, { recursive: true });
}
