import { createHash, generateKeyPairSync, type KeyObject, randomInt, sign } from 'node:crypto';
import { initializeCA, initializeCTLog } from '@sigstore/mock/dist/fulcio/index.js';
import { initializeTLog } from '@sigstore/mock/dist/rekor/index.js';
import { initializeTSA } from '@sigstore/mock/dist/timestamp/index.js';

const keyPair = () => generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const bytes = (view: ArrayBufferView): Buffer => Buffer.from(view.buffer, view.byteOffset, view.byteLength);
const base64 = (view: ArrayBufferView): string => bytes(view).toString('base64');

/** What a workflow attests, and as whom. */
export interface Wish {
  digest: string;
  /** `OWNER/NAME/.github/workflows/FILE@REF` */
  workflow: string;
  /** `https://github.com/OWNER/NAME` */
  repository: string;
  issuer?: string;
  predicateType?: string;
}

export interface Instance {
  /** What a client that trusts this instance has on file: https://github.com/sigstore/protobuf-specs */
  trustedRoot: Record<string, unknown>;
  /** A Sigstore bundle, as a workflow writes it. */
  attest(wish: Wish): Promise<Record<string, unknown>>;
}

/**
 * A Sigstore instance with keys of its own.
 * @param logs whether there are public logs, as of Sigstore's own instance; without them a timestamp authority, as GitHub's
 * for private repositories
 * @param clocks what the certificate authority, and whoever vouches for the time, take for now
 */
export async function sigstore({
  logs = false,
  ...clocks
}: {
  logs?: boolean;
  issuedAt?: Date;
  signedAt?: Date;
} = {}): Promise<Instance> {
  const issuedAt = wholeSecond(clocks.issuedAt ?? new Date());
  // The authorities' own certificates begin when they are made, a moment from now.
  const signedAt = wholeSecond(clocks.signedAt ?? new Date(issuedAt.getTime() + 60_000));
  const ctLog = logs ? await initializeCTLog(keyPair(), issuedAt) : undefined;
  const ca = await initializeCA(keyPair(), ctLog, issuedAt);
  const tsa = logs ? undefined : await initializeTSA(keyPair(), signedAt);
  const tlog = logs ? await initializeTLog('https://rekor.example.com', keyPair(), signedAt) : undefined;
  const validFor = { start: '2020-01-01T00:00:00Z' };
  const log = (publicKey: Buffer) => ({
    baseUrl: 'https://rekor.example.com',
    hashAlgorithm: 'SHA2_256',
    publicKey: { rawBytes: base64(publicKey), keyDetails: 'PKIX_ECDSA_P256_SHA_256', validFor },
    logId: { keyId: createHash('sha256').update(publicKey).digest('base64') },
  });
  const authority = (...certificates: ArrayBufferView[]) => ({
    subject: { organization: 'sigstore.mock', commonName: 'sigstore' },
    uri: 'https://ca.example.com',
    certChain: { certificates: certificates.map(each => ({ rawBytes: base64(each) })) },
    validFor,
  });

  async function attest(wish: Wish): Promise<Record<string, unknown>> {
    const { publicKey, privateKey } = keyPair();
    const { repository, issuer = 'https://token.actions.githubusercontent.com' } = wish;
    const certificate = await ca.issueCertificate({
      publicKey: publicKey.export({ type: 'spki', format: 'der' }),
      subjectAltName: `https://github.com/${wish.workflow}`,
      extensions: [
        { oid: '1.3.6.1.4.1.57264.1.1', value: issuer, legacy: true },
        { oid: '1.3.6.1.4.1.57264.1.8', value: issuer },
        { oid: '1.3.6.1.4.1.57264.1.12', value: repository },
      ],
    });
    const { envelope, signature } = dsse(statement(wish), privateKey);
    const timestamp = await tsa?.timestamp({
      artifactHash: createHash('sha256').update(signature).digest(),
      hashAlgorithmOID: '2.16.840.1.101.3.4.2.1',
      nonce: randomInt(1_000_000),
      policyOID: '1.3.6.1.4.1.57264.2',
      certReq: false,
    });
    const entries = tlog ? [await entry(tlog, envelope, certificate)] : [];
    return {
      mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
      verificationMaterial: {
        certificate: { rawBytes: base64(certificate) },
        tlogEntries: entries,
        timestampVerificationData: {
          rfc3161Timestamps: timestamp ? [{ signedTimestamp: base64(timestamp) }] : [],
        },
      },
      dsseEnvelope: envelope,
    };
  }

  return {
    attest,
    trustedRoot: {
      mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
      tlogs: tlog ? [log(tlog.publicKey)] : [],
      ctlogs: ctLog ? [log(ctLog.publicKey)] : [],
      certificateAuthorities: [authority(ca.rootCertificate)],
      timestampAuthorities: tsa ? [authority(tsa.intCertificate, tsa.rootCertificate)] : [],
    },
  };
}

