import type { File } from '../github/files.ts';
import { type Edited, edit } from './editor/edit.ts';
import type { Move } from './plan.ts';

/** The file that a move makes, with the lines that it changes. */
export interface EditedFile {
  file: File;
  hunks: Edited['hunks'];
}

// The log, the body and the commit ask for the same.
const known = new WeakMap<Move, EditedFile>();

/** Makes the new file, in memory. @throws UserError for what cannot be edited safely */
export function editMove(move: Move): EditedFile {
  const { pin, changes } = move;
  const found = known.get(move);
  if (found) return found;
  const edits = changes.map(({ path, after }) => ({ document: pin.document, path, value: after }));
  const { bytes, hunks } = edit(pin.file, pin.bytes, edits);
  const edited = { file: { path: pin.file, bytes }, hunks };
  known.set(move, edited);
  return edited;
}
