variable "name" {
  type = string
}

variable "exempt" {
  type = map(string)
}

resource "azurerm_route_table" "this" {
  name                = var.name
  location            = "westeurope"
  resource_group_name = "net"

  route {
    name           = "to-headquarters"
    address_prefix = "0.0.0.0/0"
    next_hop_type  = "VirtualNetworkGateway"
  }
}

resource "azurerm_route" "exempt" {
  for_each            = var.exempt
  name                = each.key
  resource_group_name = "net"
  route_table_name    = azurerm_route_table.this.name
  address_prefix      = each.value
  next_hop_type       = "Internet"
}

output "id" {
  value = azurerm_route_table.this.id
}
