import { type Case, d1, d2 } from './case.ts';

const file = 'application.yaml';
const image = 'ui=ghcr.io/acme/ui:v2';
const head = ` apiVersion: argoproj.io/v1alpha1
 kind: Application
 metadata: { name: ui } # the shop's face
 spec:`;

/** Applications of Argo CD: what kustomize and Helm are told in them, and revisions. */
export const applications: Case[] = [
  {
    name: 'kustomize.images: the entry moves, its name stays',
    image,
    text: `
${head}
   source:
     repoURL: https://github.com/acme/ui
     targetRevision: v1
     kustomize:
       images:
         - other:v1
-        - ui=ghcr.io/acme/ui:v1 # which
+        - ui=ghcr.io/acme/ui:v2 # which
`,
  },
  {
    name: 'kustomize.images and the revision, in flow style',
    image,
    revision: '0123456789abcdef0123456789abcdef01234567',
    text: `
${head}
-  source: { repoURL: "https://github.com/acme/ui", targetRevision: main, kustomize: {images: [ui=ghcr.io/acme/ui:v1]} }
+  source: { repoURL: "https://github.com/acme/ui", targetRevision: 0123456789abcdef0123456789abcdef01234567, kustomize: {images: [ui=ghcr.io/acme/ui:v2]} }
`,
  },
  {
    name: 'an entry without name',
    image: `ghcr.io/acme/ui:v2@${d2}`,
    text: `
${head}
   source:
     kustomize:
       images:
-      - 'ghcr.io/acme/ui:v1@${d1}'
+      - 'ghcr.io/acme/ui:v2@${d2}'
`,
  },
  {
    name: 'an entry without name gets one, when its image comes from elsewhere',
    image: 'ghcr.io/acme/ui=registry.acme.dev:5000/ui:v2',
    text: `
${head}
   source:
     kustomize:
       images:
-        - ghcr.io/acme/ui:v1
+        - ghcr.io/acme/ui=registry.acme.dev:5000/ui:v2
`,
  },
  {
    name: 'a tag takes the stale digest with it',
    image,
    text: `
${head}
   source:
     kustomize:
       images:
-        - ui=ghcr.io/acme/ui:v1@${d1}
+        - ui=ghcr.io/acme/ui:v2
`,
  },
  {
    name: 'a digest takes the stale tag with it',
    image: `ui=@${d2}`,
    text: `
${head}
   source:
     kustomize:
       images:
-        - ui=ghcr.io/acme/ui:v1
+        - ui=ghcr.io/acme/ui@${d2}
`,
  },
  {
    name: 'a revision that looks like a number is quoted',
    revision: '1.10',
    text: `
${head}
   source:
     repoURL: https://charts.acme.dev
     chart: ui
-    targetRevision: 1.9.0
+    targetRevision: "1.10"
`,
  },
  {
    name: 'no revision yet: a line behind its siblings',
    revision: 'v2',
    text: `
${head}
   source:
     repoURL: https://github.com/acme/ui # where
     path: deploy # and where there
+    targetRevision: v2
     kustomize:
       namePrefix: x-
`,
  },
  {
    name: 'no revision yet, and nothing on one line to stand behind',
    revision: 'v2',
    text: `
${head}
   source:
     # how it is made
+    targetRevision: v2
     kustomize:
       namePrefix: x-
`,
  },
  {
    name: 'of several sources the one that is named, by its repository',
    revision: 'https://github.com/acme/values=v2',
    text: `
${head}
   sources:
     - repoURL: https://charts.acme.dev
       chart: ui
       targetRevision: 1.0.0
-    - {repoURL: 'https://github.com/acme/values.git', targetRevision: v1, ref: values}
+    - {repoURL: 'https://github.com/acme/values.git', targetRevision: v2, ref: values}
`,
  },
  {
    name: 'of several sources two, by chart and by ref, and an image of a third',
    revision: 'ui=1.1.0\nvalues=v2',
    image,
    text: `
${head}
   sources:
   - repoURL: https://charts.acme.dev
     chart: ui
-    targetRevision: 1.0.0
+    targetRevision: 1.1.0
   - repoURL: https://github.com/acme/values
-    targetRevision: v1
+    targetRevision: v2
     ref: values
   - repoURL: https://github.com/acme/ui
     targetRevision: v1
     kustomize:
       images:
-      - ui=ghcr.io/acme/ui:v1
+      - ui=ghcr.io/acme/ui:v2
`,
  },
  {
    name: 'sources count, and source does not',
    image,
    text: `
${head}
   source: { kustomize: { images: [ "ui=ghcr.io/acme/ui:v1" ] } }
   sources:
     - kustomize:
-        images: [ "ui=ghcr.io/acme/ui:v1" ]
+        images: [ "ui=ghcr.io/acme/ui:v2" ]
`,
  },
  {
    name: 'only the Application among several documents',
    image,
    text: `
 apiVersion: v1
 kind: ConfigMap
 data: { images: "ui=ghcr.io/acme/ui:v1" }
 ---
${head}
   source:
     kustomize:
       images:
-        - ui=ghcr.io/acme/ui:v1
+        - ui=ghcr.io/acme/ui:v2
 --- # nothing
 ---
 apiVersion: v1
 kind: Namespace
 metadata: {name: ui}
`,
  },
  {
    name: 'helm.values: YAML in a block of text',
    image,
    helm: 'ui: image',
    text: `
${head}
   source:
     chart: ui
     helm:
       values: |
         # of the chart
         image:
           repository: ghcr.io/acme/ui   # from where
-          tag:   "v1" # which
+          tag:   "v2" # which

         replicas: 2
       releaseName: ui
`.replaceAll('\n\n', '\n \n'),
  },
  {
    name: 'helm.values at the end, kept without newline, with an indentation of its own',
    image,
    helm: 'ui: ui.image',
    text: `
${head}
   source:
     helm:
       values: |4-
             ui:
-              image: ghcr.io/acme/ui:v1
+              image: ghcr.io/acme/ui:v2
             other: {}
`,
  },
  {
    name: 'helm.values: keys more and fewer',
    image: `ui=ghcr.io/acme/ui:v2\nproduct=:v2@${d2}`,
    helm: 'ui: ui.image\nproduct: { tag: product.tag, digest: product.sha }',
    text: `
${head}
   source:
     helm:
       values: |+
         ui:
           image: { repository: ghcr.io/acme/ui }
         product:
-          tag: v1
+          tag: v2
+          sha: ${d2}

       skipCrds: true
`
      .replaceAll('\n\n', '\n \n')
      .replace(
        /^( {10} image: )\{ repository: ghcr.io\/acme\/ui \}$/m,
        (line: string) => `-${line.slice(1)}\n+${line.slice(1, -2)}, tag: v2 }`,
      ),
  },
  {
    name: 'helm.values: a comment at its head, blank lines first and last, and a comment behind it',
    image,
    helm: 'ui: image',
    text: `
${head}
   source:
     helm:
       values: | # of the chart
 
    
         # first
         image:
           repository: ghcr.io/acme/ui
-          tag: v1
+          tag: v2
 
 
     # behind
     path: deploy
`,
  },
  {
    name: 'helm.valuesObject',
    image,
    helm: 'ui: image',
    text: `
${head}
   source:
     helm:
       values: |
         image: { tag: not looked at }
       valuesObject:
         image:
           registry: ghcr.io
           repository: acme/ui
-          tag: v1
+          tag: v2
`,
  },
  {
    name: 'helm.valuesObject: another registry, in its two parts',
    image: 'ui=registry.acme.dev:5000/shop/ui:v2',
    helm: 'ui: image',
    text: `
${head}
   source:
     helm:
       valuesObject:
         image:
-          registry: ghcr.io
-          repository: acme/ui
-          tag: v1
+          registry: registry.acme.dev:5000
+          repository: shop/ui
+          tag: v2
`,
  },
  {
    name: 'helm.parameters',
    image,
    helm: 'ui: image',
    text: `
${head}
   source:
     helm:
       parameters:
       - name: image.repository
         value: ghcr.io/acme/ui
       - name: "image.tag"
-        value: v1 # which
+        value: v2 # which
         forceString: true
`,
  },
  {
    name: 'helm.parameters come before values, key by key',
    image,
    helm: 'ui: image',
    text: `
${head}
   source:
     helm:
-      parameters: [{ name: image.tag, value: v1 }]
+      parameters: [{ name: image.tag, value: v2 }]
       values: |
         image:
           repository: ghcr.io/acme/ui
           tag: v0
`,
  },
  {
    name: 'helm.parameters: a name with a dot in it, and a place in a list',
    image: 'ui=:v2\nside=ghcr.io/acme/side:v2',
    helm: 'ui: { tag: images.acme\\.dev/ui }\nside: sidecars[1].image',
    text: `
${head}
   source:
     helm:
       parameters:
-        - { name: 'images.acme\\.dev/ui', value: "v1" }
-        - { name: "sidecars[1].image", value: "ghcr.io/acme/side:v1" }
+        - { name: 'images.acme\\.dev/ui', value: "v2" }
+        - { name: "sidecars[1].image", value: "ghcr.io/acme/side:v2" }
         - { name: "sidecars[0].image", value: "ghcr.io/acme/side:v1" }
`,
  },
  {
    name: 'a number as a parameter, where Helm is told that it is a text',
    image: 'ui=:1234567',
    helm: 'ui: image',
    text: `
${head}
   source:
     helm:
       parameters:
         - name: image.tag
-          value: v1
+          value: "1234567"
           forceString: true
`,
  },
  {
    name: 'two Applications in one file, both with the image',
    image,
    text: `
${head}
   source:
-    kustomize: { images: [ui=ghcr.io/acme/ui:v1] }
+    kustomize: { images: [ui=ghcr.io/acme/ui:v2] }
 ---
${head}
   source:
-    kustomize: { images: [ui=ghcr.io/acme/ui:v0] }
+    kustomize: { images: [ui=ghcr.io/acme/ui:v2] }
`,
  },
].map(each => ({ file, ...each }));
