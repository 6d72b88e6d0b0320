import { dvbText } from "../dvb-text.ts";
import { linkageTypeName, serviceTypeName } from "./dvb-names.ts";
import type { DescriptorEntry, FieldReader, Fields } from "./field-reader.ts";

/** A text with its length before it. */
export const lengthText = (r: FieldReader): string => r.take(r.u8(), dvbText);
/** All that is left, as text. */
export const restText = (r: FieldReader): string => r.take(r.left, dvbText);
/** All that is left, as ASCII. */
export const restAscii = (r: FieldReader): string => r.ascii(r.left);
/** The three identifiers of a service. */
const serviceTriplet = (r: FieldReader): Fields => ({
  transportStreamId: r.u16(),
  originalNetworkId: r.u16(),
  serviceId: r.u16(),
});

const serviceType = (r: FieldReader): Fields => {
  const type = r.u8();
  return { serviceType: type, serviceTypeName: serviceTypeName(type) };
};

const countryAvailability = (r: FieldReader): Fields => {
  const countryAvailability = r.flag();
  r.skipBits(7);
  return { countryAvailability, countries: r.loop(3, () => r.language()) };
};

/** linkage_type 0x08: mobile hand-over (table 61). */
const handOver = (r: FieldReader): Fields => {
  const handOverType = r.bits(4);
  r.skipBits(3);
  const originSdt = r.flag();
  return {
    handOverType,
    originType: originSdt ? "SDT" : "NIT",
    ...(handOverType >= 1 && handOverType <= 3 ? { networkId: r.u16() } : {}),
    ...(originSdt ? {} : { initialServiceId: r.u16() }),
  };
};

const linkage = (r: FieldReader): Fields => {
  const target = serviceTriplet(r);
  const linkageType = r.u8();
  const head = { ...target, linkageType, linkageTypeName: linkageTypeName(linkageType) };
  let detail: Fields = {};
  if (linkageType === 0x08) detail = handOver(r);
  else if (linkageType === 0x09) {
    // TS 102 006: system software update, by manufacturer.
    const ouis = r.sub(r.u8());
    detail = { ouis: ouis.loop(4, () => ({ oui: ouis.u24(), selector: ouis.hex(ouis.u8()) })) };
    r.noteShort(ouis);
  } else if (linkageType === 0x0d) {
    const targetEventId = r.u16();
    detail = { targetEventId, targetListed: r.flag(), eventSimulcast: r.flag() };
    r.skipBits(6);
  }
  return r.left > 0 ? { ...head, ...detail, privateData: r.restHex() } : { ...head, ...detail };
};

const telephone = (r: FieldReader): Fields => {
  r.skipBits(2);
  const foreignAvailability = r.flag();
  const connectionType = r.bits(5);
  r.skipBits(1);
  const lengths = [r.bits(2), r.bits(3), r.bits(2)];
  r.skipBits(1);
  lengths.push(r.bits(3), r.bits(4));
  const [countryPrefix, internationalAreaCode, operatorCode, nationalAreaCode, coreNumber] = lengths.map(
    (length) => r.ascii(length),
  );
  return {
    foreignAvailability,
    connectionType,
    countryPrefix: countryPrefix ?? "",
    internationalAreaCode: internationalAreaCode ?? "",
    operatorCode: operatorCode ?? "",
    nationalAreaCode: nationalAreaCode ?? "",
    coreNumber: coreNumber ?? "",
  };
};

const announcementSupport = (r: FieldReader): Fields => ({
  announcementSupportIndicator: r.u16(),
  announcements: r.loop(1, () => {
    const announcementType = r.bits(4);
    r.skipBits(1);
    const referenceType = r.bits(3);
    if (referenceType < 1 || referenceType > 3) return { announcementType, referenceType };
    const originalNetworkId = r.u16();
    const transportStreamId = r.u16();
    return {
      announcementType,
      referenceType,
      originalNetworkId,
      transportStreamId,
      serviceId: r.u16(),
      componentTag: r.u8(),
    };
  }),
});

const serviceAvailability = (r: FieldReader): Fields => {
  const available = r.flag();
  r.skipBits(7);
  return { available, cellIds: r.loop(2, () => r.u16()) };
};

const ftaContentManagement = (r: FieldReader): Fields => {
  const userDefined = r.flag();
  r.skipBits(3);
  return {
    userDefined,
    doNotScramble: r.flag(),
    controlRemoteAccessOverInternet: r.bits(2),
    doNotApplyRevocation: r.flag(),
  };
};

const named =
  (field: string) =>
  (r: FieldReader): Fields => ({
    names: r.loop(4, () => ({ languageCode: r.language(), [field]: lengthText(r) })),
  });

/** Descriptors of networks, bouquets and services, EN 300 468 clause 6.2. */
export const DVB_SERVICE_DESCRIPTORS: readonly DescriptorEntry[] = [
  [0x40, "network_name_descriptor", (r) => ({ networkName: restText(r) })],
  [
    0x41,
    "service_list_descriptor",
    (r) => ({ services: r.loop(3, () => ({ serviceId: r.u16(), ...serviceType(r) })) }),
  ],
  [0x42, "stuffing_descriptor"],
  [0x47, "bouquet_name_descriptor", (r) => ({ bouquetName: restText(r) })],
  [
    0x48,
    "service_descriptor",
    (r) => ({ ...serviceType(r), serviceProviderName: lengthText(r), serviceName: lengthText(r) }),
  ],
  [0x49, "country_availability_descriptor", countryAvailability],
  [0x4a, "linkage_descriptor", linkage],
  [0x4b, "NVOD_reference_descriptor", (r) => ({ services: r.loop(6, () => serviceTriplet(r)) })],
  [0x4c, "time_shifted_service_descriptor", (r) => ({ referenceServiceId: r.u16() })],
  [0x51, "mosaic_descriptor"],
  [0x53, "CA_identifier_descriptor", (r) => ({ caSystemIds: r.loop(2, () => r.u16()) })],
  [0x57, "telephone_descriptor", telephone],
  [0x5b, "multilingual_network_name_descriptor", named("networkName")],
  [0x5c, "multilingual_bouquet_name_descriptor", named("bouquetName")],
  [
    0x5d,
    "multilingual_service_name_descriptor",
    (r) => ({
      names: r.loop(5, () => ({
        languageCode: r.language(),
        serviceProviderName: lengthText(r),
        serviceName: lengthText(r),
      })),
    }),
  ],
  [0x5f, "private_data_specifier_descriptor", (r) => ({ privateDataSpecifier: r.u32() })],
  [
    0x60,
    "service_move_descriptor",
    (r) => ({ newOriginalNetworkId: r.u16(), newTransportStreamId: r.u16(), newServiceId: r.u16() }),
  ],
  [0x6e, "announcement_support_descriptor", announcementSupport],
  [0x71, "service_identifier_descriptor", (r) => ({ textualServiceIdentifier: restAscii(r) })],
  [0x72, "service_availability_descriptor", serviceAvailability],
  [0x73, "default_authority_descriptor", (r) => ({ defaultAuthority: restAscii(r) })],
  [
    0x7d,
    "XAIT_location_descriptor",
    (r) => ({
      xaitOriginalNetworkId: r.u16(),
      xaitServiceId: r.u16(),
      xaitVersionNumber: r.bits(5),
      xaitUpdatePolicy: r.bits(3),
    }),
  ],
  [0x7e, "FTA_content_management_descriptor", ftaContentManagement],
];
