const oneAddress =
  "a fleet needs one address that leads to the primary, also after a fail-over: BullMQ takes a client of one server and none of sentinels. Give fleet.redis the address of a service or proxy that follows the primary";

/** Options that one may expect, and why there are none, by their paths. */
export const refusedOptions: Readonly<Record<string, string>> = {
  "fleet.sentinels": oneAddress,
  "fleet.masterName": oneAddress,
  "fleet.clusterNodes":
    "give fleet.redis the address of the node that has the fleet's slot: all keys of a fleet are in one",
  "fleet.ca": "goes under tls, as in fleet.tls.ca",
  "fleet.password": "goes into fleet.redis, as in rediss://USER:PASSWORD@HOST, by a variable",
  "fleet.username": "goes into fleet.redis, as in rediss://USER:PASSWORD@HOST",
  "fleet.shards": "there are always 256 shards, so that all replicas agree on them",
  "fleet.replicas": "replicas find each other through Redis; nobody counts them",
};
