// Made from proto/codes.json by scripts/generate.mjs: change that, then `npm run generate`.

// Why a connection was closed.
export const kCloseCodes = {
  1000: { name: 'normal', meaning: 'closed on the client\'s wish', reconnect: false },
  1001: { name: 'going_away', meaning: 'the client or the server\'s page goes away', reconnect: true },
  1002: { name: 'protocol_error', meaning: 'a frame broke RFC 6455', reconnect: false },
  1003: { name: 'unsupported_data', meaning: 'a binary message; requests are text', reconnect: false },
  1007: { name: 'invalid_text', meaning: 'a text message was not UTF-8', reconnect: false },
  1009: { name: 'too_big', meaning: 'a request was longer than limits.request_bytes, or than strangers may send', reconnect: false },
  1012: { name: 'restart', meaning: 'the service stops or restarts; goodbye told when to come back', reconnect: true },
  4000: { name: 'slow', meaning: 'the socket took no byte for no_progress_ms', reconnect: true },
  4001: { name: 'too_many_requests', meaning: 'requests kept coming far above limits.requests_per_s, too many bad tokens from this address, or tokens that change too often', reconnect: true },
  4002: { name: 'limit_reached', meaning: 'too many connections, in all or from this address', reconnect: true },
  4003: { name: 'silent', meaning: 'neither a byte nor a pong came for silent_ms', reconnect: true },
  4500: { name: 'unauthorised', meaning: 'no token, or one that is not accepted', reconnect: false },
  4501: { name: 'token_expired', meaning: 'the token ran out; get a new one, then reconnect', reconnect: false },
  4502: { name: 'origin_refused', meaning: 'pages of this origin may not connect', reconnect: false },
} as const;

export const CloseCode = {
  normal: 1000,
  going_away: 1001,
  protocol_error: 1002,
  unsupported_data: 1003,
  invalid_text: 1007,
  too_big: 1009,
  restart: 1012,
  slow: 4000,
  too_many_requests: 4001,
  limit_reached: 4002,
  silent: 4003,
  unauthorised: 4500,
  token_expired: 4501,
  origin_refused: 4502,
} as const;

// What was wrong with a request.
export const kErrorCodes = {
  bad_request: 'not JSON, or a member is missing, of the wrong type or out of its range',
  unknown_op: 'no such op',
  unknown_channel: 'no such channel',
  unknown_symbol: 'no such instrument now, or none that you may see; "wait":true waits for it',
  unknown_field: 'a name in fields that no instrument has',
  not_subscribed: 'unsubscribe named nothing that stands',
  too_many_entries: 'more entries than limits.entries',
  too_many_lanes: 'more lanes than limits.lanes',
  unknown_recording: 'no such recording, or none that you may see',
  bad_recording: 'the recording can\'t be played; the message says why',
  too_many_replays: 'more replays than the service allows, or this connection has one',
  not_replaying: 'replay_control without a replay',
  rate_limited: 'more requests than limits.requests_per_s, or than the token allows, or too many bad tokens; ask again later',
  unauthorised: 'authenticate first, or the token was refused',
  internal: 'the service\'s fault, not yours',
} as const;

export type ErrorCode = keyof typeof kErrorCodes;
