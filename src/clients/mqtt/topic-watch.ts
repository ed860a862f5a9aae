import { NotKnownYet, ServiceWarning } from "../../health/errors.ts";
import { Duration } from "../../health/time/duration.ts";
import { Occurrence } from "../../health/time/occurrence.ts";
import { within } from "../../health/time/within.ts";

/** What listens to a topic until it ends. */
export interface TopicListener {
  /** Is aborted when it ends. */
  readonly ended: AbortSignal;
  /** Resolves when the broker has answered, and everything that it sent before has been heard. */
  ping(): Promise<void>;
}

/** How long a listener that is replaced may take to say that it has missed nothing. */
const handoverMilliseconds = 1000;

/**
 * What is known of the messages on a topic, over connections that listen to it one after the other. One that is replaced
 * listens until the next one does, so that nothing is missed; only one that was lost leaves a gap.
 */
export class TopicWatch {
  #listener: TopicListener | undefined;
  /** Since when nothing has come although somebody listened all the time. */
  #silentSince: Occurrence | undefined;
  #heardAt: Occurrence | undefined;
  #messages = 0;

  /** Takes a listener in place of the present one, once that has handed out all that came before. */
  async listen(listener: TopicListener): Promise<void> {
    const isUnbroken = await answers(this.#listener);
    if (!isUnbroken) this.#silentSince = new Occurrence();
    this.#listener = listener;
  }

  /**
   * A message has come. While two listen, both hear it, and it counts once.
   * @param ended of the listener that heard it
   */
  hear(ended: AbortSignal): void {
    const present = this.#listener?.ended;
    if (present !== undefined && !present.aborted && present !== ended) return;
    this.#heardAt = new Occurrence();
    this.#silentSince = this.#heardAt;
    this.#messages += 1;
  }

  /** How many messages have come since this was asked the last time. */
  takeMessages(): number {
    const messages = this.#messages;
    this.#messages = 0;
    return messages;
  }

  /** How long ago the last message came, or, before the first, since when somebody listens; undefined before that. */
  get silence(): Duration | undefined {
    const last = this.#heardAt ?? this.#silentSince;
    return last && new Duration(last.milliseconds);
  }

  /**
   * Judges the silence, of which only that counts in which somebody listened.
   * @throws ServiceWarning when it is too long; NotKnownYet when the last message came too long ago, but others may have been
   * missed since
   */
  expectSound(topic: string, maxSilence: Duration): void {
    const isTooLongAgo = (moment: Occurrence | undefined): boolean =>
      moment !== undefined && moment.awakeMilliseconds > maxSilence.milliseconds;
    const silence = `no message on ${topic} for ${wholeSeconds(this.silence)}`;
    if (isTooLongAgo(this.#silentSince)) {
      throw new ServiceWarning(`${silence}, expected one at least every ${maxSilence}`);
    }
    if (isTooLongAgo(this.#heardAt)) throw new NotKnownYet(`${silence}, but the connection was lost meanwhile`);
  }
}

async function answers(listener: TopicListener | undefined): Promise<boolean> {
  if (listener === undefined) return false;
  try {
    return await within(
      handoverMilliseconds,
      listener.ping().then(() => true),
      () => false,
    );
  } catch {
    return false; // It was lost, for whatever reason.
  }
}

function wholeSeconds({ seconds }: Duration = new Duration(0)): Duration {
  return new Duration(Math.floor(seconds) * 1000);
}
