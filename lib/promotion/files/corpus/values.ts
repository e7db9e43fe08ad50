import { type Case, d1, d2 } from './case.ts';

const file = 'values.yaml';
const image = 'ui=ghcr.io/acme/ui:v2';
const helm = 'ui: image';

/** Values of Helm charts: where the image stands in them is told. */
export const values: Case[] = [
  {
    name: 'repository and tag',
    text: `
 # Default values for ui.
 replicaCount: 1

 image:
   repository: ghcr.io/acme/ui
   pullPolicy: IfNotPresent
   # Overrides the image tag whose default is the chart appVersion.
-  tag: "v1"
+  tag: "v2"
`.replaceAll('\n\n', '\n \n'),
  },
  {
    name: 'one text',
    helm: 'ui: ui.image',
    text: `
 ui:
-  image: ghcr.io/acme/ui:v1@${d1} # pinned
+  image: ghcr.io/acme/ui:v2 # pinned
`,
  },
  {
    name: 'registry apart, the tag empty',
    text: `
 image:
   registry: ghcr.io
   repository: acme/ui
-  tag: ""
+  tag: "v2"
`,
  },
  {
    name: 'registry apart and empty',
    text: `
 image:
   registry:
   repository: ghcr.io/acme/ui
-  tag: v1
+  tag: v2
`,
  },
  {
    name: 'tag and digest, both there',
    image: `ui=ghcr.io/acme/ui:v2@${d2}`,
    text: `
 image:
   repository: ghcr.io/acme/ui
-  tag: v1
-  digest: ${d1}
+  tag: v2
+  digest: ${d2}
`,
  },
  {
    name: 'an empty digest is filled',
    image: `ui=ghcr.io/acme/ui:v2@${d2}`,
    text: `
 image:
   repository: ghcr.io/acme/ui
-  digest: ''
-  tag: v1
+  digest: '${d2}'
+  tag: v2
`,
  },
  {
    name: 'a stale digest is emptied',
    text: `
 image:
   repository: ghcr.io/acme/ui
-  tag: v1
-  digest: "${d1}" # pinned
+  tag: v2
+  digest: "" # pinned
`,
  },
  {
    name: 'an empty digest stays',
    text: `
 image:
   repository: ghcr.io/acme/ui
-  tag: v1
+  tag: v2
   digest:
`,
  },
  {
    name: 'the digest in the tag',
    image: `ui=ghcr.io/acme/ui:v2@${d2}`,
    text: `
 image:
   repository: ghcr.io/acme/ui
-  tag: v1@${d1}
+  tag: v2@${d2}
`,
  },
  {
    name: 'the stale digest in the tag',
    text: `
 image:
   repository: ghcr.io/acme/ui
-  tag: "v1@${d1}"
+  tag: "v2"
`,
  },
  {
    name: 'keys of another chart',
    helm: 'ui: { repository: web.imageName, tag: web.imageTag, digest: web.imageDigest }',
    image: `ui=ghcr.io/acme/ui:v2@${d2}`,
    text: `
 web:
-  imageName: ghcr.io/old/ui
-  imageTag: 1.0.0
+  imageName: ghcr.io/acme/ui
+  imageTag: v2
+  imageDigest: ${d2}
   replicas: {min: 1}
`,
  },
  {
    name: 'no tag yet',
    text: `
 image:
   repository: ghcr.io/acme/ui
   pullPolicy: Always # why not
+  tag: v2
 other: x
`,
  },
  {
    name: 'a tag alone, where the repository is the chart’s own',
    image: 'ui=:v2',
    text: `
-image: {tag: v1}
+image: {tag: v2}
`,
  },
  {
    name: 'a tag at the very top',
    image: 'ui=:v2',
    helm: 'ui: { tag: tag }',
    text: `
-tag: v1
+tag: v2
`,
  },
  {
    name: 'a tag that was a number',
    image: 'ui=:1.11',
    text: `
 image:
-  tag: 1.10
+  tag: "1.11"
`,
  },
  {
    name: 'several images, one of them in a list',
    image: 'ui=ghcr.io/acme/ui:v2\nside=ghcr.io/acme/side:v2',
    helm: 'ui: ui.image\nside: extra[1].image',
    text: `
 ui:
   image: { repository: ghcr.io/acme/ui, tag: v1 }
 extra:
   - image: ghcr.io/acme/first:v1
-  - image: ghcr.io/acme/side:v1
+  - image: ghcr.io/acme/side:v2
`.replace(/^ ( {2}image: \{ .* tag: )v1 \}$/m, '-$1v1 }\n+$1v2 }'),
  },
  {
    name: 'JSON',
    file: 'values.json',
    text: `
-{"image":{"repository":"ghcr.io/acme/ui","tag":"v1"}}
+{"image":{"repository":"ghcr.io/acme/ui","tag":"v2"}}
`,
  },
  {
    name: 'a merge key beside the value',
    text: `
 defaults: &defaults { pullPolicy: Always, tag: v0 }
 image:
   <<: *defaults
   repository: ghcr.io/acme/ui
-  tag: v1
+  tag: v2
`,
  },
  {
    name: 'a template in quotes elsewhere',
    text: `
 annotations: { checksum: '{{ include "x" . | sha256sum }}' }
 image:
   repository: ghcr.io/acme/ui
-  tag: 'v1'
+  tag: 'v2'
`,
  },
  {
    name: 'comments between all tokens',
    text: `
 image: # a
   # b
   repository: # c
     # d
     ghcr.io/acme/ui # e
   # f
   tag: # g
     # h
-    v1 # i
+    v2 # i
   # j
`,
  },
  {
    name: 'a merge key, read through where nothing is written',
    image: 'ui=ghcr.io/acme/ui:v2',
    text: `
 defaults: &defaults { repository: ghcr.io/acme/ui }
 image:
   <<: *defaults
-  tag: v1
+  tag: v2
`,
  },
].map(each => ({ file, image, helm, ...each }));
