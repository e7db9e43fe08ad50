import { type Gate, waits } from './gate.ts';

/** The digest of every image of the service's is attested by the workflow that must have built it; verified before, see attestation/. */
export const attestation: Gate = {
  name: 'attestation',
  judge({ service, own }, { attestations }) {
    if (own.length === 0)
      return waits('its pin has no entry for its own image, so there is no digest to ask about');
    const verdicts = own.map(({ after }) => {
      if (!after.digest)
        return waits(`"${after.tag}" can be moved to another image: announce it with its digest`);
      const found = attestations?.get(attestationKey(service, after.digest));
      return found ?? waits(`nobody has looked for an attestation of ${after.digest}`);
    });
    return verdicts.find(({ outcome }) => outcome === 'waits') ?? verdicts[0];
  },
};

export const attestationKey = (service: string, digest: string): string => `${service} ${digest}`;
