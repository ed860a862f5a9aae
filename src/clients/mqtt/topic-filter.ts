import { z } from "zod";
import { maxTextBytes } from "./mqtt-packets.ts";

/** The name of a topic, or a filter that names several (MQTT 3.1.1, section 4.7). */
export function topicFilter() {
  return z
    .string()
    .min(1)
    .refine((topic) => Buffer.byteLength(topic) <= maxTextBytes && !topic.includes("\0"), {
      error: `must have at most ${maxTextBytes} bytes, and no zero byte`,
      abort: true,
    })
    .refine(hasWildcardsInPlace, {
      error: "must have + only as a whole level, and # only as the last one",
      abort: true,
    })
    .refine(
      (topic) => !topic.startsWith("$share/"),
      "must not be a shared subscription: it takes messages from others",
    );
}

function hasWildcardsInPlace(topic: string): boolean {
  const levels = topic.split("/");
  return levels.every((level, index) => {
    if (level === "#") return index === levels.length - 1;
    return level === "+" || !/[+#]/.test(level);
  });
}
