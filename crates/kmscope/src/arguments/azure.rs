//! Options of `azure`.

use std::path::PathBuf;

use azure::Cloud;
use azure::what_if::parse_route;
use clap::{Args, Subcommand, ValueEnum};
use ipnet::Ipv4Net;
use model::azure::Route;

use super::ReadFormat;
use super::variables::Variables;

/// The commands of `azure`.
#[derive(Debug, Subcommand)]
pub enum AzureCommand {
    /// Tell whether KMS traffic leaves from an Azure public address, before and after a change
    Check(AzureCheck),
    /// Print the smallest change of routes that mends it
    Fix(AzureFix),
    /// Find what would break activation in Terraform, ARM templates and plans
    Lint(AzureLint),
    /// List the KMS endpoints of the clouds, with their history
    Endpoints(Endpoints),
}

/// Options of `azure check`.
#[derive(Debug, Args)]
#[command(after_help = "\
Reads what az, Az PowerShell, the portal, classic PowerShell, ARM, Bicep (compiled) and Terraform print or hold:
effective routes, route tables, security rules, subnets, NICs, load balancers, NAT gateways, firewall policies.
Resource ids join what belongs together; without ids, what lies in one folder.

Exit codes: 0 every required endpoint is reached from an Azure address; 1 one is not; 2 unreadable input;
3 the evidence does not decide.

Examples:
  az network nic show-effective-route-table --ids $NIC > routes.json
  kmscope azure check --routes routes.json
  kmscope azure check --routes routes.json --add 20.118.99.224/32=Internet
  kmscope azure check subnets/ --format json")]
pub struct AzureCheck {
    /// Files and folders with routes, security rules and resources
    #[arg(value_name = "PATH", required_unless_present_any = ["routes", "nsg", "subnet_facts"])]
    pub paths: Vec<PathBuf>,
    /// Routes of one subnet or NIC; repeat it for several
    #[arg(long, value_name = "FILE")]
    pub routes: Vec<PathBuf>,
    /// Security rules that hold for all of them
    #[arg(long, value_name = "FILE")]
    pub nsg: Vec<PathBuf>,
    /// Subnets, NICs, NAT gateways, load balancers, firewall rules that hold for all of them
    #[arg(long, value_name = "FILE")]
    pub subnet_facts: Vec<PathBuf>,
    /// The cloud: global, usgov, china or germany [default: by the evidence, then global]
    #[arg(long, value_name = "CLOUD", value_parser = cloud)]
    pub cloud: Option<Cloud>,
    /// Judge as if this route were there, as in 20.118.99.224/32=Internet or 0.0.0.0/0=VirtualAppliance:10.0.0.4
    #[arg(long, value_name = "PREFIX=NEXTHOP", value_parser = parse_route, help_heading = "What if")]
    pub add: Vec<Route>,
    /// Judge as if the user-defined route for this prefix were not there
    #[arg(long, value_name = "PREFIX", help_heading = "What if")]
    pub remove: Vec<Ipv4Net>,
    /// Judge as if the routes of this file were added, as azure fix prints them
    #[arg(long, value_name = "FILE", help_heading = "What if")]
    pub apply: Vec<PathBuf>,
    /// Judge as if this route table took the place of the present one
    #[arg(long, value_name = "FILE", help_heading = "What if")]
    pub proposed: Option<PathBuf>,
    /// Format of the output
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: ReadFormat,
}

/// Options of `azure fix`.
#[derive(Debug, Args)]
#[command(after_help = "\
Prints a change and makes none. Routes are added to the table that the subnet has; a new one is made only where the
evidence holds no route of one. Refuses, with what would help, where no route can mend it.

Exit codes: 0 the change was printed, or none is needed; 2 it was refused, or bad usage.

Examples:
  kmscope azure fix --routes routes.json --resource-group rg --vnet hub --subnet vms --route-table rt --as az
  kmscope azure fix --routes routes.json --resource-group rg --vnet hub --subnet vms --as terraform > kms.tf
  kmscope azure fix --routes routes.json --resource-group rg --vnet hub --subnet vms --route-table rt --as az --undo")]
