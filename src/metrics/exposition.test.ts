import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { negotiate, render } from "./exposition.ts";
import { counter, gauge, info, MetricGroup } from "./group.ts";
import { figure } from "./read.ts";

/** What Prometheus 2.42 asks with. */
const PROMETHEUS =
  "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75," +
  "text/plain;version=0.0.4;q=0.5,*/*;q=0.1";

function groups(): MetricGroup[] {
  const stream = new MetricGroup("s", ["stream"], 10, [
    counter("rscap_stream_bytes", "Octets", figure("bytes")),
    gauge("rscap_level", "A\\level\nin two lines", figure("level")),
    info("rscap_stream", "What it is"),
  ]);
  stream.write(["a"], { bytes: 1e21, level: Number.POSITIVE_INFINITY }, 0);
  stream.write(["b"], { bytes: 5, level: -0.5 }, 0);
  const whole = new MetricGroup("w", [], 1, [gauge("rscap_streams", "Streams", figure("n"))]);
  whole.write([], { n: 2 }, 0);
  const none = new MetricGroup("n", ["x"], 1, [gauge("rscap_nothing", "Nothing", figure("n"))]);
  return [stream, whole, none];
}

describe("text for Prometheus", () => {
  test("version 0.0.4", () => {
    expect(render(groups(), "text")).toBe(`# HELP rscap_stream_bytes_total Octets
# TYPE rscap_stream_bytes_total counter
rscap_stream_bytes_total{stream="a"} 1e+21
rscap_stream_bytes_total{stream="b"} 5
# HELP rscap_level A\\\\level\\nin two lines
# TYPE rscap_level gauge
rscap_level{stream="a"} +Inf
rscap_level{stream="b"} -0.5
# HELP rscap_stream_info What it is
# TYPE rscap_stream_info gauge
rscap_stream_info{stream="a"} 1
rscap_stream_info{stream="b"} 1
# HELP rscap_streams Streams
# TYPE rscap_streams gauge
rscap_streams 2
`);
  });

  test("OpenMetrics 1.0: names without suffix in the heads, units, the end", () => {
    const text = render(groups(), "openmetrics");
    expect(text).toContain(
      "# TYPE rscap_stream_bytes counter\n# UNIT rscap_stream_bytes bytes\n# HELP rscap_stream_bytes Octets\n" +
        'rscap_stream_bytes_total{stream="a"} 1e+21\n',
    );
    expect(text).toContain("# TYPE rscap_stream info\n# HELP rscap_stream What it is\nrscap_stream_info{");
    expect(text).toEndWith("rscap_streams 2\n# EOF\n");
  });

  test("which one goes by the Accept header", () => {
    expect(negotiate(PROMETHEUS)).toBe("openmetrics");
    expect(negotiate("application/openmetrics-text")).toBe("openmetrics");
    expect(negotiate("application/openmetrics-text; version=2.0.0")).toBe("text");
    expect(negotiate("application/openmetrics-text;q=0.2, text/plain")).toBe("text");
    expect(negotiate("application/openmetrics-text;q=0, text/plain;q=0")).toBe("text");
    expect(negotiate("")).toBe("text");
    expect(negotiate("text/html, */*;q=0.8")).toBe("text");
    fc.assert(fc.property(fc.string(), (accept) => ["text", "openmetrics"].includes(negotiate(accept))));
  });
});
