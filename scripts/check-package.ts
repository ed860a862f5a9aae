import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { publint } from "publint";
import { formatMessage } from "publint/utils";

/** Builds the package as it would be published and looks for what its users would stumble over. */
const root = fileURLToPath(new URL("..", import.meta.url));
execFileSync(process.execPath, [`${root}scripts/build.ts`], { stdio: "inherit" });
const { messages, pkg } = await publint({ pkgDir: root, strict: true, pack: "npm" });
for (const message of messages) console.error(`${message.type}: ${formatMessage(message, pkg) ?? message.code}`);
process.exitCode = messages.length === 0 ? 0 : 1;
