import type { Location } from '../../../runner/errors.ts';
import type { Edit } from '../../editor/edit.ts';
import type { Reference } from '../../reference.ts';
import type { ImageWish } from '../wishes.ts';

/** Somewhere in a file that says which version of an image is meant. */
export interface ImagePlace {
  /** What the file calls it, letter for letter. */
  name: string;
  /** What it comes to, as far as the file says. */
  reference: Reference | undefined;
  at: Location;
  /** What it takes to say what is wished; edits may be no changes. @throws UserError where that cannot be said here */
  set(wish: ImageWish): Edit[];
}

/** Somewhere in a file that says which revision is meant. */
export interface RevisionPlace {
  /** What the source may be called: its repository, chart, name or ref. */
  names: string[];
  at: Location;
  set(revision: string): Edit[];
}

export interface Places {
  images: ImagePlace[];
  revisions: RevisionPlace[];
}
