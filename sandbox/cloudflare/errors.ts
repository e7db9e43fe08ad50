/** What one of Cloudflare's own refusals says; the status is that of the answer. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: number;
  readonly chain: { code: number; message: string }[];

  constructor(
    status: number,
    code: number,
    message: string,
    chain: { code: number; message: string }[] = [],
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.chain = chain;
  }
}

const invalid = (code: number, message: string) =>
  new ApiError(400, 1004, 'DNS Validation Error', [{ code, message }]);

const sameName =
  'For more details, refer to <https://developers.cloudflare.com/dns/manage-dns-records/troubleshooting/records-with-same-name/>.';

// Numbers and words as clients have reported them.
export const errors = {
  noCredentials: () => new ApiError(400, 9106, 'Missing X-Auth-Key, X-Auth-Email or Authorization headers'),
  malformedCredentials: () =>
    new ApiError(400, 6003, 'Invalid request headers', [
      { code: 6111, message: 'Invalid format for Authorization header' },
    ]),
  unknownToken: () => new ApiError(403, 9109, 'Invalid access token'),
  notAllowed: () => new ApiError(403, 10000, 'Authentication error'),
  noRoute: (path: string) =>
    new ApiError(404, 7003, `Could not route to ${path}, perhaps your object identifier is invalid?`),
  rateLimited: () => new ApiError(429, 971, 'Please wait and consider throttling your request speed'),

  noRecord: () => new ApiError(404, 81044, 'Record does not exist.'),
  quota: () => new ApiError(400, 81045, 'Record quota exceeded.'),
  addressOrAliasExists: () =>
    new ApiError(400, 81053, `An A, AAAA, or CNAME record with that host already exists. ${sameName}`),
  aliasExists: () => new ApiError(400, 81054, `A CNAME record with that host already exists. ${sameName}`),
  othersExist: () => new ApiError(400, 81055, 'Non-NS records with that host already exist.'),
  delegationExists: () => new ApiError(400, 81056, 'NS records with that host already exist.'),
  alreadyExists: () => new ApiError(400, 81057, 'The record already exists.'),
  identical: () => new ApiError(400, 81058, 'An identical record already exists.'),

  name: () => invalid(9000, 'DNS name is invalid.'),
  type: () => invalid(9002, 'DNS record type is invalid.'),
  notProxiable: () => invalid(9004, 'This record type cannot be proxied.'),
  ipv4: () => invalid(9005, 'Content for A record must be a valid IPv4 address.'),
  ipv6: () => invalid(9006, 'Content for AAAA record must be a valid IPv6 address.'),
  alias: () => invalid(9007, 'Content for CNAME record is invalid.'),
  ttl: () => invalid(9021, 'Invalid TTL. Must be between 60 and 86,400 seconds, or 1 for Automatic.'),
  tags: (count: number) => invalid(9300, `DNS record has ${count} tags, exceeding the quota of 0.`),
  comment: (limit: number) =>
    invalid(9313, `DNS record comment exceeds the maximum length of ${limit} characters.`),
  commentCharacters: () => invalid(9314, 'DNS record comment contains invalid characters.'),
  /** The limit is documented, its number is not. */
  batchTooLarge: (limit: number) => invalid(9320, `A batch may hold at most ${limit} operations.`),
} satisfies Record<string, (...args: never[]) => ApiError>;

/** The envelope of every answer. */
export const success = (result: unknown, info?: object) => ({
  result,
  success: true,
  errors: [],
  messages: [],
  ...(info && { result_info: info }),
});

export const failure = (code: number, message: string, chain: readonly object[] = []) => ({
  result: null,
  success: false,
  errors: [{ code, message, ...(chain.length > 0 && { error_chain: chain }) }],
  messages: [],
});
