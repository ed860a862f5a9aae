/** What a panel shows of the known data: the legend of each query, and its value by the labels that tell its series apart. */
export interface PanelValues {
  readonly unit: string;
  readonly queries: readonly QueryValues[];
}

interface QueryValues {
  readonly legend: string;
  /** Values by labels, as PromQL writes them. */
  readonly values: Readonly<Record<string, number>>;
}

const one = 'job="healthspan", instance="one:9464"';
const two = 'job="healthspan", instance="two:9464"';
const byInstance = (first: number, second: number) => ({ [`{${one}}`]: first, [`{${two}}`]: second });

function panel(unit: string, ...queries: readonly (readonly [string, QueryValues["values"]])[]): PanelValues {
  return { unit, queries: queries.map(([legend, values]) => ({ legend, values })) };
}

const fleet = 'job="healthspan", instance="shop", fleet="shop"';
const ofReplicas = (first: number, second: number) => ({
  [`{${one}, fleet="shop"}`]: first,
  [`{${two}, fleet="shop"}`]: second,
});
const ofFleet = (value: number) => ({ '{job="healthspan", fleet="shop"}': value });

/** Of the samples of the check that moved: 119 and 4 were healthy, 121 not. */
const ofMoved = 123 / 244;
/** Of 240 samples each: healthy or degraded in so many, and known in so many. */
const available = 0.75 + 0.4 + 1 + 1 + 0.25 + 0.5 + 123 / 240;
const known = 1 + 0.5 + 1 + 1 + 0.25 + 0.5 + 244 / 240;

const ofCheck = (check: string, instance: string): string => `{${instance}, check="${check}"}`;
const failing = (check: string, instance: string, type: string, state: string, reason: string): string =>
  `{${instance}, check="${check}", type="${type}", state="${state}", error_type="${reason}"}`;

