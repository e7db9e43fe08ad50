variable "environment" {
  type        = string
  description = "The environment in platform.yaml."

  validation {
    condition     = contains(keys(local.platform.environments), var.environment)
    error_message = "There is no environment \"${var.environment}\" in ${var.platform_file}: choose one of ${join(", ", keys(local.platform.environments))}, or add it there."
  }

  validation {
    # https://community.exoscale.com/reference/api/dbaas/
    condition     = length("${local.platform.name}-${var.environment}") <= 63
    error_message = "\"${local.platform.name}-${var.environment}\" is too long for the name of a database (63 characters): shorten the platform's or the environment's name in ${var.platform_file}."
  }
}

variable "platform_file" {
  type        = string
  description = "The file that describes the platform, as seen from this folder."
  default     = "../platform.yaml"

  validation {
    condition     = fileexists(var.platform_file)
    error_message = "${var.platform_file} does not exist: name your platform.yaml with -var platform_file=PATH."
  }
}

variable "database_protected" {
  type        = bool
  description = "Whether Exoscale refuses to delete the database. Apply false before a destroy."
  default     = true
}
