import { type Case, d1, d2 } from './case.ts';

const file = 'deployment.yaml';
const image = 'ghcr.io/acme/ui:v2';
const pod = (kind: string, apiVersion = 'apps/v1') => ` apiVersion: ${apiVersion}
 kind: ${kind}
 metadata: { name: ui, labels: { image: "ghcr.io/acme/ui:v1" } }
 spec:
   template:
     spec:
       containers:
         - name: ui
-          image: ghcr.io/acme/ui:v1
+          image: ghcr.io/acme/ui:v2
`;

/** Plain manifests: whatever has containers. */
export const manifests: Case[] = [
  ...['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'].map(kind => ({
    name: `a ${kind}`,
    text: `\n${pod(kind)}`,
  })),
  { name: 'a Job', text: `\n${pod('Job', 'batch/v1')}` },
  { name: 'a Rollout, which nobody here knows', text: `\n${pod('Rollout', 'argoproj.io/v1alpha1')}` },
  {
    name: 'a CronJob',
    text: `
 apiVersion: batch/v1
 kind: CronJob
 spec:
   schedule: "*/5 * * * *"
   jobTemplate:
     spec:
       template:
         spec:
           restartPolicy: Never
           containers:
-          - {name: ui, image: 'ghcr.io/acme/ui:v1', args: ["{{x}}"]}
+          - {name: ui, image: 'ghcr.io/acme/ui:v2', args: ["{{x}}"]}
`,
  },
  {
    name: 'a Pod with every list of containers',
    text: `
 apiVersion: v1
 kind: Pod
 spec:
   initContainers:
     - name: first
-      image: ghcr.io/acme/ui:v1 # same
+      image: ghcr.io/acme/ui:v2 # same
     - name: other
       image: ghcr.io/acme/ui-init:v1
   containers:
-    - image: "ghcr.io/acme/ui:v0"
+    - image: "ghcr.io/acme/ui:v2"
       name: ui
   ephemeralContainers:
     - name: debug
-      image: ghcr.io/acme/ui
+      image: ghcr.io/acme/ui:v2
   volumes:
     - name: oci
       image: { reference: "ghcr.io/acme/ui:v1" }
`,
  },
  {
    name: 'a List, and a document behind it',
    text: `
 apiVersion: v1
 kind: List
 items:
   - apiVersion: apps/v1
     kind: Deployment
     spec:
       template:
         spec:
-          containers: [ { name: ui, image: ghcr.io/acme/ui:v1 } ]
+          containers: [ { name: ui, image: ghcr.io/acme/ui:v2 } ]
   - apiVersion: v1
     kind: Service
 ---
 apiVersion: v1
 kind: Pod
 spec:
   containers:
-  - image: ghcr.io/acme/ui:v1
+  - image: ghcr.io/acme/ui:v2
`,
  },
  {
    name: 'tag and digest come and go together',
    image: `ghcr.io/acme/ui:v2@${d2}\nghcr.io/acme/side=:v2\nghcr.io/acme/third=@${d2}`,
    text: `
 apiVersion: v1
 kind: Pod
 spec:
   containers:
-    - image: ghcr.io/acme/ui:v1@${d1}
-    - image: ghcr.io/acme/side:v1@${d1}
-    - image: ghcr.io/acme/third:v1
+    - image: ghcr.io/acme/ui:v2@${d2}
+    - image: ghcr.io/acme/side:v2
+    - image: ghcr.io/acme/third@${d2}
`,
  },
  {
    name: 'another registry, by the name that stands there',
    image: 'nginx=mirror.acme.dev/library/nginx:1.29',
    text: `
 apiVersion: v1
 kind: Pod
 spec:
   containers:
-    - image: nginx:1.28
+    - image: mirror.acme.dev/library/nginx:1.29
`,
  },
  {
    name: 'what looks like a container in a text is none',
    text: `
 apiVersion: v1
 kind: ConfigMap
 metadata: { name: notes }
 data:
   pod.yaml: |
     containers:
       - image: ghcr.io/acme/ui:v1
   folded: >-
     image: ghcr.io/acme/ui:v1
 ---
 apiVersion: v1
 kind: Pod
 spec:
   containers:
-    - image: ghcr.io/acme/ui:v1
+    - image: ghcr.io/acme/ui:v2
`,
  },
  {
    name: 'a container that is shared elsewhere, beside ours',
    text: `
 apiVersion: v1
 kind: List
 items:
   - spec:
       containers:
         - &side { image: "ghcr.io/acme/side:v1" }
-        - image: ghcr.io/acme/ui:v1
+        - image: ghcr.io/acme/ui:v2
   - spec:
       containers:
         - *side
`,
  },
  {
    name: 'environment variables named image, and long lines',
    text: `
 apiVersion: v1
 kind: Pod
 spec:
   containers:
     - env: [{ name: image, value: "ghcr.io/acme/ui:v1" }, { name: LONG, value: "${'x'.repeat(300)}" }]
       command: ["sh", "-c", "echo ghcr.io/acme/ui:v1 # not a comment"]
-      image:    ghcr.io/acme/ui:v1
+      image:    ghcr.io/acme/ui:v2
`,
  },
  {
    name: 'numbers in odd spellings stay as they are',
    text: `
 apiVersion: v1
 kind: Pod
 spec:
   defaultMode: 0644
   big: 12345678901234567890
   float: 1.0e+3
   hex: 0xFF
   yes: on
   date: 2024-01-15
   containers:
-    - image: ghcr.io/acme/ui:v1
+    - image: ghcr.io/acme/ui:v2
`,
  },
  {
    name: 'the header comment and blank documents',
    text: `
 # yaml-language-server: $schema=https://example.com/schema.json

 ---
 # nothing here
 ---
 apiVersion: v1
 kind: Pod
 spec: { containers: [
   # ours
-  { image: ghcr.io/acme/ui:v1 }, # still
+  { image: ghcr.io/acme/ui:v2 }, # still
   ]
 }
`.replaceAll('\n\n', '\n \n'),
  },
].map(each => ({ file, image, ...each }));
