import { type Case, d1, d2 } from './case.ts';

const image = 'ui=ghcr.io/acme/ui:v2';
const application = ` apiVersion: argoproj.io/v1alpha1
 kind: Application
 spec:
   source:`;

/** What cannot be done safely, with the place and the reason. */
const all: Case[] = [
  {
    name: 'an alias as the value',
    text: `
 tag: &tag v1
 images:
   - name: ui
     newName: ghcr.io/acme/ui
     newTag: *tag
`,
    refused: ['5:13', /newTag is only an alias of "&tag"/],
  },
  {
    name: 'a value that is repeated elsewhere',
    text: `
 images:
   - name: ui
     newName: ghcr.io/acme/ui
     newTag: &tag v1
   - name: other
     newTag: *tag
   - name: third
     newTag: *tag
`,
    refused: ['4:18', /newTag is repeated elsewhere through "\*tag" \(line 6, 8\)/],
  },
  {
    name: 'an entry that is an alias',
    text: `
 x: &ui { name: ui, newName: ghcr.io/acme/ui, newTag: v1 }
 images:
   - *ui
`,
    refused: ['3:5', /images\.0 is only an alias of "&ui"/],
  },
  {
    name: 'an entry that is repeated elsewhere',
    text: `
 images:
   - &ui { name: ui, newName: ghcr.io/acme/ui, newTag: v1 }
 x: *ui
`,
    refused: ['2:9', /images\.0 is repeated elsewhere/],
  },
  {
    name: 'a list that is repeated elsewhere',
    text: `
 images: &all
   - { name: ui, newName: ghcr.io/acme/ui, newTag: v1 }
 x: *all
`,
    refused: ['2:3', /images is repeated elsewhere/],
  },
  {
    name: 'a value that comes through a merge key',
    text: `
 x: &x { newName: ghcr.io/acme/ui, newTag: v1 }
 images:
   - <<: *x
     name: ui
`,
    refused: ['3:5', /takes keys over through a merge key/],
  },
  {
    name: 'a stale digest in a map with a merge key',
    text: `
 x: &x { newName: ghcr.io/acme/ui }
 images:
   - <<: *x
     name: ui
     newTag: v1
     digest: ${d1}
`,
    refused: ['3:5', /takes keys over through a merge key/],
  },
  {
    name: 'a block of text as the value',
    text: `
 images:
   - name: ui
     newName: ghcr.io/acme/ui
     newTag: |-
       v1
`,
    refused: ['4:13', /newTag is a text block/],
  },
  {
    name: 'a folded block as the value',
    text: `
 images:
   - name: ui
     newName: ghcr.io/acme/ui
     newTag: >
       v1
`,
    refused: ['4:13', /newTag is a text block/],
  },
  {
    name: 'a map as the value',
    text: `
 images:
   - name: ui
     newName: ghcr.io/acme/ui
     newTag: { a: b }
`,
    refused: ['4:13', /newTag is not a single value/],
  },
  {
    name: 'a tag of YAML’s that says what the value is',
    text: `
 images:
   - name: ui
     newName: ghcr.io/acme/ui
     newTag: !!int 5
`,
    refused: ['4:19', /has the tag tag:yaml\.org,2002:int/],
  },
  {
    name: 'a template as the value',
    text: `
 images:
   - name: ui
     newName: ghcr.io/acme/ui
     newTag: "{{ .Values.tag }}"
`,
    refused: ['4:13', /newTag is a template/],
  },
  {
    name: 'a variable as the value',
    text: `
 images:
   - name: ui
     newName: ghcr.io/acme/ui
     newTag: \${UI_TAG}
`,
    refused: ['4:13', /newTag is a template \("\$\{UI_TAG\}"\), which would be lost/],
  },
  {
    name: 'a template without quotes',
    text: `
 images:
   - name: ui
     newTag: {{ .Values.tag }}
`,
    refused: ['3:14', /looks like a template/],
  },
  {
    name: 'a template that is no YAML',
    text: `
 images:
   - name: {{ .Release.Name }}-ui
     newTag: v1
`,
    refused: ['2:12', /looks like a template/],
  },
  {
    name: 'a key that stands twice',
    text: `
 images:
   - name: ui
     newTag: v1
     newTag: v1
`,
    refused: ['4:5', /Map keys must be unique/],
  },
  {
    name: 'a key that stands twice, far from the image',
    text: `
 namespace: a
 images:
   - name: ui
     newTag: v1
 namespace: b
`,
    refused: ['5:1', /Map keys must be unique/],
  },
  {
    name: 'an image that has two entries',
    text: `
 images:
   - name: ui
     newTag: v1
     newName: ghcr.io/acme/ui
   - name: ui
     newTag: v1
     newName: ghcr.io/acme/ui
`,
    refused: ['5:5', /"ui" has an entry already/],
  },
  {
    name: 'a suffix that would count for nothing',
    text: `
 images:
   - name: ui
     newName: ghcr.io/acme/ui
     tagSuffix: -slim
`,
    refused: ['2:5', /"ui" has a tagSuffix/],
  },
  {
    name: 'no such image, but nearly',
    image: 'uii=ghcr.io/acme/ui:v2',
    text: `
 images:
   - name: ui
`,
    refused: ['', /Nothing here is called "uii" .*: did you mean "ui"\?/],
  },
  {
    name: 'no images at all',
    text: `
 resources: [app.yaml]
`,
    refused: ['', /Nothing here is called "ui" .*: it names no image/],
  },
  {
    name: 'tabs as indentation',
    text: `
 images:
 \t- name: ui
`,
    refused: ['2:1', /not valid YAML: Tabs are not allowed as indentation/],
  },
  {
    name: 'no indentation where one must be',
    text: `
 images:
   - name: ui
   newTag: v1
`,
    refused: ['3:1', /not valid YAML: All mapping items must start at the same column/],
  },
  {
    name: 'something behind a quoted value',
    text: `
 images:
   - name: "ui" v1
`,
    refused: ['2:16', /not valid YAML: Unexpected scalar at node end/],
  },
  {
    name: 'an alias of nothing',
    text: `
 images:
   - name: ui
     newName: *nothing
     newTag: v1
`,
    refused: ['3:14', /newName is only an alias of "&nothing"/],
  },
  {
    name: 'a comment between the keys of a flow map, of which one must go',
    text: `
 images:
   - { name: ui, newName: ghcr.io/acme/ui, newTag: v1, # pinned
       digest: ${d1} }
`,
    refused: ['3:7', /digest must go and cannot be taken out safely/],
  },
  {
    name: 'a list of Application images with no image in it',
    file: 'application.yaml',
    text: `
${application}
     kustomize: { images: ["ui=*:v1"] }
`,
    refused: ['5:27', /"ui=\*:v1" is no image/],
  },
  {
    name: 'a revision where there are several sources',
    file: 'application.yaml',
    image: '',
    revision: 'v2',
    text: `
 apiVersion: argoproj.io/v1alpha1
 kind: Application
 spec:
   sources:
     - { repoURL: "https://github.com/acme/a", targetRevision: v1 }
     - { repoURL: "https://github.com/acme/b", targetRevision: v1 }
`,
    refused: ['6:7', /say which one the revision is of, https:\/\/github\.com\/acme\/a=v2 or https/],
  },
  {
    name: 'a revision that an alias repeats',
    file: 'application.yaml',
    image: '',
    revision: 'v2',
    text: `
${application}
     targetRevision: &v v1
     helm: { version: *v }
`,
    refused: ['5:24', /targetRevision is repeated elsewhere/],
  },
  {
    name: 'helm.values in quotes',
    file: 'application.yaml',
    helm: 'ui: image',
    text: `
${application}
     helm:
       values: "image: { tag: v1 }"
`,
    refused: ['6:15', /values holds YAML and is no literal block/],
  },
  {
    name: 'helm.values folded',
    file: 'application.yaml',
    helm: 'ui: image',
    text: `
${application}
     helm:
       values: >
         image:
           tag: v1
`,
    refused: ['6:15', /values holds YAML and is no literal block/],
  },
  {
    name: 'helm.values that are no YAML, at their line in the file',
    file: 'application.yaml',
    helm: 'ui: image',
    text: `
${application}
     helm:
       values: |
         image:
           tag: v1
         image: {}
`,
    refused: ['9:9', /Map keys must be unique/],
  },
  {
    name: 'helm.values with an alias inside',
    file: 'application.yaml',
    helm: 'ui: image',
    text: `
${application}
     helm:
       values: |
         x: &x v1
         image: { repository: ghcr.io/acme/ui, tag: *x }
`,
    refused: ['8:52', /image\.tag is only an alias/],
  },
  {
    name: 'a parameter that Helm would take for a number',
    file: 'application.yaml',
    image: 'ui=:1234567',
    helm: 'ui: image',
    text: `
${application}
     helm:
       parameters:
         - { name: image.tag, value: v1 }
`,
    refused: ['7:11', /Helm would not take "1234567" for a text: write forceString: true/],
  },
  {
    name: 'a parameter that stands twice',
    file: 'application.yaml',
    image: 'ui=:v2',
    helm: 'ui: image',
    text: `
${application}
     helm:
       parameters:
         - { name: image.tag, value: v1 }
         - { name: image.tag, value: v1 }
`,
    refused: ['8:11', /parameter image\.tag has an entry already/],
  },
  {
    name: 'Helm values without a word where the image stands',
    file: 'values.yaml',
    text: `
 image: { repository: ghcr.io/acme/ui, tag: v1 }
`,
    refused: ['', /Nothing here is called "ui" .*: it names no image; for Helm values/],
  },
  {
    name: 'a repository that only the chart knows',
    file: 'values.yaml',
    helm: 'ui: image',
    text: `
 image: { tag: v1 }
`,
    refused: ['1:15', /No repository stands here for "ui".*ui=:TAG/],
  },
  {
    name: 'a digest that the chart has no place for',
    file: 'values.yaml',
    image: `ui=ghcr.io/acme/ui:v2@${d2}`,
    helm: 'ui: image',
    text: `
 image: { repository: ghcr.io/acme/ui, tag: v1 }
`,
    refused: ['1:44', /There is no place for the digest of "ui"/],
  },
  {
    name: 'a digest alone beside a tag of another image',
    file: 'values.yaml',
    image: `ui=ghcr.io/acme/ui@${d2}`,
    helm: 'ui: image',
    text: `
 image: { repository: ghcr.io/acme/ui, tag: v1, digest: "${d1}" }
`,
    refused: ['1:44', /The tag v1 of "ui" would stand before another image's digest/],
  },
  {
    name: 'a tag where an image is expected',
    file: 'values.yaml',
    helm: 'ui: ui.tag',
    text: `
 ui: { tag: v1 }
`,
    refused: ['1:12', /"v1" is no image with its version/],
  },
  {
    name: 'a map that is repeated elsewhere',
    file: 'values.yaml',
    helm: 'ui: ui.image',
    text: `
 ui: &ui
   image: { repository: ghcr.io/acme/ui, tag: v1 }
 other: *ui
`,
    refused: ['2:3', /ui is repeated elsewhere through "\*ui" \(line 3\)/],
  },
  {
    name: 'a container that is shared with another Deployment',
    file: 'list.yaml',
    image: 'ghcr.io/acme/ui:v2',
    text: `
 apiVersion: v1
 kind: List
 items:
   - spec:
       containers:
         - &ui { image: "ghcr.io/acme/ui:v1" }
   - spec: { x: [*ui] }
`,
    refused: ['6:15', /repeated elsewhere/],
  },
  {
    name: 'a path that the values do not have',
    file: 'values.yaml',
    helm: 'ui: web.image',
    text: `
 image: { repository: ghcr.io/acme/ui, tag: v1 }
`,
    refused: ['', /Nothing here stands at web\.image, where "ui" was said to be/],
  },
  {
    name: 'two names for one place',
    file: 'values.yaml',
    image: 'a=:v2\nb=:v3',
    helm: 'a: image\nb: image',
    text: `
 image: { tag: v1 }
`,
    refused: ['1:15', /Two of the changes meet in this place/],
  },
  {
    name: 'keys behind question marks, of which one is needed',
    text: `
 images:
   - ? name
     : ui
`,
    refused: ['2:7', /how it is indented is not clear/],
  },
  {
    name: 'a template within helm.values',
    file: 'application.yaml',
    helm: 'ui: image',
    text: `
${application}
     helm:
       values: |
         image:
           tag: {{ .tag }}
`,
    refused: ['8:17', /looks like a template/],
  },
];

export const refusals = all.map(each => ({ image, ...each }));
