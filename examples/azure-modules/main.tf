# A spoke of Contoso: its routes come from a module of the same repository.

module "routes" {
  source = "./modules/routes"
  name   = "rt-${var.environment}"
  exempt = local.exempt
}

resource "azurerm_subnet" "servers" {
  name                 = "servers"
  resource_group_name  = "net"
  virtual_network_name = "spoke"
  address_prefixes     = [cidrsubnet(var.address_space, 8, 1)]
}

resource "azurerm_subnet_route_table_association" "servers" {
  subnet_id      = azurerm_subnet.servers.id
  route_table_id = module.routes.id
}
