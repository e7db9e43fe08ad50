// Written by `npm run docs` from action.yml: change that file, not this one.
import type { Declaration } from '../../lib/runner/action.ts';

export const declaration = {
  name: 'promote',
  description:
    'Moves the versions that an environment is pinned to, by a commit or a pull request that changes these lines and nothing else',
  inputs: {
    environment: { description: 'The environment in platform.yaml; none where files are given' },
    platform: { description: 'The file that describes the platform', default: 'platform.yaml' },
    service: {
      description:
        'The service to promote; without it all of them, where the versions come from another environment',
    },
    image: {
      description:
        'The image to bring to the first environment, with its digest, and with its tag in front for people (ghcr.io/acme/product:v1@sha256:…); for files NAME=IMAGE, one a line, where NAME is what the file calls it and NAME=:TAG keeps its repository',
    },
    revision: {
      description:
        "The tag or commit of the service's repository to bring to the first environment; for files one a line, and SOURCE=REVISION where an Application has several sources",
    },
    hotfix: {
      description:
        'Why a freeze of the environment is gone past; the reason and who started the run stand in the commit and the pull request',
    },
    downgrade: { description: 'Promote a version although it is older than what is there', default: 'false' },
    kubeconfig: {
      description:
        'A kubeconfig of the cluster that the versions come from, where gates ask it; without it a short-lived one is asked of Exoscale',
    },
    'exoscale-api-key': {
      description: 'A key that may issue kubeconfigs of the cluster that the versions come from',
    },
    'exoscale-api-secret': { description: 'The secret of that key' },
    file: {
      description:
        "Files to change in the working tree instead of an environment's pins, one a line (kustomizations, Applications, Helm values, manifests); this needs neither platform.yaml nor GitHub",
    },
    directory: { description: 'The folder that the files are in', default: '.' },
    helm: {
      description:
        "Where Helm values hold the images of the files, one a line ('ui: image' or 'ui: { repository: web.image, tag: web.tag, digest: web.digest }')",
    },
    rollback: {
      description:
        "A commit of the platform's history; the environment's pins, or the service's, go back to where they stood there, and what they leave is rejected until it is released",
    },
    pause: { description: 'A service that no promotion moves until it is resumed; say why with reason' },
    resume: { description: 'A paused service that promotions move again' },
    release: { description: 'A service whose rejected versions may be promoted again' },
    reason: { description: 'Why a rollback or a pause is made, in one line' },
    'github-token': {
      description:
        "A token that may write contents and pull requests of the platform's repository; a dry run without one reads the checked-out files",
    },
    'dry-run': { description: 'Show what would change and change nothing', default: 'false' },
  },
  outputs: {
    changed: { description: 'Whether anything was written, true or false' },
    'pull-request': {
      description:
        'The number of the pull request that waits to be merged; several with blanks between where services travel apart',
    },
    closed: {
      description:
        'The numbers of the pull requests that were closed as there is nothing left in them, with blanks between',
    },
    commit: {
      description:
        'The commit that moved the versions; several with blanks between where services travel apart',
    },
    diff: { description: 'The lines that change' },
    held: {
      description:
        "The services that stay where they are, as JSON, a list of service, version and reasons (gate, why, until), with until where time is all that is missing; gate is a gate's name, paused or rejected; nothing when none is",
    },
  },
} as const satisfies Declaration;