/** The panels of each dashboard, by its uid and their titles. */
export const panelValues: Readonly<Record<string, Readonly<Record<string, PanelValues>>>> = {
  "healthspan-overview": {
    "Checks by state": panel("none", [
      "{{state}}",
      {
        '{state="healthy"}': 1,
        '{state="degraded"}': 1,
        '{state="unhealthy"}': 3,
        '{state="unknown"}': 1,
        '{state="skipped"}': 1,
      },
    ]),
    Endpoints: panel("none", [
      "{{endpoint}} · {{instance}}",
      { [`{${one}, endpoint="/health/"}`]: 0, [`{${two}, endpoint="/health/"}`]: 1 },
    ]),
    Availability: panel("percentunit", ["Availability", { "{}": available / known }]),
    "Error budget left": panel("percentunit", ["Error budget left", { "{}": 1 - (1 - available / known) / 0.1 }]),
    "Not healthy now, and why": panel("short", [
      "",
      {
        [failing("shop", one, "http", "unhealthy", "status_code")]: 60,
        [failing("shop", two, "http", "unhealthy", "timeout")]: 5,
        [failing("disk", one, "disk", "degraded", "threshold")]: 240,
        [failing("mail", one, "http", "unknown", "none in this range")]: 0,
        [failing("orders", one, "http", "skipped", "none in this range")]: 0,
        [failing("payments", fleet, "http", "unhealthy", "none in this range")]: 0,
      },
    ]),
    "State of every check": panel("none", [
      "{{check}} · {{instance}}",
      {
        [ofCheck("shop", one)]: 2,
        [ofCheck("shop", two)]: 2,
        [ofCheck("disk", one)]: 1,
        [ofCheck("disk", two)]: 0,
        [ofCheck("mail", one)]: 3,
        [ofCheck("orders", one)]: 4,
        [ofCheck("payments", fleet)]: 2,
      },
    ]),
    "Slowest checks": panel("s", [
      "{{check}} · {{instance}}",
      {
        [ofCheck("shop", one)]: 0.5 + (0.5 * (0.95 * 10.25 - 8)) / 2.25,
        [ofCheck("shop", two)]: 0.1 + (0.4 * (9.5 - 2)) / 8,
        [ofCheck("disk", one)]: 0.095,
        [ofCheck("disk", two)]: 0.095,
        [ofCheck("payments", fleet)]: 0.1 + (0.4 * (19 - 10)) / 10,
      },
    ]),
    "Least available checks": panel("percentunit", [
      "{{check}} · {{instance}}",
      {
        [ofCheck("payments", fleet)]: ofMoved,
        [ofCheck("shop", one)]: 0.75,
        [ofCheck("shop", two)]: 0.8,
        [ofCheck("disk", one)]: 1,
        [ofCheck("disk", two)]: 1,
        [ofCheck("mail", one)]: 1,
        [ofCheck("orders", one)]: 1,
      },
    ]),
    "Smallest error budgets": panel("percentunit", [
      "{{check}} · {{instance}}",
      {
        [ofCheck("payments", fleet)]: 1 - (1 - ofMoved) / 0.1,
        [ofCheck("shop", one)]: -1.5,
        [ofCheck("shop", two)]: -1,
        [ofCheck("disk", one)]: 1,
        [ofCheck("disk", two)]: 1,
        [ofCheck("mail", one)]: 1,
        [ofCheck("orders", one)]: 1,
      },
    ]),
    // In the last five minutes both shops and the payments were unhealthy, and both disks available.
    "Burn rate of the error budget": panel(
      "none",
      ["5 minutes", { "{}": 6 }],
      ["1 hour", { "{}": (1 - available / known) / 0.1 }],
    ),
  },
  "healthspan-check": {
    State: panel("none", ["{{instance}}", byInstance(2, 2)]),
    Availability: panel("percentunit", ["{{instance}}", byInstance(0.75, 0.8)]),
    "Last run took": panel("s", ["{{instance}}", { [`{${one}}`]: 0.25 }]),
    "Since the last run and the last success": panel(
      "s",
      ["run · {{instance}}", byInstance(15, 7)],
      ["success · {{instance}}", { [`{${one}}`]: 907 }],
    ),
    "Failures in a row": panel("none", ["{{instance}}", byInstance(3, 1)]),
    "State over time": panel("none", ["{{instance}}", byInstance(2, 2)]),
    Durations: panel("none", ["{{le}}", { '{le="0.1"}': 32, '{le="0.5"}': 72, '{le="1"}': 81, '{le="+Inf"}': 81 }]),
    "Percentiles of the duration": panel(
      "s",
      ["50 %", { "{}": 0.1 + (0.4 * (0.5 * 20.25 - 8)) / 10 }],
      ["95 %", { "{}": 0.5 + (0.5 * (0.95 * 20.25 - 18)) / 2.25 }],
      ["99 %", { "{}": 0.5 + (0.5 * (0.99 * 20.25 - 18)) / 2.25 }],
    ),
    "Runs by outcome": panel("short", [
      "{{error_type}}",
      { '{error_type="healthy"}': 80, '{error_type="status_code"}': 1, '{error_type="timeout"}': 0 },
    ]),
    Reasons: panel("short", ["{{error_type}}", { '{error_type="status_code"}': 60, '{error_type="timeout"}': 5 }]),
    Labels: panel("none", [
      "",
      {
        [`{${one}, region="eu", check="shop", type="http", url="https://shop.example/", state="healthy"}`]: 0,
        [`{${two}, region="us", check="shop", type="http", url="https://shop.example/", state="healthy"}`]: 0,
      },
    ]),
  },
  "healthspan-itself": {
    Reachable: panel("none", ["{{instance}}", byInstance(1, 0)]),
    Configuration: panel("none", ["{{instance}}", byInstance(0, 1)]),
    "Since the configuration was loaded": panel("s", ["{{instance}}", byInstance(607, 3547)]),
    Reloads: panel("none", ["{{instance}}", byInstance(1, 0)]),
    Versions: panel("none", [
      "",
      {
        [`{${one}, service_name="shop", service_version="1.2.3", host_name="a"}`]: 1,
        [`{${two}, service_name="shop", service_version="1.2.3", host_name="a"}`]: 1,
      },
    ]),
    "Runs per second": panel("ops", ["{{instance}}", byInstance(21.25 / 15, 30 / 15)]),
    "Runs that did not start or count": panel("short", [
      "{{reason}}",
      { '{reason="running"}': 6, '{reason="dependency"}': 8 },
    ]),
    "Scheduler lag": panel(
      "s",
      ["50 % · {{instance}}", byInstance(0.001, 0.0005)],
      ["99 % · {{instance}}", byInstance(0.001 + (0.099 * 4.9) / 5, 0.00099)],
    ),
    "Event loop delay": panel(
      "s",
      ["50 % · {{instance}}", byInstance(0.01, 0.005)],
      ["99 % · {{instance}}", byInstance(0.01 + (0.99 * 4.9) / 5, 0.0099)],
    ),
    "Failed exports": panel("short", [
      "{{signal}} · {{instance}}",
      { [`{${one}, signal="traces"}`]: 4, [`{${two}, signal="traces"}`]: 0, ...byInstance(0, 0) },
    ]),
    "Scrape duration": panel("s", ["{{instance}}", byInstance(0.05, 0.3)]),
    "Samples per scrape": panel("short", ["{{instance}}", byInstance(1000, 2000)]),
    Notices: panel("short", [
      "{{channel}} · {{outcome}}",
      { '{channel="ops", outcome="sent"}': 4, '{channel="ops", outcome="failed"}': 8 },
    ]),
    Memory: panel("bytes", ["{{instance}}", byInstance(1e8, 2e8)]),
    "Processor time": panel("percentunit", ["{{instance}}", byInstance(0.02, 0.3)]),
    "Connected to the fleet": panel("none", ["{{instance}}", ofReplicas(1, 0)]),
    "Replicas of the fleet": panel("none", ["{{fleet}}", ofFleet(3)]),
    "Shards that are held": panel("none", ["{{fleet}}", ofFleet(256)]),
    "Configurations of the fleet": panel("none", ["{{fleet}}", ofFleet(2)]),
    "Shards of each replica": panel("none", ["{{instance}}", ofReplicas(100, 156)]),
    "Lost leases and refused results": panel(
      "short",
      ["lost · {{instance}}", ofReplicas(4, 0)],
      ["refused · {{instance}}", ofReplicas(0, 8)],
    ),
  },
};

