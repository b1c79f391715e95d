kms_addresses = ["23.102.135.246"]
