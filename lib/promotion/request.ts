/** What somebody asks for, as it is given: the inputs of a promotion of pins. */
export interface PromoteRequest {
  environment: string;
  /** A dry run without a token reads the pins where it is. */
  platformFile: string;
  githubToken?: string | undefined;
  dryRun: boolean;

  service?: string | undefined;
  image?: string | undefined;
  revision?: string | undefined;
  /** A commit of the platform's repository. */
  rollback?: string | undefined;
  /** A service each. */
  pause?: string | undefined;
  resume?: string | undefined;
  release?: string | undefined;
  reason?: string | undefined;

  /** Why a freeze is gone past. */
  hotfix?: string | undefined;
  /** Whether what is older may come. */
  downgrade: boolean;
  /** Of the cluster of the environment that the versions come from. */
  kubeconfig?: string | undefined;
  exoscaleApiKey?: string | undefined;
  exoscaleApiSecret?: string | undefined;
}
