import { dvbText } from "../dvb-text.ts";
import { lengthText, restAscii } from "./dvb-service.ts";
import type { DescriptorEntry, FieldReader, Fields } from "./field-reader.ts";

const application = (r: FieldReader): Fields => {
  const list = r.sub(r.u8());
  const profiles = list.loop(5, () => ({
    applicationProfile: list.u16(),
    version: `${list.u8()}.${list.u8()}.${list.u8()}`,
  }));
  r.noteShort(list);
  const serviceBound = r.flag();
  const visibility = r.bits(2);
  r.skipBits(5);
  const applicationPriority = r.u8();
  const transportProtocolLabels = r.loop(1, () => r.u8());
  return { profiles, serviceBound, visibility, applicationPriority, transportProtocolLabels };
};

/** selector of protocol_id 1: object carousel. */
const carousel = (r: FieldReader): Fields => {
  const remote = r.flag();
  r.skipBits(7);
  return { ...(remote ? { remote: remoteService(r) } : {}), componentTag: r.u8() };
};

function remoteService(r: FieldReader): Fields {
  return { originalNetworkId: r.u16(), transportStreamId: r.u16(), serviceId: r.u16() };
}

/** selector of protocol_id 3: HTTP. */
const http = (r: FieldReader): Fields => ({
  urls: r.loop(2, () => {
    const urlBase = r.ascii(r.u8());
    return { urlBase, urlExtensions: r.times(r.u8(), 1, () => r.ascii(r.u8())) };
  }),
});

const transportProtocol = (r: FieldReader): Fields => {
  const head = { protocolId: r.u16(), transportProtocolLabel: r.u8() };
  if (head.protocolId === 1) return { ...head, ...carousel(r) };
  if (head.protocolId === 3) return { ...head, ...http(r) };
  return { ...head, selector: r.restHex() };
};

const boundary = (r: FieldReader): Fields => ({
  boundaryExtensions: r.times(r.u8(), 1, () => r.ascii(r.u8())),
});

/** Descriptors of the application information table, TS 102 809 clause 5.3: their tags are their own. */
export const AIT_DESCRIPTORS: readonly DescriptorEntry[] = [
  [0x00, "application_descriptor", application],
  [
    0x01,
    "application_name_descriptor",
    (r) => ({ names: r.loop(4, () => ({ languageCode: r.language(), applicationName: lengthText(r) })) }),
  ],
  [0x02, "transport_protocol_descriptor", transportProtocol],
  [0x03, "dvb_j_application_descriptor"],
  [0x04, "dvb_j_application_location_descriptor"],
  [
    0x05,
    "external_application_authorization_descriptor",
    (r) => ({
      applications: r.loop(7, () => ({
        organisationId: r.u32(),
        applicationId: r.u16(),
        applicationPriority: r.u8(),
      })),
    }),
  ],
  [
    0x0b,
    "application_icons_descriptor",
    (r) => ({ iconLocator: r.take(r.u8(), dvbText), iconFlags: r.u16() }),
  ],
  [0x14, "graphics_constraints_descriptor"],
  [0x15, "simple_application_location_descriptor", (r) => ({ initialPath: restAscii(r) })],
  [0x16, "application_usage_descriptor", (r) => ({ usageType: r.u8() })],
  [0x17, "simple_application_boundary_descriptor", boundary],
];
