/** The dashboard for Grafana in docs/grafana.json: a row a subject, each panel a few queries. */

/** Width of the whole page in Grafana's own unit, and height of a panel. */
const PAGE_COLUMNS = 24;
const PANEL_ROWS = 8;

/** The data source that the reader chooses on the page. */
const SOURCE = { type: "prometheus", uid: "$source" };

/** One panel: its heading, unit in Grafana's words, and queries with their legends. */
interface PanelPlan {
  readonly title: string;
  readonly unit: string;
  readonly queries: readonly (readonly [query: string, legend: string])[];
  /** A sentence for the tooltip. */
  readonly help?: string;
}

const SELECTED = 'probe=~"$probe",stream=~"$stream"';
const PROBE = 'probe=~"$probe"';

/** Increase over the time that one point of the picture stands for. */
function increase(metric: string, by: string, selector: string = SELECTED): string {
  return `sum by (${by}) (increase(${metric}{${selector}}[$__rate_interval]))`;
}

/** The rows of the dashboard. */
const ROWS: readonly (readonly [title: string, panels: readonly PanelPlan[]])[] = [
  [
    "Probes",
    [
      { title: "Probes up", unit: "bool", queries: [[`rscap_probe_up{${PROBE}}`, "{{probe}}"]] },
      {
        title: "Findings now",
        unit: "short",
        queries: [
          [`rscap_finding_errors{${PROBE}}`, "{{probe}} errors"],
          [`rscap_finding_warnings{${PROBE}}`, "{{probe}} warnings"],
        ],
      },
      {
        title: "Packets dropped before the analysers",
        unit: "short",
        help: "By reason; kernel and interface mean that losses of the streams may be the probe's own.",
        queries: [
          [increase("rscap_input_dropped_packets_total", "probe, reason", PROBE), "{{probe}} {{reason}}"],
        ],
      },
    ],
  ],
  [
    "Streams",
    [
      {
        title: "Bit rate",
        unit: "bps",
        queries: [[`8 * rscap_stream_bytes_per_second{${SELECTED}}`, "{{probe}} {{stream}}"]],
      },
      {
        title: "Continuity errors",
        unit: "short",
        queries: [[increase("rscap_continuity_errors_total", "probe, stream"), "{{probe}} {{stream}}"]],
      },
      {
        title: "RTP packets lost",
        unit: "short",
        queries: [[increase("rscap_rtp_lost_packets_total", "probe, stream"), "{{probe}} {{stream}}"]],
      },
      {
        title: "TR 101 290",
        unit: "short",
        queries: [
          [
            `${increase("rscap_tr101290_errors_total", "stream, indicator, name")} > 0`,
            "{{stream}} {{indicator}} {{name}}",
          ],
        ],
      },
      {
        title: "Findings",
        unit: "short",
        queries: [
          [
            `${increase("rscap_finding_occurrences_total", "stream, code, severity")} > 0`,
            "{{stream}} {{code}}",
          ],
        ],
      },
      {
        title: "Jitter and delay factor",
        unit: "s",
        queries: [
          [`rscap_rtp_jitter_seconds{${SELECTED}}`, "{{stream}} RTP jitter"],
          [`rscap_mdi_delay_factor_seconds{${SELECTED}}`, "{{stream}} MDI DF"],
        ],
      },
      {
        title: "Bit rate by PID, the ten largest",
        unit: "bps",
        queries: [[`topk(10, 8 * rscap_pid_bytes_per_second{${SELECTED}})`, "{{stream}} PID {{pid}}"]],
      },
      {
        title: "PCR: largest accuracy error and jitter",
        unit: "s",
        queries: [
          [`rscap_pcr_accuracy_max_seconds{${SELECTED}}`, "{{stream}} PID {{pid}} accuracy"],
          [`rscap_pcr_jitter_max_seconds{${SELECTED}}`, "{{stream}} PID {{pid}} jitter"],
        ],
      },
      {
        title: "ST 2110-20: incomplete frames",
        unit: "short",
        queries: [
          [
            `increase(rscap_st2110_video_frames_total{${SELECTED}}[$__rate_interval]) - ` +
              `increase(rscap_st2110_video_complete_frames_total{${SELECTED}}[$__rate_interval])`,
            "{{stream}}",
          ],
        ],
      },
    ],
  ],
  [
    "Delivery",
    [
      {
        title: "Messages lost on the way to the client",
        unit: "short",
        queries: [
          [
            increase("rscap_client_stream_lost_messages_total", "probe, stream, kind"),
            "{{probe}} {{stream}} {{kind}}",
          ],
        ],
      },
      {
        title: "Dropped by sinks and outputs",
        unit: "short",
        queries: [
          [
            "sum by (sink) (increase(rscap_sink_dropped_documents_total[$__rate_interval]))",
            "{{sink}} documents",
          ],
          [
            "sum by (sink) (increase(rscap_output_dropped_packets_total[$__rate_interval]))",
            "{{sink}} packets",
          ],
        ],
      },
      {
        title: "Queue of the publisher",
        unit: "short",
        queries: [
          [`rscap_published_queued_messages{${PROBE}}`, "{{probe}} queued"],
          [`rscap_published_queue_limit_messages{${PROBE}}`, "{{probe}} limit"],
        ],
      },
    ],
  ],
  [
    "Machines",
    [
      {
        title: "CPU",
        unit: "percentunit",
        queries: [
          [`rscap_host_cpu_busy_ratio{${PROBE}}`, "{{probe}} all cores"],
          [`rate(rscap_probe_cpu_seconds_total{${PROBE}}[$__rate_interval])`, "{{probe}} rscap, of one core"],
        ],
      },
      {
        title: "Memory",
        unit: "bytes",
        queries: [
          [`rscap_probe_resident_memory_bytes{${PROBE}}`, "{{probe}} rscap"],
          [`rscap_host_memory_available_bytes{${PROBE}}`, "{{probe}} available"],
        ],
      },
      {
        title: "Network devices: errors and missed packets",
        unit: "short",
        queries: [
          [
            increase("rscap_interface_receive_errors_total", "probe, device", PROBE),
            "{{probe}} {{device}} errors",
          ],
          [
            increase("rscap_interface_receive_missed_packets_total", "probe, device", PROBE),
            "{{probe}} {{device}} missed",
          ],
        ],
      },
      {
        title: "Clock: bound of the error",
        unit: "s",
        queries: [[`rscap_clock_max_error_seconds{${PROBE}}`, "{{probe}}"]],
      },
      {
        title: "Packet ring: part that waits",
        unit: "percentunit",
        queries: [
          [`rscap_input_ring_waiting_blocks{${PROBE}} / rscap_input_ring_blocks{${PROBE}}`, "{{probe}}"],
        ],
      },
      {
        title: "Free disk space",
        unit: "bytes",
        queries: [[`rscap_disk_free_bytes{${PROBE}}`, "{{probe}} {{path}}"]],
      },
    ],
  ],
];

