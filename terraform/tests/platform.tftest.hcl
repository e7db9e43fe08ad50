# What the configuration says, with a provider that answers without an API.
mock_provider "exoscale" {
  mock_resource "exoscale_nlb" {
    defaults = { ip_address = "203.0.113.80" }
  }

  mock_data "exoscale_instance_pool" {
    defaults = {
      instances = [
        { id = "1", name = "pool-1", ipv6_address = "", public_ip_address = "203.0.113.10" },
        { id = "2", name = "pool-2", ipv6_address = "", public_ip_address = "203.0.113.11" },
      ]
    }
  }
}

variables {
  platform_file = "tests/platform.yaml"
  environment   = "staging"
}

run "everything_carries_the_name_and_the_labels_of_its_environment" {
  assert {
    condition = alltrue([
      for name in [
        exoscale_sks_cluster.platform.name,
        exoscale_sks_nodepool.nodes.name,
        exoscale_nlb.ingress.name,
        exoscale_dbaas.database.name,
        exoscale_security_group.nodes.name,
        exoscale_anti_affinity_group.nodes.name,
      ] : name == "shop-staging"
    ])
    error_message = "A name is not shop-staging."
  }

  assert {
    condition = alltrue([
      for labels in [
        exoscale_sks_cluster.platform.labels,
        exoscale_sks_nodepool.nodes.labels,
        exoscale_nlb.ingress.labels,
      ] : labels == tomap({ platform = "shop", environment = "staging", managed-by = "slipway" })
    ])
    error_message = "Labels are missing or wrong."
  }

  assert {
    condition     = exoscale_sks_nodepool.nodes.size == 2 && exoscale_sks_nodepool.nodes.instance_type == "standard.medium"
    error_message = "The nodes are not those of platform.yaml."
  }

  assert {
    condition     = output.ingress_ip == "203.0.113.80" && output.database_name == "shop-staging" && output.environment == "staging"
    error_message = "An output is wrong."
  }
}

run "only_the_node_ports_of_traefik_are_open_to_the_world" {
  assert {
    condition     = toset([for rule in exoscale_security_group_rule.ingress : "${rule.cidr} ${rule.protocol} ${rule.start_port}-${rule.end_port}"]) == toset(["0.0.0.0/0 TCP 30080-30080", "0.0.0.0/0 TCP 30443-30443"])
    error_message = "The rules for the world are wrong."
  }

  assert {
    condition     = alltrue([for rule in exoscale_security_group_rule.between_nodes : rule.user_security_group_id == exoscale_security_group.nodes.id && rule.cidr == null])
    error_message = "A rule for the nodes lets in others."
  }

  assert {
    condition     = toset([for rule in exoscale_security_group_rule.between_nodes : "${rule.protocol} ${rule.start_port}"]) == toset(["TCP 10250", "UDP 4789"])
    error_message = "The nodes do not reach each other as Calico and the kubelet need it."
  }
}

run "the_load_balancer_targets_what_the_security_group_opens" {
  assert {
    condition     = { for name, service in exoscale_nlb_service.ingress : name => [service.port, service.target_port] } == { http = [80, 30080], https = [443, 30443] }
    error_message = "The ports of the load balancer are wrong."
  }

  assert {
    condition     = alltrue([for name, service in exoscale_nlb_service.ingress : service.target_port == exoscale_security_group_rule.ingress[name].start_port])
    error_message = "A target is closed."
  }

  assert {
    condition     = alltrue([for service in exoscale_nlb_service.ingress : one(service.healthcheck).mode == "http" && one(service.healthcheck).uri == "/ping" && one(service.healthcheck).port == exoscale_security_group_rule.ingress["http"].start_port])
    error_message = "Traefik is asked elsewhere than where it answers whether it is there."
  }

  assert {
    condition     = alltrue([for service in exoscale_nlb_service.ingress : service.instance_pool_id == exoscale_sks_nodepool.nodes.instance_pool_id])
    error_message = "The targets are not the nodes."
  }
}

run "the_database_lets_in_the_nodes_alone_and_is_protected" {
  assert {
    condition     = exoscale_dbaas.database.pg.ip_filter == toset(["203.0.113.10/32", "203.0.113.11/32"])
    error_message = "The address filter is not that of the nodes."
  }

  assert {
    condition     = exoscale_dbaas.database.termination_protection
    error_message = "The database can be deleted by accident."
  }
}

run "a_node_without_an_address_is_told_and_not_let_in" {
  override_data {
    target = data.exoscale_instance_pool.nodes
    values = {
      instances = [
        { id = "1", name = "pool-1", ipv6_address = "", public_ip_address = "203.0.113.10" },
        { id = "2", name = "pool-2", ipv6_address = "", public_ip_address = "<nil>" },
      ]
    }
  }

  expect_failures = [check.every_node_reaches_the_database]

  assert {
    condition     = exoscale_dbaas.database.pg.ip_filter == toset(["203.0.113.10/32"])
    error_message = "The address filter holds something that is no address."
  }
}

run "an_unknown_environment_is_refused" {
  command = plan

  variables {
    environment = "stagin"
  }

  expect_failures = [var.environment]
}

run "a_missing_platform_file_is_refused" {
  command = plan

  variables {
    platform_file = "tests/nowhere.yaml"
  }

  expect_failures = [var.platform_file]
}

run "more_nodes_than_an_anti_affinity_group_holds_are_refused" {
  command = plan

  variables {
    environment = "crowded"
  }

  expect_failures = [exoscale_sks_nodepool.nodes]
}

run "a_name_too_long_for_a_database_is_refused" {
  command = plan

  variables {
    environment = "an-environment-whose-name-together-with-that-of-the-platform-is-too-long"
  }

  expect_failures = [var.environment]
}