/** What the dashboard of one check shows of the check that a fleet shares and that moved; the panels that are left out have no data. */
export const movedPanelValues: Readonly<Record<string, PanelValues>> = {
  State: panel("none", ["{{instance}}", { '{job="healthspan", instance="shop", fleet="shop"}': 2 }]),
  Availability: panel("percentunit", [
    "{{instance}}",
    { '{job="healthspan", instance="shop", fleet="shop"}': ofMoved },
  ]),
  "State over time": panel("none", ["{{instance}}", { '{job="healthspan", instance="shop", fleet="shop"}': 2 }]),
  Durations: panel("none", ["{{le}}", { '{le="0.1"}': 40, '{le="0.5"}': 80, '{le="1"}': 80, '{le="+Inf"}': 80 }]),
  "Percentiles of the duration": panel(
    "s",
    ["50 %", { "{}": 0.1 }],
    ["95 %", { "{}": 0.1 + (0.4 * (19 - 10)) / 10 }],
    ["99 %", { "{}": 0.1 + (0.4 * (19.8 - 10)) / 10 }],
  ),
  "Runs by outcome": panel("short", ["{{error_type}}", { '{error_type="healthy"}': 80 }]),
};

/** The same where metrics are pushed, with the labels of `/metrics`: a scrape says things of itself that a push does not. */
export const pushedPanelValues: typeof panelValues = {
  ...panelValues,
  "healthspan-itself": Object.fromEntries([
    ["Since the last push", panel("s", ["{{instance}}", byInstance(7, 7)])],
    ...Object.entries(panelValues["healthspan-itself"] ?? {}).filter(
      ([title]) => !["Reachable", "Scrape duration", "Samples per scrape"].includes(title),
    ),
  ]),
};
