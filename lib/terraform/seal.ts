import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto';

/** What is sealed. Each purpose has keys of its own, so that nothing sealed for one can pass for another. */
export type Purpose = 'review' | 'errored state';

const [nonceLength, tagLength] = [12, 16];

/**
 * Encrypts and authenticates with AES-256-GCM: without the secret nothing can be read, and nothing changed unnoticed.
 * The same input gives the same bytes, so that a comment is not written anew for nothing: the nonce is a keyed digest of
 * what is sealed, and thus never the same for two texts.
 * @param context is not part of the result, and must be the same when it is opened
 */
export function seal(secret: string, purpose: Purpose, context: string, plain: Buffer): Buffer {
  const nonce = createHmac('sha256', derive(secret, purpose, 'nonce'))
    .update(`${Buffer.byteLength(context)} ${context}`)
    .update(plain)
    .digest()
    .subarray(0, nonceLength);
  const cipher = createCipheriv('aes-256-gcm', derive(secret, purpose, 'encryption'), nonce);
  cipher.setAAD(Buffer.from(context));
  const encrypted = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), encrypted]);
}

/** Undefined for what was sealed with another secret or in another context, or was changed since. */
export function unseal(
  secret: string,
  purpose: Purpose,
  context: string,
  sealed: Buffer,
): Buffer | undefined {
  if (sealed.length < nonceLength + tagLength) return undefined;
  const nonce = sealed.subarray(0, nonceLength);
  const decipher = createDecipheriv('aes-256-gcm', derive(secret, purpose, 'encryption'), nonce);
  decipher.setAAD(Buffer.from(context));
  decipher.setAuthTag(sealed.subarray(nonceLength, nonceLength + tagLength));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(nonceLength + tagLength)), decipher.final()]);
  } catch {
    return undefined;
  }
}

/** A key of 32 bytes for one use, by HKDF with SHA-256. */
export const derive = (secret: string, purpose: Purpose, use: string): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, '', `slipway ${purpose} ${use}`, 32));
