/** What `parseFrame` can say of a frame. */
export const STATUS = {
  /** A whole UDP header was found; the payload may still be cut by the snap length. */
  udp: 0,
  /** Another protocol than IP: ARP, LLC, LLDP, PTP over Ethernet, MPLS, PPPoE; or more than four VLAN tags. */
  notIp: 1,
  /** IP, but not UDP: TCP, ICMP, ESP, IPv6 with no next header. */
  notUdp: 2,
  /** An IP fragment of whatever protocol, the first one too; fragments are not put together. */
  fragment: 3,
  /** The snap length cut the frame inside its headers: what it carried can't be told. */
  snappedHeaders: 4,
  /** The headers contradict each other or the frame's length on the wire. */
  malformed: 5,
  /** A link type that the net layer does not walk. */
  unknownLinkType: 6,
} as const;

/** One of STATUS. */
export type Status = (typeof STATUS)[keyof typeof STATUS];
