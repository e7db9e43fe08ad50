import type { ToolName } from '../../tools/parts.ts';

/** What an image is made of. All paths are absolute; those on this machine are the same in the image unless said. */
export interface Recipe {
  /** The name by which upstream's manifests ask for it. */
  reference: string;
  /** Where the sandbox's tools go. */
  tools?: Record<string, ToolName>;
  /** Other files of this machine, by their path in the image. */
  files?: Record<string, string>;
  /** Files and folders of this machine. A program takes along what it is linked with. */
  host?: string[];
  /** Symbolic links, by where they point. */
  links?: Record<string, string>;
  /** Small files, by what is in them. */
  text?: Record<string, string>;
  /** Empty folders. */
  folders?: Record<string, { mode: number; owner?: number }>;
  config: ImageConfig;
}

/** https://github.com/opencontainers/image-spec/blob/main/config.md */
export interface ImageConfig {
  Entrypoint?: string[];
  Cmd?: string[];
  Env?: string[];
  User?: string;
  WorkingDir?: string;
}

export const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Where Go, OpenSSL, git and curl on Debian look for whom to trust; the run adds the sandbox's own authority. */
export const caBundle = '/etc/ssl/certs/ca-certificates.crt';

/** What every image with more than one static program has. */
export const base = {
  files: { [caBundle]: caBundle },
  links: { '/bin': 'usr/bin', '/sbin': 'usr/sbin', '/lib': 'usr/lib', '/lib64': 'usr/lib64' },
  text: {
    '/etc/passwd': 'root:x:0:0:root:/root:/bin/sh\nnonroot:x:65532:65532:nonroot:/home/nonroot:/bin/false\n',
    '/etc/group': 'root:x:0:\nnonroot:x:65532:\n',
    '/etc/nsswitch.conf': 'hosts: files dns\n',
  },
  folders: { '/tmp': { mode: 0o1777 }, '/home/nonroot': { mode: 0o755, owner: 65532 } },
} satisfies Partial<Recipe>;
