@0x8aad61b30701b3ed;
# The header of a message over ZeroMQ (docs/wire.md), the same facts as in the JSON header.
#
# On the wire: a Cap'n Proto message in standard framing, not packed, in exactly one segment, so that its first
# octet is always 0. JSON begins with "{".
#
# What may change: fields and enumerants are added at the end, never renumbered, renamed or given another type. A
# change that an older reader would take wrongly gets another `version`.

struct Header {
  # What stands before a payload.

  version @0 :UInt16;
  # 1. Readers refuse what they do not know.

  kind @1 :Kind;

  datagrams @2 :UInt32;
  # Datagrams that the packets came in.

  packets @3 :UInt32;
  # TS packets of 188 octets, or RTP packets.

  sequence @4 :UInt64;
  # Counts the messages of this probe, stream and kind from 0.

  firstTime :group {
    # Capture time of the first packet.

    clock @5 :Clock;

    seconds @6 :Int64;
    # Whole seconds, rounded towards minus infinity.

    nanoseconds @7 :UInt32;
    # 0 to 999999999, to be added.
  }

  lastTime :group {
    # Capture time of the last packet.

    clock @8 :Clock;
    seconds @9 :Int64;
    nanoseconds @10 :UInt32;
  }

  probe @11 :Text;
  # Probe, stream and kind as in the topic.

  run @12 :Text;
  # Changes each time the probe starts: tells a restart from a gap.

  stream @13 :Text;

  source @14 :Text;
  # `address:port` of the captured packets' sender, IPv6 in brackets; empty when there is none.

  destination @15 :Text;

  timestampSource @16 :Text;
  # Where the capture times come from, with their resolution.

  lengths @17 :List(UInt32);
  # Of each RTP packet, in octets; only in messages of kind rtp.
}

enum Kind {
  # What a message carries.

  ts @0;
  rtp @1;
  report @2;
  event @3;
  image @4;
}

enum Clock {
  # What a time counts from.

  none @0;
  # There is no time.

  utc @1;
  # 1970-01-01T00:00:00Z, without leap seconds.

  start @2;
  # The start of an input that has no clock.
}
