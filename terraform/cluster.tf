resource "exoscale_sks_cluster" "platform" {
  zone        = local.zone
  name        = local.name
  description = local.description
  labels      = local.labels

  # A replicated control plane with a daily backup; "starter" is free and has neither.
  service_level = "pro"

  # No version: with auto_upgrade a pinned one shows up as a downgrade in the next plan.
  auto_upgrade = true

  # network.tf opens Calico's port.
  cni = "calico"

  # The cloud controller manager makes instances into nodes. It creates no load balancer as long as no Service asks for
  # one: load_balancer.tf owns ours.
  exoscale_ccm   = true
  metrics_server = true

  # Nothing in the cluster keeps data, and a volume that the cluster made would outlive it, and cost.
  exoscale_csi = false
}

resource "exoscale_sks_nodepool" "nodes" {
  zone                    = local.zone
  cluster_id              = exoscale_sks_cluster.platform.id
  name                    = local.name
  description             = local.description
  labels                  = local.labels
  instance_type           = local.settings.nodes.type
  size                    = local.settings.nodes.count
  anti_affinity_group_ids = [exoscale_anti_affinity_group.nodes.id]
  security_group_ids      = [exoscale_security_group.nodes.id]

  lifecycle {
    precondition {
      # https://community.exoscale.com/documentation/compute/anti-affinity-groups/
      condition     = local.settings.nodes.count <= 8
      error_message = "environments.${var.environment}.nodes.count is ${local.settings.nodes.count}, and an anti-affinity group holds at most 8 instances: take at most 8 nodes of a larger type."
    }
  }
}
