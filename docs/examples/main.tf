# podtime from a release, by Terraform: put this file beside the release's folder, and name that folder in `release`.
# Terraform 1.5 or later; formatted by `terraform fmt`. It was never applied to AWS.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = ">= 5.0" }
  }
}

variable "region" {
  description = "The release's region"
  type        = string
  default     = "us-west-2"
}

provider "aws" {
  region = var.region
}

variable "release" {
  description = "Folder of the release, such as podtime-0.1.0-prod-us-west-2"
  type        = string
}

variable "bucket" {
  description = "A bucket of yours in that region"
  type        = string
}

locals {
  prefix = "podtime/"
}

# A key changes with the bytes of its archive, so that CloudFormation sees new code. Going back is applying the release before.
resource "aws_s3_object" "functions" {
  for_each    = fileset("${var.release}/functions", "*.zip")
  bucket      = var.bucket
  key         = "${local.prefix}${each.value}"
  source      = "${var.release}/functions/${each.value}"
  source_hash = filesha256("${var.release}/functions/${each.value}")
}

# too large for template_body, which takes 51,200 bytes
resource "aws_s3_object" "template" {
  bucket      = var.bucket
  key         = "${local.prefix}template-${substr(filesha256("${var.release}/template.json"), 0, 12)}.json"
  source      = "${var.release}/template.json"
  source_hash = filesha256("${var.release}/template.json")
}

resource "aws_cloudformation_stack" "podtime" {
  name         = "podtime-prod"
  template_url = "https://${var.bucket}.s3.${var.region}.amazonaws.com/${aws_s3_object.template.key}"
  capabilities = ["CAPABILITY_IAM"]
  parameters = {
    CodeBucket = var.bucket
    CodePrefix = local.prefix
  }
  depends_on = [aws_s3_object.functions]
}

# where hosts ask: ApiUrlBlue and the like
output "stack" {
  value = aws_cloudformation_stack.podtime.outputs
}
