import { type Application, now } from './application.ts';
import { type Argo, projectOf, write } from './argo.ts';
import { pathOf } from './cluster.ts';
import { ownedBy } from './compare.ts';
import { hasOption, key, syncOptions, wave } from './object.ts';

const cascade = /^resources-finalizer\.argocd\.argoproj\.io(\/(background|foreground))?$/;

export const isCascading = ({ metadata }: Application): boolean =>
  (metadata.finalizers ?? []).some(each => cascade.test(each));

/** One step of a deletion: the highest wave of what the Application owns, and when nothing is left, the finalizer. */
export async function finalize(argo: Argo, application: Application): Promise<void> {
  const project = projectOf(argo, application);
  if (!project) {
    const message = `error getting app project "${application.spec.project}": appproject.argoproj.io "${application.spec.project}" not found`;
    const before = application.status?.conditions?.find(each => each.type === 'DeletionError');
    const condition = before ?? { type: 'DeletionError', message, lastTransitionTime: now() };
    await write(argo, application, { status: { ...application.status, conditions: [condition] } });
    return;
  }
  for (const { group = '', version, kind: name } of application.status?.resources ?? []) {
    const kind = await argo.cluster.kind(group ? `${group}/${version}` : version, name);
    if (kind) await argo.live.follow(kind);
  }
  const owned = ownedBy(argo.live, application, project);
  if (owned.some(({ metadata }) => metadata.deletionTimestamp)) return;

  const doomed = owned.filter(
    object =>
      object.kind !== 'CustomResourceDefinition' &&
      key(object) !== key(application) &&
      !hasOption(object, syncOptions, 'Delete=false'),
  );
  if (doomed.length === 0) {
    const finalizers = (application.metadata.finalizers ?? []).filter(each => !cascade.test(each));
    await write(argo, application, { metadata: { ...application.metadata, finalizers } });
    return;
  }
  const last = Math.max(...doomed.map(wave));
  for (const object of doomed.filter(each => wave(each) === last)) {
    const kind = await argo.cluster.kind(object.apiVersion, object.kind);
    const { namespace, name } = object.metadata;
    if (kind) await argo.cluster.delete(pathOf(kind, namespace, name));
  }
}
