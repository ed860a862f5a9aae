import { expect } from "vitest";
import type { Reason } from "./reason.ts";

/** What is in the file has variables of compose in it, which only look like templates. */
const variable = (text: string): string => ["$", "{", text, "}"].join("");

const service = (name: string, rows: readonly Reason[]): readonly Reason[] =>
  rows.map(([path, value, reason]) => [`services/${name}/${path}`, value, reason]);

const own = ["CMD", "healthspan", "check", "--url", "http://127.0.0.1:9464/health/self/", "--timeout", "4s"];

export const compose: readonly Reason[] = [
  ["name", "healthspan", "the same containers from any folder"],
  ["x-confined/**", expect.anything(), "merged into the services, where its values are looked at"],
  ["x-healthspan/**", expect.anything(), "merged into the services, where its values are looked at"],
  ["x-replica/**", expect.anything(), "merged into the services, where its values are looked at"],
  ...service("*", [
    ["read_only", true, "writes to its volumes only"],
    ["cap_drop", ["ALL"], "none is needed but those that are added"],
    ["security_opt", ["no-new-privileges:true"], "no program becomes root"],
    ["restart", "unless-stopped", "comes back after a crash and with the machine"],
    ["logging/driver", "local", "rotates by itself"],
    ["logging/options/max-size", "10m", "logs do not fill the disk"],
    ["profiles", ["all"], "not in the small profile"],
    ["networks", ["inner"], "reached by the others, and reaches nobody outside"],
    ["tmpfs", ["/tmp"], "on a read-only file system, something wants to write there"],
    ["image", expect.stringMatching(/^[\w./-]+:v?\d[\w.-]*@sha256:[0-9a-f]{64}$/), "by version and digest"],
    ["healthcheck/interval", "15s", "noticed within the time in which checks run"],
    ["healthcheck/timeout", "5s", "longer than what it asks may take"],
    ["healthcheck/start_interval", expect.stringMatching(/^[12]s$/), "`up --wait` returns soon"],
    ["healthcheck/start_period", expect.stringMatching(/^(10|20|60)s$/), "a start is no failure yet"],
    ["build", ".", "the image of this checkout"],
    ["ports", ["127.0.0.1:9464:9464"], "from this machine alone"],
    ["stop_grace_period", "15s", "longer than a stop takes (9 s): docker's own 10 s leave nothing"],
  ]),
  ...service("healthspan", [
    ["image", "healthspan:local", "built here"],
    ["environment/OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318", "traces go to Tempo by way of the collector"],
    ["environment/OTEL_METRICS_EXPORTER", "none", "Prometheus scrapes them: a second copy would count twice"],
    ["environment/POSTGRES_PASSWORD", variable("POSTGRES_PASSWORD:-healthspan"), "the same as the server's"],
    [
      "volumes",
      ["./examples/demo/healthspan.yaml:/etc/healthspan/healthspan.yaml:ro", "healthspan-state:/var/lib/healthspan"],
      "its configuration, and a state that outlives the container",
    ],
    ["networks", ["published", "inner"], "ports are published from a network that leads out"],
    ["healthcheck/test", own, "the process itself: what it watches may be down"],
    ["depends_on/redis/condition", "service_healthy", "else its check fails at the start"],
    ["depends_on/postgres/condition", "service_healthy", "else its check fails at the start"],
    ["depends_on/shop/condition", "service_healthy", "else its checks fail at the start"],
    ["depends_on/collector/condition", "service_started", "it cannot ask itself"],
  ]),
  ...service("healthspan-core", [
    ["image", "healthspan:local", "built here"],
    ["profiles", ["core"], "the small one's"],
    [
      "volumes",
      ["./examples/demo/core.yaml:/etc/healthspan/healthspan.yaml:ro", "healthspan-state:/var/lib/healthspan"],
      "its configuration, and a state that outlives the container",
    ],
    ["networks/published", null, "its port is published"],
    ["networks/inner/aliases", ["healthspan"], "the name that Prometheus scrapes"],
    ["healthcheck/test", own, "the process itself: what it watches may be down"],
  ]),
  ...["healthspan-fleet-0", "healthspan-fleet-1", "healthspan-fleet-2"].flatMap((name) =>
    service(name, [
      ["image", "healthspan:local", "built here"],
      [
        "pull_policy",
        name === "healthspan-fleet-0" ? "build" : "never",
        "nobody publishes this image, and the first of them builds it",
      ],
      ["profiles", ["fleet"], "those that share the checks"],
      [
        "volumes",
        ["./examples/fleet/healthspan.yaml:/etc/healthspan/healthspan.yaml:ro"],
        "the same configuration for each",
      ],
      ["networks", ["published", "inner"], "the first is published, and what they watch is outside"],
      ["healthcheck/test", own, "the process itself: what it watches may be down"],
      ["depends_on/redis/condition", "service_healthy", "where they meet"],
    ]),
  ),
  ...service("shop", [
    ["image", "healthspan:local", "it has the packages that the shop needs"],
    ["pull_policy", "never", "nobody publishes this image"],
    ["entrypoint", ["node", "/app/demo/shop.ts"], "another program of the same image"],
    ["command", [], "not the image's own"],
    ["volumes", ["./examples/demo/shop.ts:/app/demo/shop.ts:ro"], "in a folder that finds the image's packages"],
    ["environment/DEMO_FAULTS", variable("DEMO_FAULTS:-0"), "good and bad days"],
    ["environment/OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318", "its spans are in the trace of a check"],
    [
      "healthcheck/test",
      expect.arrayContaining([expect.stringContaining("fetch('http://127.0.0.1:8080/')")]),
      "it answers",
    ],
  ]),
  ...service("redis", [
    ["profiles", ["all", "fleet"], "what is watched, and where a fleet meets"],
    ["user", "999:1000", "its entry point needs root only to become this"],
    [
      "command",
      ["redis-server", "--save", "", "--appendonly", "no", "--maxmemory", "64mb"],
      "a cache: bounded, and not kept",
    ],
    ["tmpfs", ["/data"], "its working folder"],
    ["healthcheck/test", ["CMD", "redis-cli", "ping"], "it answers"],
  ]),
  ...service("postgres", [
    ["cap_add", ["CHOWN", "DAC_READ_SEARCH", "FOWNER", "SETGID", "SETUID"], "its entry point begins as root"],
    ["environment/POSTGRES_USER", "healthspan", "who logs in"],
    ["environment/POSTGRES_PASSWORD", variable("POSTGRES_PASSWORD:-healthspan"), "the same as the check's"],
    ["environment/POSTGRES_DB", "shop", "what the check asks"],
    ["tmpfs", ["/tmp", "/var/run/postgresql"], "its socket"],
    ["volumes", ["postgres-data:/var/lib/postgresql/data"], "outlives the container"],
    [
      "healthcheck/test",
      ["CMD", "pg_isready", "--host", "127.0.0.1", "--username", "healthspan", "--dbname", "shop"],
      "over TCP: while it is made, it listens on its socket alone",
    ],
  ]),
  ...service("collector", [
    ["command", ["--config=/etc/otelcol/config.yaml"], "the mounted file"],
    ["volumes", ["./deploy/compose/collector.yaml:/etc/otelcol/config.yaml:ro"], "its configuration"],
    ["depends_on/tempo/condition", "service_started", "where it sends traces"],
  ]),
  ...service("tempo", [
    ["user", "10001:10001", "not root"],
    ["command", ["-config.file=/etc/tempo.yaml"], "the mounted file"],
    [
      "volumes",
      ["./deploy/compose/tempo.yaml:/etc/tempo.yaml:ro", "tempo-data:/var/tempo"],
      "its configuration and its traces",
    ],
    ["healthcheck/test", ["CMD", "/tempo", "-health"], "its own question"],
    ["healthcheck/timeout", "6s", "it waits five seconds itself"],
    ["depends_on/tempo-volume/condition", "service_completed_successfully", "its volume belongs to root before"],
  ]),
  ...service("tempo-volume", [
    ["user", "0:0", "only root gives a folder away"],
    ["cap_add", ["CHOWN"], "and with this alone"],
    ["entrypoint", ["chown", "10001:10001", "/var/tempo"], "Tempo's user"],
    ["command", [], "not the image's own"],
    ["restart", "no", "it runs once"],
    ["network_mode", "none", "needs none"],
    ["volumes", ["tempo-data:/var/tempo"], "the folder that is given away"],
  ]),
  ...service("prometheus", [
    ["profiles", ["core", "all"], "part of both"],
    [
      "command",
      [
        "--config.file=/etc/prometheus/prometheus.yml",
        "--storage.tsdb.path=/prometheus",
        "--storage.tsdb.retention.time=31d",
        "--enable-feature=exemplar-storage",
      ],
      "thirty days of availability; exemplars are what leads from a graph to a trace",
    ],
    [
      "volumes",
      [
        "./prometheus/prometheus.yml:/etc/prometheus/prometheus.yml:ro",
        "./prometheus/rules:/etc/prometheus/rules:ro",
        "prometheus-data:/prometheus",
      ],
      "configuration, rules, and what was measured",
    ],
    ["healthcheck/test", ["CMD", "promtool", "check", "ready", "--url=http://127.0.0.1:9090"], "it answers queries"],
    ["depends_on/*/condition", "service_healthy", "its first scrape finds something"],
    ["depends_on/*/required", false, "whichever the profile starts"],
  ]),
  ...service("prometheus-fleet", [
    ["profiles", ["fleet"], "the one that scrapes all replicas"],
    [
      "command",
      [
        "--config.file=/etc/prometheus/prometheus.yml",
        "--storage.tsdb.path=/prometheus",
        "--storage.tsdb.retention.time=31d",
        "--enable-feature=exemplar-storage",
      ],
      "as the other one",
    ],
    [
      "volumes",
      [
        "./examples/fleet/prometheus.yml:/etc/prometheus/prometheus.yml:ro",
        "./prometheus/rules:/etc/prometheus/rules:ro",
        "prometheus-data:/prometheus",
      ],
      "configuration, rules, and what was measured",
    ],
    ["networks/inner/aliases", ["prometheus"], "the name by which Grafana knows it"],
    ["healthcheck/test", ["CMD", "promtool", "check", "ready", "--url=http://127.0.0.1:9090"], "it answers queries"],
    ["depends_on/*/condition", "service_healthy", "its first scrape finds something"],
  ]),
  ...service("alertmanager", [
    [
      "command",
      ["--config.file=/etc/alertmanager/alertmanager.yml", "--storage.path=/alertmanager", "--cluster.listen-address="],
      "one alone: it looks for no others",
    ],
    [
      "volumes",
      ["./prometheus/alertmanager.yml:/etc/alertmanager/alertmanager.yml:ro", "alertmanager-data:/alertmanager"],
      "its configuration, and silences that outlive it",
    ],
    ["healthcheck/test", ["CMD", "wget", "--quiet", "--spider", "http://127.0.0.1:9093/-/ready"], "it is ready"],
  ]),
  ...service("grafana", [
    ["profiles", ["core", "all", "fleet"], "part of each"],
    ["ports", ["127.0.0.1:3000:3000"], "from this machine alone: nobody logs in"],
    ["networks", ["published", "inner"], "ports are published from a network that leads out"],
    ["environment/GF_AUTH_ANONYMOUS_ENABLED", "true", "to look without an account"],
    ["environment/GF_AUTH_ANONYMOUS_ORG_ROLE", "Editor", "explores traces, and administers nothing"],
    ["environment/GF_AUTH_BASIC_ENABLED", "false", "the well-known password of the administrator opens nothing"],
    ["environment/GF_AUTH_DISABLE_LOGIN_FORM", "true", "nor by the form"],
    [
      "environment/GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH",
      "/etc/grafana/dashboards/healthspan-overview.json",
      "the first page",
    ],
    ["environment/GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES", "false", "asks nobody outside"],
    ["environment/GF_ANALYTICS_CHECK_FOR_UPDATES", "false", "asks nobody outside"],
    ["environment/GF_ANALYTICS_REPORTING_ENABLED", "false", "reports to nobody"],
    ["environment/GF_NEWS_NEWS_FEED_ENABLED", "false", "asks nobody outside"],
    ["environment/GF_PLUGINS_PREINSTALL_DISABLED", "true", "downloads nothing"],
    [
      "volumes",
      [
        "./grafana/provisioning:/etc/grafana/provisioning:ro",
        "./grafana/dashboards:/etc/grafana/dashboards:ro",
        "grafana-data:/var/lib/grafana",
      ],
      "provisioned, and what users keep",
    ],
    ["healthcheck/test", ["CMD", "wget", "--quiet", "--spider", "http://127.0.0.1:3000/api/health"], "it answers"],
    ["depends_on/prometheus/condition", "service_healthy", "its first page has data"],
    ["depends_on/prometheus/required", false, "whichever the profile starts"],
    ["depends_on/prometheus-fleet/condition", "service_healthy", "its first page has data"],
    ["depends_on/prometheus-fleet/required", false, "whichever the profile starts"],
    ["depends_on/tempo/condition", "service_healthy", "links to traces lead somewhere"],
    ["depends_on/tempo/required", false, "not in the small profile"],
  ]),
  ["networks/published", null, "leads out"],
  ["networks/inner/internal", true, "leads nowhere else"],
  ["volumes/*", null, "named, so that `down` keeps it"],
];