pub struct AzureFix {
    /// Routes of the subnet or of a NIC in it
    #[arg(long, value_name = "FILE")]
    pub routes: PathBuf,
    /// Security rules
    #[arg(long, value_name = "FILE")]
    pub nsg: Vec<PathBuf>,
    /// Subnet, NICs, NAT gateways, load balancers, firewall rules
    #[arg(long, value_name = "FILE")]
    pub subnet_facts: Vec<PathBuf>,
    /// The cloud: global, usgov, china or germany [default: by the evidence, then global]
    #[arg(long, value_name = "CLOUD", value_parser = cloud)]
    pub cloud: Option<Cloud>,
    /// Resource group of the network
    #[arg(long, value_name = "NAME")]
    pub resource_group: String,
    /// Virtual network
    #[arg(long, value_name = "NAME")]
    pub vnet: String,
    /// Subnet
    #[arg(long, value_name = "NAME")]
    pub subnet: String,
    /// Route table of the subnet
    #[arg(long, value_name = "NAME")]
    pub route_table: Option<String>,
    /// Region, for a table that is made
    #[arg(long, value_name = "REGION")]
    pub location: Option<String>,
    /// The tool whose words are wanted
    #[arg(long = "as", value_name = "TOOL", default_value = "az")]
    pub tool: FixTool,
    /// Print the way back instead
    #[arg(long)]
    pub undo: bool,
}

/// Options of `azure lint`.
#[derive(Debug, Args)]
#[command(after_help = "\
Reads Terraform (.tf and the JSON of terraform show for a plan), ARM templates and what bicep build makes of Bicep:
route tables without the routes to Azure's KMS, old and wrong addresses, security rules and firewall rules that stop
TCP 1688, private subnets without a way out.

The .tf files of a folder are one module: names, variables and terraform.tfvars are followed through all of them and
into local modules. Of files named one by one only those are reported; their folders are read for what they name.
A comment above a block, or on its line, silences a finding there: # kmscope: allow forced-tunnel REASON

Exit codes: 0 nothing that stops activation; 1 something does (with --strict also where it may); 2 unreadable input.

Examples:
  kmscope azure lint .
  kmscope azure lint infra/ --var-file prod.tfvars --var hub=10.0.0.4
  kmscope azure lint infra/ --format sarif > kmscope.sarif")]
pub struct AzureLint {
    /// Files and folders
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// The cloud: global, usgov, china or germany [default: by the addresses that are routed, then global]
    #[arg(long, value_name = "CLOUD", value_parser = cloud)]
    pub cloud: Option<Cloud>,
    /// Warnings are faults, too
    #[arg(long)]
    pub strict: bool,
    /// Values of variables.
    #[command(flatten)]
    pub variables: Variables,
    /// Format of the output
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: LintFormat,
}

/// Formats of `azure lint`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LintFormat {
    /// For a terminal: one fault in each line, with its place.
    Text,
    /// One JSON document.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
}

/// Tools that make the change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FixTool {
    /// Azure CLI.
    Az,
    /// Az PowerShell.
    Powershell,
    /// Terraform with the azurerm provider.
    Terraform,
    /// Bicep.
    Bicep,
    /// An ARM template.
    Arm,
    /// PowerShell of the classic deployment model.
    ClassicPowershell,
}

/// Options of `azure endpoints`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  kmscope azure endpoints
  kmscope azure endpoints --cloud china --format json")]
pub struct Endpoints {
    /// Only this cloud: global, usgov, china or germany
    #[arg(long, value_name = "CLOUD", value_parser = cloud)]
    pub cloud: Option<Cloud>,
    /// Format of the output
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: ReadFormat,
}

fn cloud(text: &str) -> Result<Cloud, String> {
    Cloud::parse(text).ok_or_else(|| "expected global, usgov, china or germany".to_owned())
}
