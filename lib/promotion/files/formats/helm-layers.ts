import { isMap, isSeq, type Node } from 'yaml';
import { type Location, UserError } from '../../../runner/errors.ts';
import { openBlock } from '../../editor/block.ts';
import type { Edit } from '../../editor/edit.ts';
import { readText, see } from '../../editor/slot.ts';
import type { Path, Source } from '../../editor/source.ts';
import { helmPathText, isHelmPath } from '../helm-map.ts';

/** Values that a chart is given in one place. Of several layers the first one that has a value counts. */
export interface Layer {
  read(path: Path): { text: string; at: Location } | undefined;
  /** True for a map, to which a key can be added. */
  isMap(path: Path): boolean;
  set(path: Path, value: string): Edit;
}

/** Values as YAML: a file, `valuesObject`, or the text in `values: |`. */
export function treeLayer(
  source: Source,
  document: number,
  base: Path = [],
  within?: Path,
  outer = document,
): Layer {
  const node = (path: Path) => see(source, document, [...base, ...path]);
  return {
    read(path) {
      const text = readText(source, document, [...base, ...path]);
      return text === undefined ? undefined : { text, at: source.at((node(path) as Node).range?.[0] ?? 0) };
    },
    isMap: path => isMap(node(path)),
    set: (path, value) => ({ document: outer, path: [...base, ...path], value, ...(within && { within }) }),
  };
}

/**
 * What counts in an Application, the strongest first: parameters before values, and `valuesObject` in the place of
 * `values`. https://argo-cd.readthedocs.io/en/stable/user-guide/helm/
 */
export function applicationLayers(source: Source, document: number, path: Path): Layer[] {
  const layers: Layer[] = [];
  if (isSeq(see(source, document, [...path, 'parameters']))) {
    layers.push(parameterLayer(source, document, [...path, 'parameters']));
  }
  const within = [...path, 'values'];
  if (isMap(see(source, document, [...path, 'valuesObject']))) {
    layers.push(treeLayer(source, document, [...path, 'valuesObject']));
  } else if (readText(source, document, within)?.trim()) {
    layers.push(treeLayer(openBlock(source, document, within).source, 0, [], within, document));
  }
  return layers;
}

/** `parameters: [{ name: image.tag, value: v1 }]`, which Argo CD hands to `helm template --set`. */
function parameterLayer(source: Source, document: number, base: Path): Layer {
  const list = see(source, document, base);
  const items = isSeq(list) ? list.items.map((_, index) => [...base, index]) : [];
  const find = (path: Path): Path | undefined => {
    const [found, second] = items.filter(item =>
      isHelmPath(readText(source, document, [...item, 'name']) ?? '', path),
    );
    if (!second) return found;
    throw new UserError(
      `The parameter ${helmPathText(path)} has an entry already: delete one of the two`,
      locate(second),
    );
  };
  const locate = (path: Path) => source.at(see(source, document, path)?.range?.[0] ?? 0);
  return {
    read(path) {
      const item = find(path);
      return (
        item && { text: readText(source, document, [...item, 'value']) ?? '', at: locate([...item, 'value']) }
      );
    },
    isMap: () => false,
    set(path, value) {
      const item = find(path) ?? [];
      if (
        /^(-?\d+|true|false|null)$/.test(value) &&
        readText(source, document, [...item, 'forceString']) !== 'true'
      ) {
        throw new UserError(
          `Helm would not take "${value}" for a text: write forceString: true to the parameter ${helmPathText(path)}`,
          locate(item),
        );
      }
      return { document, path: [...item, 'value'], value };
    },
  };
}
