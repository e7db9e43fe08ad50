import type { Application } from './application.ts';
import type { KubernetesObject } from './object.ts';

interface GroupKind {
  group: string;
  kind: string;
}

/** https://argo-cd.readthedocs.io/en/stable/user-guide/projects/ */
export interface Project extends KubernetesObject {
  spec: {
    sourceRepos?: string[];
    destinations?: { server?: string; name?: string; namespace?: string }[];
    clusterResourceWhitelist?: GroupKind[];
    clusterResourceBlacklist?: GroupKind[];
    namespaceResourceWhitelist?: GroupKind[];
    namespaceResourceBlacklist?: GroupKind[];
  };
}

/** The cluster that Argo CD runs in, under its two names. */
const inCluster = { server: 'https://kubernetes.default.svc', name: 'in-cluster' };

/** Why an Application may not be what it says, in Argo CD's words; nothing when it may. */
export function forbidden({ spec }: Application, project: Project | undefined): string[] {
  if (!project) return [`Application referencing project ${spec.project} which does not exist`];
  const { repoURL } = spec.source;
  const { server, name, namespace = '' } = spec.destination;
  if (server !== inCluster.server && name !== inCluster.name) {
    return [
      `unable to find destination server: there are no clusters with this name or address: ${name ?? server}`,
    ];
  }
  const messages: string[] = [];
  if (!(project.spec.sourceRepos ?? []).some(pattern => matches(normalise(pattern), normalise(repoURL)))) {
    messages.push(`application repo ${repoURL} is not permitted in project '${project.metadata.name}'`);
  }
  if (!allowsNamespace(project, namespace)) {
    messages.push(
      `application destination server '${server ?? name}' and namespace '${namespace}' do not match any of the allowed destinations in project '${project.metadata.name}'`,
    );
  }
  return messages;
}

/** Why an object may not be part of the project, in Argo CD's words. */
export function notPermitted(
  project: Project,
  { group, kind, namespace }: GroupKind & { namespace: string },
  namespaced: boolean,
): string | undefined {
  if (!allowsKind(project, { group, kind }, namespaced)) {
    return `resource ${group}:${kind} is not permitted in project ${project.metadata.name}`;
  }
  if (namespaced && !allowsNamespace(project, namespace)) {
    return `namespace ${namespace} is not permitted in project '${project.metadata.name}'`;
  }
  return undefined;
}

function allowsKind({ spec }: Project, kind: GroupKind, namespaced: boolean): boolean {
  const [white, black] = namespaced
    ? [spec.namespaceResourceWhitelist, spec.namespaceResourceBlacklist]
    : [spec.clusterResourceWhitelist ?? [], spec.clusterResourceBlacklist];
  const listed = (list: GroupKind[] = []) =>
    list.some(each => matches(each.kind, kind.kind) && matches(each.group, kind.group));
  return (white === undefined || listed(white)) && !listed(black);
}

const allowsNamespace = ({ spec }: Project, namespace: string): boolean =>
  (spec.destinations ?? []).some(
    destination =>
      (matches(destination.server ?? '', inCluster.server) ||
        matches(destination.name ?? '', inCluster.name)) &&
      matches(destination.namespace ?? '', namespace),
  );

const normalise = (url: string): string => url.toLowerCase().replace(/\.git$/, '');

/** Shell patterns with `*` only: what projects are written with here. */
const matches = (pattern: string, text: string): boolean =>
  new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`).test(text);
