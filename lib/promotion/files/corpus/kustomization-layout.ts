import { type Case, d1, d2 } from './case.ts';

const image = 'ui=ghcr.io/acme/ui:v2';
const both = `ui=ghcr.io/acme/ui:v2@${d2}`;

/** Kustomization files, however they are written: what is moved keeps its shape, and all around it every byte. */
export const kustomizationLayouts: Case[] = [
  {
    name: 'comments everywhere',
    image,
    text: `
 # the shop's face
 resources: [app.yaml] # all of it
 images: # moved by promotions
   # before
   - name: ui # which
     # between
     newName: ghcr.io/acme/ui   # from where
-    newTag:   v1   # which version: "v1", {v1}
+    newTag:   v2   # which version: "v1", {v1}
     # behind
 # the end
`,
  },
  {
    name: 'a list without indentation, single quotes, and blank lines with blanks',
    image,
    text: `
 resources:
 - app.yaml
   
 images:
 
 - newName: 'ghcr.io/acme/ui'
-  newTag:   'v1'
+  newTag:   'v2'
   name: 'ui'
 
`,
  },
  {
    name: 'double quotes, and the dash alone on its line',
    image,
    text: `
 resources: [app.yaml]
 images:
 -
    "name": "ui"
    "newName": "ghcr.io/acme/ui"
-   "newTag": "v1"
+   "newTag": "v2"
`,
  },
  {
    name: 'flow maps in a block list',
    image,
    text: `
 resources: [app.yaml]
 images:
-  - {name: ui,newName: ghcr.io/acme/ui , newTag: v1}  # tight
+  - {name: ui,newName: ghcr.io/acme/ui , newTag: v2}  # tight
`,
  },
  {
    name: 'all of it in one flow map over several lines',
    image,
    text: `
 { resources: [ app.yaml ],
   images: [
     { name: ui, newName: ghcr.io/acme/ui,
-      newTag: v1, },
+      newTag: v2, },
   ] }
`,
  },
  {
    name: 'JSON is YAML',
    image,
    text: `
 {
   "resources": ["app.yaml"],
   "images": [
     {
       "name": "ui",
       "newName": "ghcr.io/acme/ui",
-      "newTag": "v1"
+      "newTag": "v2"
     }
   ]
 }
`,
  },
  {
    name: 'JSON gets a key more, in its quotes and on its line',
    image: both,
    text: `
 {
   "resources": ["app.yaml"],
   "images": [
     {
       "name": "ui",
       "newName": "ghcr.io/acme/ui",
-      "newTag": "v1"
+      "newTag": "v2",
+      "digest": "${d2}"
     }
   ]
 }
`,
  },
  {
    name: 'no newTag yet, in a flow map',
    image,
    text: `
 resources: [app.yaml]
 images:
-  - { name: ui, newName: ghcr.io/acme/ui }
+  - { name: ui, newName: ghcr.io/acme/ui, newTag: v2 }
`,
  },
  {
    name: 'an empty newTag',
    image,
    text: `
 resources: [app.yaml]
 images:
   - name: ui
-    newTag:
+    newTag: v2
     newName: ghcr.io/acme/ui
`,
  },
  {
    name: 'an empty newTag with a comment',
    image,
    text: `
 resources: [app.yaml]
 images:
   - name: ui
     newName: ghcr.io/acme/ui
-    newTag: # none yet
+    newTag: v2 # none yet
`,
  },
  {
    name: "Docker's short name is the same repository",
    image: 'docker.io/library/nginx:1.29',
    text: `
 resources: [app.yaml]
 images:
   - name: nginx
-    newTag: "1.28"
+    newTag: "1.29"
`,
  },
  {
    name: 'tags that look like numbers stay strings',
    image: [
      'a=:1.10',
      'b=:1234567',
      'c=:706798e8',
      'd=:0123',
      'e=:2024-01-15',
      'f=:on',
      'g=:0x1f',
      'h=:1_000',
      'i=:0o17',
      'j=:yes',
      'k=:1e3',
    ].join('\n'),
    text: `
 resources: [app.yaml]
 images:
-  - {name: a, newTag: v1}
-  - {name: b, newTag: v1}
-  - {name: c, newTag: v1}
-  - {name: d, newTag: v1}
-  - {name: e, newTag: v1}
-  - {name: f, newTag: v1}
-  - {name: g, newTag: v1}
-  - {name: h, newTag: v1}
-  - {name: i, newTag: v1}
-  - {name: j, newTag: v1}
-  - {name: k, newTag: v1}
+  - {name: a, newTag: "1.10"}
+  - {name: b, newTag: "1234567"}
+  - {name: c, newTag: "706798e8"}
+  - {name: d, newTag: "0123"}
+  - {name: e, newTag: "2024-01-15"}
+  - {name: f, newTag: "on"}
+  - {name: g, newTag: "0x1f"}
+  - {name: h, newTag: "1_000"}
+  - {name: i, newTag: "0o17"}
+  - {name: j, newTag: "yes"}
+  - {name: k, newTag: "1e3"}
`,
  },
  {
    name: 'a number where a text is meant becomes one, even if it says the same',
    image: 'a=:1.10',
    text: `
 resources: [app.yaml]
 images:
   - name: a
-    newTag: 1.10
+    newTag: "1.10"
`,
  },
  {
    name: 'letters of the world, also outside of the first plane',
    image,
    text: `
 resources: [app.yaml] # 日本語 😀 ñ
 commonAnnotations: { "schlüssel/😀": "wert é" }
 images:
   - name: ui # 😀
-    newTag: v1 # 🚀 → später
+    newTag: v2 # 🚀 → später
     newName: ghcr.io/acme/ui
`,
  },
  {
    name: 'anchors and aliases elsewhere',
    image,
    text: `
 resources: [app.yaml]
 commonAnnotations: &a { team: shop }
 labels: [{ pairs: *a, includeSelectors: false }]
 images:
   - name: ui
     newName: ghcr.io/acme/ui
-    newTag: &unused v1
+    newTag: &unused v2
`,
  },
  {
    name: 'blocks of text that look like images',
    image,
    text: `
 resources: [app.yaml]
 configMapGenerator:
   - name: notes
     literals:
       - |-
         text=images:
           - name: ui
             newTag: v1
       - >
         folded=newTag: v1
 images:
   - name: ui
     newName: ghcr.io/acme/ui
-    newTag: v1
+    newTag: v2
`,
  },
  {
    name: 'the document markers stay',
    image,
    text: `
 %YAML 1.1
 ---
 resources: [app.yaml]
 images:
   - name: ui
     newName: ghcr.io/acme/ui
-    newTag: v1
+    newTag: v2
 ...
`,
  },
  {
    name: 'a tab in front of a comment and after a colon',
    image,
    text: `
 resources: [app.yaml]
 images:
   - name: ui
     newName:	ghcr.io/acme/ui	# tab
-    newTag:	v1	# tab
+    newTag:	v2	# tab
`,
  },
  {
    name: 'an explicit string tag',
    image: 'ui=:1.11',
    text: `
 resources: [app.yaml]
 images:
   - name: ui
-    newTag: !!str 1.10
+    newTag: !!str "1.11"
`,
  },
  {
    name: 'a value on the line below its key',
    image,
    text: `
 resources: [app.yaml]
 images:
   - name: ui
     newName: ghcr.io/acme/ui
     newTag:
-      v1
+      v2
`,
  },
  {
    name: 'two values on one line, with a comment behind them',
    image: both,
    text: `
 resources: [app.yaml]
 images:
-  - { name: ui, newName: ghcr.io/acme/ui, newTag: v1, digest: ${d1} } # both
+  - { name: ui, newName: ghcr.io/acme/ui, newTag: v2, digest: ${d2} } # both
`,
  },
  {
    name: 'whatever a writer of YAML would put in order stays as it is',
    image,
    text: `
 resources: [ first.yaml,other.yaml ,
   third.yaml]
 labels:
 - pairs: {a:   "1",  b: 'x',"c": y}
   includeSelectors:   false
 configMapGenerator:
   - name: odd
     literals:
       - numbers=0x1F
       - "caf\\u00e9=\\x41"
       - >-
         folded once

         and again   
       - a very long line of many words that goes on beyond the eighty columns at which writers of YAML break it
       - plain over
         two lines
 replicas:
   - { name: app, count: 0o17 }
   - { name: other, count: 1_000 }


 images:
   - name:    ui          # aligned
     newName: ghcr.io/acme/ui
-    newTag:  v1          # aligned
+    newTag:  v2          # aligned
`,
  },
];
