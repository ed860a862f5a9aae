import { type ConnectionUrl, decodeUrlPart, Secret } from "../health/secret.ts";

/** The user information of an address, decoded. */
export interface UrlCredentials {
  readonly username: string | undefined;
  readonly password: Secret | undefined;
}

/** Takes the user information out of an address; a part that it does not have is undefined. */
export function urlCredentials(address: ConnectionUrl): UrlCredentials {
  const { username, password } = new URL(address.reveal());
  return {
    username: username === "" ? undefined : decodeUrlPart(username),
    password: password === "" ? undefined : new Secret(decodeUrlPart(password)),
  };
}
