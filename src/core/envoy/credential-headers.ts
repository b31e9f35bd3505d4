/** What a client may use to identify itself to us or to a provider. None of it leaves the gateway. */
export const CREDENTIAL_HEADERS = ['authorization', 'x-api-key', 'api-key', 'x-goog-api-key', 'cookie'] as const;
