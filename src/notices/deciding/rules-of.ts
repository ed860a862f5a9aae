import type { Channel } from "../channel.ts";
import type { Rules } from "./follow.ts";

/** When a channel is told. */
export function rulesOf({ options }: Channel): Rules {
  return {
    on: options.on,
    afterMilliseconds: options.after.milliseconds,
    repeatMilliseconds: options.repeat?.milliseconds,
  };
}
