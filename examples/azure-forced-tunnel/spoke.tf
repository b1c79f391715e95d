# A spoke whose traffic goes to headquarters, with the exemption that wikis of before 2022 ask for.

locals {
  prefix = "vms"
}

resource "azurerm_subnet" "vms" {
  name                 = local.prefix
  resource_group_name  = "net"
  virtual_network_name = "spoke"
  address_prefixes     = ["10.20.1.0/24"]
}

resource "azurerm_route_table" "vms" {
  name                          = "rt-${local.prefix}"
  location                      = "westeurope"
  resource_group_name           = "net"
  bgp_route_propagation_enabled = false

  route {
    name           = "to-headquarters"
    address_prefix = "0.0.0.0/0"
    next_hop_type  = "VirtualNetworkGateway"
  }

  # Azure KMS
  route {
    name           = "kms"
    address_prefix = "23.102.135.246/32"
    next_hop_type  = "Internet"
  }
}

resource "azurerm_network_security_group" "vms" {
  name = "nsg-${local.prefix}"

  security_rule {
    name                       = "deny-internet"
    priority                   = 4000
    direction                  = "Outbound"
    access                     = "Deny"
    protocol                   = "*"
    source_port_range          = "*"
    destination_port_range     = "*"
    source_address_prefix      = "*"
    destination_address_prefix = "Internet"
  }
}

resource "azurerm_subnet_route_table_association" "vms" {
  subnet_id      = azurerm_subnet.vms.id
  route_table_id = azurerm_route_table.vms.id
}