/** Every query of the dashboard's panels. */
export function dashboardQueries(): string[] {
  return ROWS.flatMap(([, panels]) => panels.flatMap(({ queries }) => queries.map(([query]) => query)));
}

function variable(name: string, label: string, query: string): object {
  return {
    name,
    label,
    type: "query",
    datasource: SOURCE,
    query: { query, refId: name },
    refresh: 2,
    multi: true,
    includeAll: true,
    allValue: ".*",
    current: { text: "All", value: "$__all" },
  };
}

function panel(plan: PanelPlan, id: number, x: number, y: number, w: number): object {
  const { title, unit, queries, help } = plan;
  return {
    id,
    type: "timeseries",
    title,
    ...(help === undefined ? {} : { description: help }),
    datasource: SOURCE,
    gridPos: { x, y, w, h: PANEL_ROWS },
    fieldConfig: {
      defaults: { unit, min: 0, custom: { fillOpacity: 10, showPoints: "never" } },
      overrides: [],
    },
    options: {
      legend: { displayMode: "list", placement: "bottom" },
      tooltip: { mode: "multi", sort: "desc" },
    },
    targets: queries.map(([expr, legendFormat], i) => ({
      refId: String.fromCharCode(65 + i),
      datasource: SOURCE,
      expr,
      legendFormat,
    })),
  };
}

/** The dashboard as Grafana imports it. */
export function grafanaDashboard(): string {
  const panels: object[] = [];
  let y = 0;
  const nextId = (): number => panels.length + 1;
  const columns = 3;
  const w = PAGE_COLUMNS / columns;
  for (const [title, plans] of ROWS) {
    panels.push({
      id: nextId(),
      type: "row",
      title,
      collapsed: false,
      gridPos: { x: 0, y, w: PAGE_COLUMNS, h: 1 },
      panels: [],
    });
    y++;
    for (const [i, plan] of plans.entries()) {
      panels.push(panel(plan, nextId(), (i % columns) * w, y + Math.floor(i / columns) * PANEL_ROWS, w));
    }
    y += Math.ceil(plans.length / columns) * PANEL_ROWS;
  }
  const dashboard = {
    uid: "rscap",
    title: "rscap",
    tags: ["rscap", "mpeg-ts", "st2110"],
    schemaVersion: 38,
    editable: true,
    refresh: "10s",
    time: { from: "now-1h", to: "now" },
    timezone: "browser",
    templating: {
      list: [
        { name: "source", label: "Data source", type: "datasource", query: "prometheus" },
        variable("probe", "Probe", "label_values(rscap_probe_up, probe)"),
        variable("stream", "Stream", 'label_values(rscap_stream_packets_total{probe=~"$probe"}, stream)'),
      ],
    },
    annotations: { list: [] },
    panels,
  };
  return `${JSON.stringify(dashboard, null, 2)}\n`;
}
