/** Type of a message, by name. RFC 4271 §4.1, RFC 2918 §3. */
export const messageTypeCode = { open: 1, update: 2, notification: 3, keepalive: 4, "route-refresh": 5 } as const;

/** Error code of a NOTIFICATION. RFC 4271 §4.5, RFC 9687 §4. */
export const errorCode = { open: 2, holdTimer: 4, fsm: 5, cease: 6, sendHoldTimer: 8 } as const;

/** RFC 4271 §6.2, RFC 5492 §5. */
export const openSubcode = {
  version: 1,
  badPeerAs: 2,
  badIdentifier: 3,
  unsupportedParameter: 4,
  holdTime: 6,
  unsupportedCapability: 7,
} as const;

/** A message that the state does not allow. RFC 6608 §3. */
export const fsmSubcode = { openSent: 1, openConfirm: 2, established: 3 } as const;

/** RFC 4486 §3, RFC 9384 §3. */
export const ceaseSubcode = {
  maxPrefixes: 1,
  administrativeShutdown: 2,
  peerDeconfigured: 3,
  administrativeReset: 4,
  connectionRejected: 5,
  otherConfigurationChange: 6,
  collision: 7,
  bfdDown: 10,
} as const;

/** Stands for an AS number that does not fit two octets. RFC 6793 §9. */
export const asTrans = 23456;
