import { lines, now, over, stackedBars, stat, yesOrNo } from "./panels.ts";
import { instances } from "./selectors.ts";

const instance = "{{instance}}";
const byReplica = "job, fleet, instance";
const byFleet = "job, fleet";
const noValue = "no fleet";

/** How the replicas are that share checks through Redis. */
export function fleetPanels() {
  return [connected(), replicas(), shards(), configurations(), held(), lost()];
}

function connected() {
  return stat(
    {
      title: "Connected to the fleet",
      description: "Whether the Redis of the fleet answers each replica. One that is cut off runs no shared check.",
      unit: "none",
      width: 6,
      height: 5,
      noValue,
    },
    now(`min by (${byReplica}) (healthspan_fleet_connected{${instances}})`, instance),
  ).mappings(yesOrNo("connected", "cut off"));
}

function replicas() {
  return stat(
    {
      title: "Replicas of the fleet",
      description: "How many replicas each fleet has, as the one says that knows most of them.",
      unit: "none",
      width: 6,
      height: 5,
      noValue,
    },
    now(`max by (${byFleet}) (healthspan_fleet_replicas{${instances}})`, "{{fleet}}"),
  );
}

function shards() {
  return stat(
    {
      title: "Shards that are held",
      description:
        "How many of the 256 shards of each fleet the chosen replicas hold. The checks of the others run nowhere.",
      unit: "none",
      width: 6,
      height: 5,
      thresholds: [
        { value: null, color: "red" },
        { value: 256, color: "green" },
      ],
      noValue,
    },
    now(`sum by (${byFleet}) (healthspan_fleet_shards{${instances}})`, "{{fleet}}"),
  );
}

function configurations() {
  return stat(
    {
      title: "Configurations of the fleet",
      description:
        "How many different configurations the replicas have. More than one is right during an update alone.",
      unit: "none",
      width: 6,
      height: 5,
      thresholds: [
        { value: null, color: "green" },
        { value: 2, color: "red" },
      ],
      noValue,
    },
    now(`max by (${byFleet}) (healthspan_fleet_configurations{${instances}})`, "{{fleet}}"),
  );
}

function held() {
  return lines(
    {
      title: "Shards of each replica",
      description: "How many shards each replica holds. After a replica has come or gone, all hold about as many.",
      unit: "none",
      width: 12,
      height: 8,
      noValue,
    },
    over(`max by (${byReplica}) (healthspan_fleet_shards{${instances}})`, instance),
  );
}

function lost() {
  const increase = (counter: string): string =>
    `sum by (${byReplica}) (increase(${counter}{${instances}}[$__rate_interval]))`;
  return stackedBars(
    {
      title: "Lost leases and refused results",
      description:
        "Shards that a replica lost instead of giving them back, because it was blocked or cut off; and results that did not count because another had taken the shard.",
      unit: "short",
      width: 12,
      height: 8,
      noValue,
    },
    over(increase("healthspan_fleet_leases_lost_total"), `lost · ${instance}`),
    over(increase("healthspan_fleet_commits_refused_total"), `refused · ${instance}`),
  );
}
