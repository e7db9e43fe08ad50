/**
 * Encrypts a secret for the public key of an environment, as GitHub takes it: a sealed box of libsodium's.
 * https://docs.github.com/en/rest/guides/encrypting-secrets-for-the-rest-api
 * @param key in base64
 */
export async function sealed(secret: string, key: string): Promise<string> {
  const { default: sodium } = await import('libsodium-wrappers');
  await sodium.ready;
  const { ORIGINAL } = sodium.base64_variants;
  const box = sodium.crypto_box_seal(sodium.from_string(secret), sodium.from_base64(key, ORIGINAL));
  return sodium.to_base64(box, ORIGINAL);
}
