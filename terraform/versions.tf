terraform {
  # 1.10 is the first whose S3 backend locks with a file of its own.
  required_version = ">= 1.10"

  required_providers {
    exoscale = {
      source  = "exoscale/exoscale"
      version = "~> 0.68" # 0.68.0 is what the tests run on
    }
  }

  # Bucket, key, region and endpoint follow from platform.yaml: the actions hand them over, README.md shows how by hand.
  # What is skipped exists at AWS only. Path style, because no wildcard certificate covers a bucket name with a dot.
  backend "s3" {
    use_lockfile                = true
    use_path_style              = true
    skip_credentials_validation = true
    skip_metadata_api_check     = true
    skip_region_validation      = true
    skip_requesting_account_id  = true
    skip_s3_checksum            = true
  }
}

# Reads EXOSCALE_API_KEY and EXOSCALE_API_SECRET.
provider "exoscale" {}
