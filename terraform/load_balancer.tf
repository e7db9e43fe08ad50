locals {
  # The node ports are pinned in the Service of Traefik.
  ingress = {
    http  = { port = 80, node_port = 30080 }
    https = { port = 443, node_port = 30443 }
  }
}

# Owned here and not by the cluster: the address survives the cluster, and a destroy leaves nothing that costs.
resource "exoscale_nlb" "ingress" {
  zone        = local.zone
  name        = local.name
  description = local.description
  labels      = local.labels
}

resource "exoscale_nlb_service" "ingress" {
  for_each = local.ingress

  zone             = local.zone
  nlb_id           = exoscale_nlb.ingress.id
  instance_pool_id = exoscale_sks_nodepool.nodes.instance_pool_id
  name             = each.key
  description      = local.description
  port             = each.value.port
  target_port      = each.value.node_port
  protocol         = "tcp"
  strategy         = "round-robin"

  # With externalTrafficPolicy Local only nodes on which Traefik runs answer: the others leave the rotation. Traefik answers with
  # 503 as soon as it is told to stop and goes on for twenty seconds, longer than two of these checks take.
  healthcheck {
    mode     = "http"
    port     = local.ingress.http.node_port
    uri      = "/ping"
    interval = 5
    timeout  = 2
    retries  = 1
  }
}
