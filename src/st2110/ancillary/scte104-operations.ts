import { u8, u16, u32 } from "../../bits/read.ts";
import type { Scte104Operation } from "../../report/st2110-ancillary-schema.ts";

/** opID of SCTE 104, tables 8-3 and 8-4. */
const NAMES: ReadonlyMap<number, string> = new Map([
  [0x0000, "general_response_data"],
  [0x0001, "init_request_data"],
  [0x0002, "init_response_data"],
  [0x0003, "alive_request_data"],
  [0x0004, "alive_response_data"],
  [0x0007, "inject_response_data"],
  [0x0008, "inject_complete_response_data"],
  [0x0009, "config_request_data"],
  [0x000a, "config_response_data"],
  [0x000b, "provisioning_request_data"],
  [0x000c, "provisioning_response_data"],
  [0x000f, "fault_request_data"],
  [0x0010, "fault_response_data"],
  [0x0011, "AS_alive_request_data"],
  [0x0012, "AS_alive_response_data"],
  [0x0100, "inject_section_data_request"],
  [0x0101, "splice_request_data"],
  [0x0102, "splice_null_request_data"],
  [0x0103, "start_schedule_download_request_data"],
  [0x0104, "time_signal_request_data"],
  [0x0105, "transmit_schedule_request_data"],
  [0x0106, "component_mode_DPI_request_data"],
  [0x0107, "encrypted_DPI_request_data"],
  [0x0108, "insert_descriptor_request_data"],
  [0x0109, "insert_DTMF_descriptor_request_data"],
  [0x010a, "insert_avail_descriptor_request_data"],
  [0x010b, "insert_segmentation_descriptor_request_data"],
  [0x010c, "proprietary_command_request_data"],
  [0x010d, "schedule_component_mode_request_data"],
  [0x010e, "schedule_definition_data"],
  [0x010f, "insert_tier_data"],
  [0x0110, "insert_time_descriptor"],
]);

/** splice_insert_type. */
const SPLICE_TYPES: readonly string[] = [
  "reserved",
  "spliceStart_normal",
  "spliceStart_immediate",
  "spliceEnd_normal",
  "spliceEnd_immediate",
  "splice_cancel",
];

/** Octets of the operations whose fields are shown. */
const SPLICE_REQUEST = 14;
const TIME_SIGNAL = 2;
const SEGMENTATION_FIXED = 12;

/** Most octets of an unknown operation that are shown. */
const SHOWN_OCTETS = 32;

/** One operation with its data `buf[off, off + len)`, which the caller has checked to be there, as report data. */
export function scte104Operation(opId: number, buf: Uint8Array, off: number, len: number): Scte104Operation {
  const operation: Scte104Operation = {
    opId,
    name: NAMES.get(opId) ?? (opId >= 0xc000 && opId < 0xffff ? "user defined" : "reserved"),
    fields: {},
  };
  const { fields } = operation;
  if (opId === 0x0101 && len >= SPLICE_REQUEST) {
    fields.spliceInsertType = SPLICE_TYPES[u8(buf, off)] ?? "reserved";
    fields.spliceEventId = u32(buf, off + 1);
    fields.uniqueProgramId = u16(buf, off + 5);
    fields.preRollMs = u16(buf, off + 7);
    fields.breakDurationMs = u16(buf, off + 9) * 100;
    fields.availNum = u8(buf, off + 11);
    fields.availsExpected = u8(buf, off + 12);
    fields.autoReturn = u8(buf, off + 13) !== 0;
  } else if (opId === 0x0104 && len >= TIME_SIGNAL) {
    fields.preRollMs = u16(buf, off);
  } else if (opId === 0x010b && len >= SEGMENTATION_FIXED) {
    segmentation(fields, buf, off, len);
  } else if (len > 0) {
    fields.data = buf.subarray(off, off + Math.min(len, SHOWN_OCTETS)).toHex();
  }
  return operation;
}

/** insert_segmentation_descriptor_request_data: the UPID in the middle varies in length. */
function segmentation(fields: Scte104Operation["fields"], buf: Uint8Array, off: number, len: number): void {
  fields.segmentationEventId = u32(buf, off);
  fields.cancel = u8(buf, off + 4) !== 0;
  fields.durationS = u16(buf, off + 5);
  fields.upidType = u8(buf, off + 7);
  const upidLength = u8(buf, off + 8);
  const after = off + 9 + upidLength;
  if (after + 3 > off + len) return;
  fields.upid = buf.subarray(off + 9, after).toHex();
  fields.segmentationTypeId = u8(buf, after);
  fields.segmentNum = u8(buf, after + 1);
  fields.segmentsExpected = u8(buf, after + 2);
}
