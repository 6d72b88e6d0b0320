import { describe, expect } from "bun:test";
import { readFileSync } from "node:fs";
import type { Descriptor } from "../../src/mpegts/psi/descriptors/descriptor.ts";
import type { Table } from "../../src/mpegts/psi/store.ts";
import type { TableContent } from "../../src/mpegts/psi/tables/parse.ts";
import { runPsi } from "../helpers/psi-run.ts";
import { needsShared, testWith } from "../helpers/skip.ts";
import { parseXml, type XmlElement } from "../helpers/xml.ts";
import { sharedData } from "../shared-data.ts";

/** Streams whose tables TSDuck has written out as XML. */
const STREAMS = ["012", "025", "072", "139"];

/** One element in a form that both sides are brought to: name, values, what stands within. */
interface Node {
  name: string;
  values: Record<string, string | number | boolean>;
  children: Node[];
  text?: string;
}

const node = (name: string, values: Node["values"], children: Node[] = []): Node => ({
  name,
  values,
  children,
});

/** Decimal and hexadecimal numbers as numbers, true and false as booleans, the rest as text. */
function value(text: string): string | number | boolean {
  if (text === "true" || text === "false") return text === "true";
  const plain = text.replaceAll(",", "");
  return /^(0x[0-9A-F]+|\d+)$/i.test(plain) ? Number(plain) : text;
}

function fromXml(element: XmlElement): Node {
  const values = Object.fromEntries(
    Object.entries(element.attributes).map(([key, text]) => [key, value(text)]),
  );
  const whole = node(element.name, values, element.children.map(fromXml));
  if (element.text !== "") whole.text = element.text.replaceAll(/\s+/g, " ");
  return whole;
}

type Plain = Record<string, string | number | boolean>;

/** The entries of a loop within a descriptor. */
function entries(loop: unknown): Plain[] {
  if (!Array.isArray(loop)) throw new Error(`no loop: ${JSON.stringify(loop)}`);
  return loop;
}

/** A descriptor as the reference names it. */
function fromDescriptor(descriptor: Descriptor): Node {
  const { name, tag } = descriptor;
  const field = (key: string) => {
    const found = descriptor[key];
    if (found === undefined || found === null || typeof found === "object")
      throw new Error(`${name}: no ${key}`);
    return found;
  };
  switch (name) {
    case "ISO_639_language_descriptor": {
      const languages = entries(descriptor.languages);
      return node(
        name,
        {},
        languages.map((one) =>
          node("language", { code: one.languageCode ?? "", audio_type: one.audioType ?? -1 }),
        ),
      );
    }
    case "registration_descriptor":
      return node(name, { format_identifier: field("formatIdentifier") });
    case "service_descriptor":
      return node(name, {
        service_type: field("serviceType"),
        service_provider_name: field("serviceProviderName"),
        service_name: field("serviceName"),
      });
    case "teletext_descriptor":
      return node(
        name,
        {},
        entries(descriptor.pages).map((page) =>
          node("teletext", {
            language_code: page.languageCode ?? "",
            teletext_type: page.teletextType ?? -1,
            page_number: Number(page.page),
          }),
        ),
      );
    case "VBI_data_descriptor":
      return node(
        name,
        {},
        entries(descriptor.services).map((service) =>
          node(
            "service",
            { data_service_id: service.dataServiceId ?? -1 },
            entries(service.lines).map((line) =>
              node("field", { field_parity: line.fieldParity ?? -1, line_offset: line.lineOffset ?? -1 }),
            ),
          ),
        ),
      );
    default: {
      const octets = String(field("hex")).toUpperCase().match(/../g) ?? [];
      return { ...node("generic_descriptor", { tag }), text: octets.join(" ") };
    }
  }
}

/** A table as the reference names it; null where it writes none of this kind. */
function fromTable({ pid, version, current, firstNs, content }: Table): Node | null {
  const seen = { PID: pid, first_ts_packet: firstNs ?? -1, last_ts_packet: firstNs ?? -1 };
  const head = { version: version ?? -1, current };
  const parts = content === null ? null : tableParts(content);
  if (parts === null) return null;
  return node(parts.name, { ...head, ...parts.values }, [node("metadata", seen), ...parts.children]);
}

function tableParts(content: TableContent): Node | null {
  switch (content.table) {
    case "PAT": {
      const { networkPid, transportStreamId } = content;
      const network: Plain = networkPid === null ? {} : { network_PID: networkPid };
      return node(
        "PAT",
        { transport_stream_id: transportStreamId, ...network },
        content.programs.map(({ programNumber, programMapPid }) =>
          node("service", { service_id: programNumber, program_map_PID: programMapPid }),
        ),
      );
    }
    case "PMT": {
      const pcr: Plain = content.pcrPid === null ? {} : { PCR_PID: content.pcrPid };
      const streams = content.streams.map(({ elementaryPid, streamType, descriptors }) =>
        node(
          "component",
          { elementary_PID: elementaryPid, stream_type: streamType },
          descriptors.map(fromDescriptor),
        ),
      );
      const children = [...content.descriptors.map(fromDescriptor), ...streams];
      return node("PMT", { service_id: content.programNumber, ...pcr }, children);
    }
    case "SDT": {
      const { transportStreamId, originalNetworkId, actual } = content;
      return node(
        "SDT",
        { transport_stream_id: transportStreamId, original_network_id: originalNetworkId, actual },
        content.services.map((service) =>
          node(
            "service",
            {
              service_id: service.serviceId,
              EIT_schedule: service.eitSchedule,
              EIT_present_following: service.eitPresentFollowing,
              CA_mode: service.freeCaMode,
              running_status: service.runningStatus,
            },
            service.descriptors.map(fromDescriptor),
          ),
        ),
      );
    }
    default:
      return null;
  }
}

const byPid = (a: Node, b: Node) => Number(a.children[0]?.values.PID) - Number(b.children[0]?.values.PID);

describe("tables equal in content to TSDuck's", () => {
  for (const stream of STREAMS) {
    const ts = `ts/tsduck-${stream}.ts`;
    const xml = `ts/tsduck-${stream}.tstables.xml`;
    testWith([needsShared(ts), needsShared(xml)], `tsduck-${stream}`, () => {
      const { store } = runPsi(String(sharedData(ts)));
      const reference = parseXml(readFileSync(String(sharedData(xml)), "utf8"))
        .children.map(fromXml)
        .sort(byPid);
      const ours = store
        .snapshot()
        .map(fromTable)
        .filter((table) => table !== null);
      expect(ours).toEqual(reference);
      expect(reference.length).toBeGreaterThan(1);
    });
  }
});
