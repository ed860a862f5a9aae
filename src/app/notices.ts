import type { Configuration } from "../config/configuration.ts";
import type { HealthMonitor } from "../engine/monitor.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { Notifier } from "../notices/notifier.ts";
import type { Outbox } from "../notices/outbox.ts";
import type { Observers } from "./observers.ts";

/** What {@link Notices} work with. */
export interface NoticesOptions {
  readonly monitor: HealthMonitor;
  readonly observers: Observers;
  /** Keeps what is to be sent and what was told over a restart; undefined keeps nothing. */
  readonly outbox?: Outbox | undefined;
  /** The fleet whose replicas tell together. */
  readonly fleet?: Fleet | undefined;
}

/** Tells the channels of a configuration. Nothing of it is loaded before there is a channel. */
export class Notices {
  readonly #options: NoticesOptions;
  #configuration: Configuration;
  #opening: Promise<Notifier> | undefined;
  #notifier: Notifier | undefined;
  #isClosed = false;

  static async start(configuration: Configuration, options: NoticesOptions): Promise<Notices> {
    const notices = new Notices(configuration, options);
    await notices.take(configuration);
    return notices;
  }

  private constructor(configuration: Configuration, options: NoticesOptions) {
    this.#configuration = configuration;
    this.#options = options;
  }

  /** Takes a changed configuration. */
  async take(configuration: Configuration): Promise<void> {
    this.#configuration = configuration;
    const { channels, checks, server } = configuration;
    if (this.#notifier !== undefined) this.#notifier.replace(channels, checks, server.publicUrl);
    else if (channels.length > 0) await this.#open();
  }

  /** @param milliseconds how long it may take */
  async close(milliseconds: number): Promise<void> {
    this.#isClosed = true;
    await this.#notifier?.close(milliseconds);
  }

  async #open(): Promise<void> {
    this.#opening ??= this.#load();
    const notifier = await this.#opening;
    if (this.#notifier !== undefined || this.#isClosed) return;
    this.#notifier = notifier;
    this.#options.observers.add(notifier.observed);
    // The monitor keeps the former object of a check of which only `notify` has changed.
    notifier.watch(this.#options.monitor, this.#configuration.checks);
  }

  async #load(): Promise<Notifier> {
    const { Notifier } = await import("../notices/notifier.ts");
    const { channels, server } = this.#configuration;
    const { fleet, monitor } = this.#options;
    const sharing = fleet && new (await import("./fleet-telling.ts")).FleetTelling(fleet, monitor);
    return Notifier.open({
      channels,
      outbox: this.#options.outbox,
      sharing,
      publicUrl: server.publicUrl,
      hasSecretPath: (path) => {
        const authentication = this.#configuration.authentication.get(path);
        return authentication !== undefined && "path" in authentication;
      },
    });
  }
}
