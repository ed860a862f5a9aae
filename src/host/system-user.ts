import { userInfo } from "node:os";

/** The name of the user that runs this process, as many clients log in when none is given; undefined when it has none. */
export function systemUser(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined; // In a container, a user may have a number only.
  }
}
