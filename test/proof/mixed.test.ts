import { describe, expect } from "vitest";
import { judge } from "../../proof/mixed.ts";
import { broken } from "../../proof/support/finding.ts";
import { measureMixed } from "../../proof/support/mixed/mixed-measurement.ts";
import { clickhouseProgram } from "../support/clickhouse-server.ts";
import { dovecotProgram } from "../support/dovecot-server.ts";
import { ftpProgram } from "../support/ftp-server.ts";
import { itWithService } from "../support/it-with-service.ts";
import { kcatProgram } from "../support/kafka-server.ts";
import { slapdProgram } from "../support/ldap-server.ts";
import { mariadbProgram } from "../support/mariadb-server.ts";
import { memcachedProgram } from "../support/memcached-server.ts";
import { mosquittoProgram } from "../support/mosquitto-server.ts";
import { natsProgram } from "../support/nats-server.ts";
import { postgresProgram } from "../support/postgres-server.ts";
import { rabbitmqProgram } from "../support/rabbitmq-server.ts";
import { redisProgram } from "../support/redis-server.ts";
import { smtpProgram } from "../support/smtp-server.ts";
import { sshProgram } from "../support/ssh-server.ts";

const programs = [
  ...[redisProgram, postgresProgram, mariadbProgram, memcachedProgram, slapdProgram, clickhouseProgram],
  ...[rabbitmqProgram, natsProgram, mosquittoProgram, kcatProgram],
  ...[smtpProgram, dovecotProgram, ftpProgram, sshProgram],
];

describe("checks of many kinds against real servers", () => {
  itWithService(
    programs,
    "run in each interval, over no more connections than they need",
    async () => {
      const measured = await measureMixed({ checks: 100, intervalSeconds: 4, seconds: 12 });
      // In so short a time, the memory has not come to rest.
      expect(broken(judge(measured, 2))).toEqual([]);
      expect(measured.kinds.length).toBeGreaterThan(10);
    },
    150_000,
  );
});
