import type { Told } from "./deciding/follow.ts";
import type { Notice } from "./notice.ts";

/** What a replica hears of what others have told. */
export interface TellingListener {
  /** A channel was told of a check; undefined: the outage is over for it. */
  told(channel: string, check: string, told: Told | undefined): void;
  /** Another replica could not send a notice, and has stopped: it is left to this one alone. */
  adopted(channel: string, notice: Notice): void;
}

/**
 * How the replicas of a fleet tell together, so that each notice is sent by one of them: all of them follow each check, and the one that
 * runs it tells.
 */
export interface SharedTelling {
  /** Whether the replicas share a check. Of others each tells by itself. */
  isShared(check: string): boolean;
  /** Whether this replica runs a shared check now. */
  tells(check: string): boolean;
  /** What a channel was told of shared checks, by their names. */
  toldTo(channel: string): ReadonlyMap<string, Told>;
  /**
   * Makes known to all replicas what a channel is about to be told; undefined: that the outage is over.
   * @returns whether that is this replica's to tell: another one may run the check by now
   * @throws Error when there is no answer: it must be tried again
   */
  claim(channel: string, check: string, told: Told | undefined): Promise<boolean>;
  /** Leaves what could not be sent to the others. @returns whether they have it */
  leave(channel: string, notice: Notice): Promise<boolean>;
  listen(listener: TellingListener): void;
}
