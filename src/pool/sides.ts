/** The two ends of a conversation. Side A sent the first packet. */
export const SIDE_UNKNOWN = 0
export const SIDE_A = 1
export const SIDE_B = 2
