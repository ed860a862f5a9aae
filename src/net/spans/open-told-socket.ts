import type { Socket } from "node:net";
import type { TakeFacts } from "../kept-connection.ts";
import { openSocket, type SocketOptions } from "../open-socket.ts";
import { connectionFacts, peerOfError } from "./span-facts.ts";

/**
 * Opens a socket for a connection that is kept, and says whom it leads to, or who refused it.
 * @param signal destroys it, as `openSocket` tells
 */
export async function openToldSocket(
  options: SocketOptions,
  signal: AbortSignal,
  takeFacts: TakeFacts,
): Promise<Socket> {
  try {
    const socket = await openSocket(options, signal);
    takeFacts(connectionFacts(socket));
    return socket;
  } catch (error) {
    takeFacts(peerOfError(error));
    throw error;
  }
}
