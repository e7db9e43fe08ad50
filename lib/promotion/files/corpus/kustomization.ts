import { type Case, d1, d2 } from './case.ts';

const image = 'ui=ghcr.io/acme/ui:v2';
const both = `ui=ghcr.io/acme/ui:v2@${d2}`;
const digest = `ui=ghcr.io/acme/ui@${d2}`;

/** Kustomization files: which of name, tag and digest move. The places are those that kustomize reads. */
export const kustomizations: Case[] = [
  {
    name: 'newTag moves',
    image,
    text: `
 apiVersion: kustomize.config.k8s.io/v1beta1
 kind: Kustomization
 resources:
   - app.yaml
 images:
   - name: ui
     newName: ghcr.io/acme/ui
-    newTag: v1
+    newTag: v2
`,
  },
  {
    name: 'no newTag yet: a line more, indented like the others',
    image,
    text: `
 resources: [app.yaml]
 images:
     -   name: ui # which
         newName: ghcr.io/acme/ui # from where
+        newTag: v2
 # the end
`,
  },
  {
    name: 'neither newName nor newTag: both come',
    image,
    text: `
 resources: [app.yaml]
 images:
   - name: ui
+    newName: ghcr.io/acme/ui
+    newTag: v2
   - name: other
     newTag: v1
`,
  },
  {
    name: 'the name is the repository: newName is not needed',
    image: 'ghcr.io/acme/ui:v2',
    text: `
 resources: [app.yaml]
 images:
   - name: ghcr.io/acme/ui
-    newTag: v1
+    newTag: v2
`,
  },
  {
    name: 'the same repository spelled otherwise keeps its spelling',
    image: 'web=docker.io/library/nginx:1.29.1',
    text: `
 resources: [app.yaml]
 images:
   - name: web
     newName: index.docker.io/library/nginx
-    newTag: 1.28.0
+    newTag: 1.29.1
`,
  },
  {
    name: 'another repository',
    image,
    text: `
 resources: [app.yaml]
 images:
   - name: ui
-    newName: ghcr.io/old/ui # moved house
-    newTag: v1
+    newName: ghcr.io/acme/ui # moved house
+    newTag: v2
`,
  },
  {
    name: 'a version alone leaves the repository',
    image: 'ui=:v2',
    text: `
 resources: [app.yaml]
 images:
   - name: ui
     newName: registry:5000/somewhere/ui
-    newTag: v1
+    newTag: v2
`,
  },
  {
    name: 'tag and digest',
    image: both,
    text: `
 resources: [app.yaml]
 images:
   - name: ui
     newName: ghcr.io/acme/ui
-    newTag: v1
-    digest: ${d1}
+    newTag: v2
+    digest: ${d2}
`,
  },
  {
    name: 'a tag where a digest stood: the digest goes, in its line',
    image,
    text: `
 resources: [app.yaml]
 images:
   - name: ui
     newName: ghcr.io/acme/ui
-    digest: ${d1} # pinned
+    newTag: v2 # pinned
`,
  },
  {
    name: 'a digest where a tag stood',
    image: digest,
    text: `
 resources: [app.yaml]
 images:
-  - newTag: "v1"
+  - digest: "${d2}"
     name: ui
     newName: ghcr.io/acme/ui
`,
  },
  {
    name: 'a tag where tag and digest stood: no stale digest is left',
    image,
    text: `
 resources: [app.yaml]
 images:
   - name: ui
     newName: ghcr.io/acme/ui
-    newTag: v1
-    digest: ${d1}
+    newTag: v2
   - name: other
     newTag: v1
`,
  },
  {
    name: 'a digest where digest and tag stood, the tag in front and behind a dash',
    image: digest,
    text: `
 resources: [app.yaml]
 images:
-  - newTag: v1
-    name: ui
+  - name: ui
     newName: ghcr.io/acme/ui
-    digest: ${d1}
+    digest: ${d2}
`,
  },
  {
    name: 'the stale digest in a flow map goes with its comma',
    image: `${image}\nui-too=:v2`,
    text: `
 resources: [app.yaml]
 images:
-  - { name: ui, newName: ghcr.io/acme/ui, newTag: v1, digest: "${d1}" }
-  - { digest: "${d1}", newTag: v1, name: ui-too }
+  - { name: ui, newName: ghcr.io/acme/ui, newTag: v2 }
+  - { newTag: v2, name: ui-too }
`,
  },
  {
    name: 'both where only a tag stood: the digest comes behind it',
    image: both,
    text: `
 resources: [app.yaml]
 images:
   - name: ui
     newName: ghcr.io/acme/ui
-    newTag: v1 # why
+    newTag: v2 # why
+    digest: ${d2}
`,
  },
  {
    name: 'several images at once, one of them there already',
    image: `${image}\nproduct=ghcr.io/acme/product:v2\nold=:v1`,
    text: `
 resources: [app.yaml]
 images:
   - name: old
     newTag: v1
   - name: product
     newName: ghcr.io/acme/product
-    newTag: v1
+    newTag: v2
   - name: ui
     newName: ghcr.io/acme/ui
-    newTag: v1
+    newTag: v2
`,
  },
  {
    name: 'a Component, by its kind',
    file: 'component.yaml',
    image,
    text: `
 apiVersion: kustomize.config.k8s.io/v1alpha1
 kind: Component
 images:
   - name: ui
     newName: ghcr.io/acme/ui
-    newTag: v1
+    newTag: v2
`,
  },
  {
    // To kustomize a name is a pattern, so that what it renders of these three is not what they say: it is left out there.
    name: 'a name is a name: one that it would fit as a pattern is another image',
    image: 'ghcr.io/acme/ui=:v2',
    text: `
 resources: [other.yaml]
 images:
   - name: ghcr-io/acme/ui
     newTag: v1
-  - {name: ghcr.io/acme/ui, newTag: v1}
+  - {name: ghcr.io/acme/ui, newTag: v2}
   - {name: ghcr.io/acme/ui2, newTag: v1}
`,
  },
];
