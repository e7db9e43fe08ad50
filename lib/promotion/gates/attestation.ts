import { type Gate, held } from './gate.ts';

/** The image's digest is attested by the workflow that must have built it; verified before, see attestation/. */
export const attestation: Gate = {
  name: 'attestation',
  judge({ after: { image } }, { attestations }) {
    if (!image) return held('its pin has no entry for its own image, so there is no digest to ask about');
    if (!image.digest)
      return held(`"${image.tag}" can be moved to another image: announce it with its digest`);
    return attestations?.get(image.digest) ?? held(`nobody has looked for an attestation of ${image.digest}`);
  },
};
