import { bundleFromJSON } from '@sigstore/bundle';
import type { TrustedRoot } from '@sigstore/protobuf-specs';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';

/** Who must have attested what. */
export interface Expected {
  /** `sha256:…` of the image. */
  digest: string;
  /** `https://github.com/OWNER/NAME`: what the image was built from. */
  repository: string;
  /** `OWNER/NAME/.github/workflows/FILE`: the workflow that built it. */
  workflow: string;
  /** `refs/heads/main`, with * for any text; any ref unless told. */
  ref?: string | undefined;
}

// https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md
const payloadType = 'application/vnd.in-toto+json';
// What actions/attest-build-provenance writes: https://slsa.dev/spec/v1.0/provenance
const predicateType = 'https://slsa.dev/provenance/v1';
const issuer = 'https://token.actions.githubusercontent.com';
// "Source Repository URI" of https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md
const sourceRepository = '1.3.6.1.4.1.57264.1.12';

/**
 * Verifies one Sigstore bundle offline: its certificate against the roots, at the time that a log or a timestamp authority
 * vouches for; its signature; who signed; and that what is signed is a provenance of this very digest.
 * @param bundle as GitHub gives it
 * @param roots one or more; the bundle must hold by one of them
 * @returns why it does not hold; undefined when it does
 */
export function refusal(
  bundle: unknown,
  expected: Expected,
  roots: readonly TrustedRoot[],
): string | undefined {
  let why = 'there is no trusted root to verify it by';
  for (const root of roots) {
    try {
      verify(bundle, expected, root);
      return undefined;
    } catch (error) {
      // The library throws errors of its own for what does not hold, and others for what it cannot even read.
      why = (error as Error).message.replace(/\s+/g, ' ');
    }
  }
  return why;
}

function verify(json: unknown, expected: Expected, root: TrustedRoot): void {
  const bundle = bundleFromJSON(json);
  if (bundle.content.$case !== 'dsseEnvelope') throw new Error('it is a signature and no attestation');
  const verifier = new Verifier(toTrustMaterial(root), {
    // Instances of one's own have no public logs; GitHub's for private repositories has timestamps instead.
    ctlogThreshold: Math.min(1, root.ctlogs.length),
    tlogThreshold: Math.min(1, root.tlogs.length),
    timestampThreshold: 1,
  });
  const { identity = {} } = verifier.verify(toSignedEntity(bundle), { extensions: { issuer } });
  const { subjectAlternativeName: subject = 'nobody', oids = [] } = identity;
  if (!subjectOf(expected).test(subject)) throw new Error(`it was made by ${subject}`);
  const source = oids.find(({ oid }) => oid?.id.join('.') === sourceRepository)?.value;
  if (!source || lower(utf8String(source)) !== lower(expected.repository))
    throw new Error(`it was not built from ${expected.repository}`);
  statement(bundle.content.dsseEnvelope, expected.digest);
}

/** What the verified signature is about. */
function statement(envelope: { payload: Uint8Array; payloadType: string }, digest: string): void {
  if (envelope.payloadType !== payloadType)
    throw new Error(`it signs ${envelope.payloadType} and no statement`);
  const said = JSON.parse(Buffer.from(envelope.payload).toString('utf8')) as {
    predicateType?: string;
    subject?: { digest?: Record<string, string> }[];
  };
  if (said.predicateType !== predicateType)
    throw new Error(`it is no provenance but ${said.predicateType ?? 'of no type'}`);
  const [algorithm = '', value] = digest.split(':');
  if (!said.subject?.some(subject => subject.digest?.[algorithm] === value))
    throw new Error('it is about another digest');
}

/**
 * A pattern for the certificate's subject: `https://github.com/OWNER/NAME/.github/workflows/FILE@REF`. To GitHub a repository
 * is the same whatever its capitals; the certificate has those that it was given when it was made.
 */
function subjectOf({ workflow, ref = '*' }: Expected): RegExp {
  const literal = (text: string) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  const anyCase = (text: string) =>
    literal(text).replace(/[a-z]/gi, letter => `[${letter.toLowerCase()}${letter.toUpperCase()}]`);
  const [owner = '', name = '', ...file] = workflow.split('/');
  const wildcard = ref.split('*').map(literal).join('.*');
  return new RegExp(
    `^https://github\\.com/${anyCase(`${owner}/${name}`)}/${literal(file.join('/'))}@${wildcard}$`,
  );
}

const lower = (text: string): string => text.toLowerCase();

/** The text of a DER UTF8String; empty for what is none. https://www.rfc-editor.org/rfc/rfc5280#appendix-A.2 */
function utf8String(der: Buffer): string {
  // A repository's address has less than 256 bytes; the length takes a second byte from 128 on.
  const [type, first = 0, second = 0] = der;
  const [start, length] = first === 0x81 ? [3, second] : [2, first];
  return type === 0x0c && der.length === start + length ? der.subarray(start).toString('utf8') : '';
}