const statement = ({ digest, predicateType = 'https://slsa.dev/provenance/v1' }: Wish): Buffer =>
  Buffer.from(
    JSON.stringify({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ name: 'ghcr.io/acme/ui', digest: { sha256: digest.slice('sha256:'.length) } }],
      predicateType,
      predicate: {},
    }),
  );

const payloadType = 'application/vnd.in-toto+json';

/** https://github.com/secure-systems-lab/dsse/blob/master/protocol.md */
function dsse(payload: Buffer, key: KeyObject) {
  const pae = Buffer.concat([
    Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${payload.length} `),
    payload,
  ]);
  const signature = sign('sha256', pae, key);
  const signatures = [{ sig: signature.toString('base64'), keyid: '' }];
  return { signature, envelope: { payload: payload.toString('base64'), payloadType, signatures } };
}

type Envelope = ReturnType<typeof dsse>['envelope'];

/** What Rekor answers: https://www.sigstore.dev/swagger */
interface Logged {
  body: string;
  integratedTime: number;
  logID: string;
  logIndex: number;
  verification?: {
    signedEntryTimestamp: string;
    inclusionProof?: {
      logIndex: number;
      rootHash: string;
      treeSize: number;
      hashes: string[];
      checkpoint: string;
    };
  };
}

/** An entry of Rekor's, as it stands in a bundle. */
async function entry(
  tlog: Awaited<ReturnType<typeof initializeTLog>>,
  envelope: Envelope,
  certificate: ArrayBufferView,
) {
  const pem = `-----BEGIN CERTIFICATE-----\n${base64(certificate).replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
  const hash = (text: string) => ({
    algorithm: 'sha256',
    value: createHash('sha256').update(Buffer.from(text, 'base64')).digest('hex'),
  });
  const logged = await tlog.log({
    apiVersion: '0.0.1',
    kind: 'dsse',
    spec: {
      payloadHash: hash(envelope.payload),
      signatures: envelope.signatures.map(({ sig }) => ({
        signature: sig,
        verifier: Buffer.from(pem).toString('base64'),
      })),
    },
  });
  const [found] = Object.values(logged as Record<string, Logged>);
  if (!found?.verification?.inclusionProof) throw new Error('The log gave no proof');
  const { inclusionProof: proof, signedEntryTimestamp } = found.verification;
  return {
    logIndex: String(found.logIndex),
    logId: { keyId: Buffer.from(found.logID, 'hex').toString('base64') },
    kindVersion: { kind: 'dsse', version: '0.0.1' },
    integratedTime: String(found.integratedTime),
    inclusionPromise: { signedEntryTimestamp: signedEntryTimestamp },
    inclusionProof: {
      logIndex: String(proof.logIndex),
      rootHash: Buffer.from(proof.rootHash, 'hex').toString('base64'),
      treeSize: String(proof.treeSize),
      hashes: proof.hashes,
      checkpoint: { envelope: proof.checkpoint },
    },
    canonicalizedBody: found.body,
  };
}

/** DER leaves out zeros at the end of a fraction, and @sigstore/core then does not know the time any more. */
const wholeSecond = (date: Date): Date => new Date(Math.floor(date.getTime() / 1000) * 1000);
