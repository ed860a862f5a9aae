import { createConnection, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

/** Somebody who holds a connection, so that others get none. */
interface Guest {
  leave(): void;
}

/** A connection that was freed a moment ago may be missed: only so many refusals in a row tell that there is none left. */
const refusalsInARow = 3;
const pauseMilliseconds = 30;

/**
 * Takes connections until there is none left.
 * @param enter resolves to nobody when there is no room
 */
export async function fillUp(enter: () => Promise<Guest | undefined>): Promise<AsyncDisposable> {
  const guests: Guest[] = [];
  for (let refusals = 0; refusals < refusalsInARow; ) {
    const guest = await enter();
    if (guest === undefined) {
      refusals += 1;
      await wait(pauseMilliseconds);
    } else {
      refusals = 0;
      guests.push(guest);
    }
    if (guests.length > 1000) throw new Error("the server has no limit to its connections");
  }
  return {
    [Symbol.asyncDispose]: async () => {
      for (const guest of guests) guest.leave();
      // A server takes a moment to notice that somebody has gone; the fault is over when there is room.
      for (let room: Guest | undefined; room === undefined; room?.leave()) room = await enter();
    },
  };
}

/** Connects and asks something; there is room when the answer begins as it should. */
export function enterByAsking(port: number, question: string, answer: string): Promise<Guest | undefined> {
  return new Promise((resolve) => {
    const socket: Socket = createConnection({ port, host: "127.0.0.1" });
    socket.on("error", () => {}); // "close" follows.
    socket.once("close", () => resolve(undefined));
    socket.once("connect", () => socket.write(question));
    socket.once("data", (data) => {
      if (data.toString("latin1").startsWith(answer)) resolve({ leave: () => socket.destroy() });
      else socket.destroy();
    });
  });
}
