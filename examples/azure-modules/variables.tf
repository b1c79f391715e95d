variable "environment" {
  type    = string
  default = "test"
}

variable "address_space" {
  type    = string
  default = "10.20.0.0/16"
}

variable "kms_addresses" {
  type = list(string)
}

locals {
  exempt = { for address in var.kms_addresses : "kms-${replace(address, ".", "-")}" => "${address}/32" }
}
