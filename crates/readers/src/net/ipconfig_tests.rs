//! ipconfig in many languages.

use model::Fact;
use model::network::NetworkConfig;
use proptest::prelude::*;

use crate::{Limits, read_bytes};

fn one(text: &str) -> NetworkConfig {
    let file = read_bytes("ipconfig.txt", text.as_bytes(), &Limits::default());
    let mut all: Vec<NetworkConfig> = file
        .facts
        .into_iter()
        .filter_map(|e| if let Fact::Network(n) = e.fact.value { Some(*n) } else { None })
        .collect();
    assert_eq!(all.len(), 1, "{text}\n{all:#?}\n{:#?}", file.notes);
    all.remove(0)
}

#[test]
fn reads_all_of_it() {
    let config = one("C:\\>ipconfig /all\n\nWindows IP Configuration\n\n\
        \x20  Host Name . . . . . . . . . . . . : PC7\n   Primary Dns Suffix  . . . . . . . : corp.contoso.com\n   Node Type . . . . . . . . . . . . : Hybrid\n\
        \x20  IP Routing Enabled. . . . . . . . : No\n   WINS Proxy Enabled. . . . . . . . : No\n   DNS Suffix Search List. . . . . . : corp.contoso.com\n\
        \x20                                      contoso.com\n\nEthernet adapter Ethernet0:\n\n\
        \x20  Connection-specific DNS Suffix  . : dhcp.contoso.com\n   Description . . . . . . . . . . . : Intel(R) 82574L\n\
        \x20  Physical Address. . . . . . . . . : 00-0C-29-65-3A-4E\n   DHCP Enabled. . . . . . . . . . . : Yes\n\
        \x20  Autoconfiguration Enabled . . . . : Yes\n   Link-local IPv6 Address . . . . . : fe80::1c2b:3d4e%12(Preferred)\n\
        \x20  IPv4 Address. . . . . . . . . . . : 192.0.2.20(Preferred)\n   Subnet Mask . . . . . . . . . . . : 255.255.255.0\n\
        \x20  Lease Obtained. . . . . . . . . . : Tuesday, February 11, 2025 8:00:00 AM\n   Default Gateway . . . . . . . . . : fe80::1%12\n\
        \x20                                      192.0.2.1\n   DHCP Server . . . . . . . . . . . : 192.0.2.2\n\
        \x20  DNS Servers . . . . . . . . . . . : 192.0.2.10\n                                       192.0.2.11\n\
        \x20  Primary WINS Server . . . . . . . : 192.0.2.12\n   NetBIOS over Tcpip. . . . . . . . : Enabled\n\n\
        Wireless LAN adapter Wi-Fi:\n\n   Media State . . . . . . . . . . . : Media disconnected\n   Connection-specific DNS Suffix  . : \n\nC:\\>");
    assert_eq!(config.hostname.as_deref(), Some("PC7"));
    assert_eq!(config.primary_dns_suffix.as_deref(), Some("corp.contoso.com"));
    assert_eq!(config.dns_suffix_search_list, ["corp.contoso.com", "contoso.com"]);
    let adapter = &config.adapters[0];
    assert_eq!(adapter.addresses, ["fe80::1c2b:3d4e", "192.0.2.20"]);
    assert_eq!(adapter.gateway.as_deref(), Some("192.0.2.1"));
    assert_eq!(adapter.dns_servers, ["192.0.2.10", "192.0.2.11"]);
    assert_eq!(adapter.dns_suffix.as_deref(), Some("dhcp.contoso.com"));
    assert_eq!(adapter.dhcp, Some(true));
    assert!(config.adapters[1].disconnected);
    assert_eq!(config.adapters[1].dns_suffix.as_deref(), Some(""));
}

/// Title, host name, primary suffix, search list, heading, connection suffix, DHCP, address, mask, gateway, DNS servers.
const LANGUAGES: &[[&str; 11]] = &[
    [
        "Windows-IP-Konfiguration",
        "Hostname  . . . . . . . . . . . . ",
        "Primäres DNS-Suffix . . . . . . . ",
        "DNS-Suffixsuchliste . . . . . . . ",
        "Ethernet-Adapter Ethernet:",
        "Verbindungsspezifisches DNS-Suffix",
        "DHCP aktiviert. . . . . . . . . . ",
        "IPv4-Adresse  . . . . . . . . . . ",
        "Subnetzmaske  . . . . . . . . . . ",
        "Standardgateway . . . . . . . . . ",
        "DNS-Server  . . . . . . . . . . . ",
    ],
    [
        "Configuration IP de Windows",
        "Nom de l'hôte . . . . . . . . . . ",
        "Suffixe DNS principal . . . . . . ",
        "Liste de recherche du suffixe DNS.",
        "Carte Ethernet Ethernet0 :",
        "Suffixe DNS propre à la connexion. . . ",
        "DHCP activé. . . . . . . . . . . . . . ",
        "Adresse IPv4. . . . . . . . . . . . . .",
        "Masque de sous-réseau. . . . . . . . . ",
        "Passerelle par défaut. . . . . . . . . ",
        "Serveurs DNS. . .  . . . . . . . . . . ",
    ],
    [
        "Configuración IP de Windows",
        "Nombre de host. . . . . . . . . ",
        "Sufijo DNS principal  . . . . . ",
        "Lista de búsqueda de sufijos DNS",
        "Adaptador de Ethernet Ethernet:",
        "Sufijo DNS específico para la conexión. . ",
        "DHCP habilitado . . . . . . . . . . . . . ",
        "Dirección IPv4. . . . . . . . . . . . . . ",
        "Máscara de subred . . . . . . . . . . . . ",
        "Puerta de enlace predeterminada . . . . . ",
        "Servidores DNS. . . . . . . . . . . . . . ",
    ],
    [
        "Configurazione IP di Windows",
        "Nome host . . . . . . . . . . . . . . ",
        "Suffisso DNS primario . . . . . . . . ",
        "Elenco di ricerca suffissi DNS. . . . ",
        "Scheda Ethernet Ethernet:",
        "Suffisso DNS specifico per connessione: ",
        "DHCP abilitato. . . . . . . . . . . . ",
        "Indirizzo IPv4. . . . . . . . . . . . ",
        "Subnet mask . . . . . . . . . . . . . ",
        "Gateway predefinito . . . . . . . . . ",
        "Server DNS . . . . . . . . . . . . . ",
    ],
    [
        "Configuração de IP do Windows",
        "Nome do host. . . . . . . . . . . . ",
        "Sufixo DNS primário . . . . . . . . ",
        "Lista de pesquisa de sufixo DNS . . ",
        "Adaptador Ethernet Ethernet:",
        "Sufixo DNS específico de conexão. . . ",
        "DHCP Habilitado . . . . . . . . . . . ",
        "Endereço IPv4. . . . . . . .  . . . . ",
        "Máscara de Sub-rede . . . . . . . . . ",
        "Gateway Padrão. . . . . . . . . . . . ",
        "Servidores DNS. . . . . . . . . . . . ",
    ],
    [
        "Windows IP 構成",
        "ホスト名. . . . . . . . . . . . . . .",
        "プライマリ DNS サフィックス . . . . .",
        "DNS サフィックス検索一覧. . . . . . .",
        "イーサネット アダプター イーサネット:",
        "接続固有の DNS サフィックス . . . . .",
        "DHCP 有効 . . . . . . . . . . . . . .",
        "IPv4 アドレス . . . . . . . . . . . .",
        "サブネット マスク . . . . . . . . . .",
        "デフォルト ゲートウェイ . . . . . . .",
        "DNS サーバー. . . . . . . . . . . . .",
    ],
    [
        "Windows IP 구성",
        "호스트 이름 . . . . . . . . ",
        "주 DNS 접미사 . . . . . . . ",
        "DNS 접미사 검색 목록. . . . ",
        "이더넷 어댑터 이더넷:",
        "연결별 DNS 접미사. . . . ",
        "DHCP 사용 . . . . . . . . . ",
        "IPv4 주소 . . . . . . . . . ",
        "서브넷 마스크 . . . . . . . ",
        "기본 게이트웨이 . . . . . . ",
        "DNS 서버. . . . . . . . . . ",
    ],
    [
        "Windows IP 配置",
        "主机名  . . . . . . . . . . . . . ",
        "主 DNS 后缀 . . . . . . . . . . . ",
        "DNS 后缀搜索列表  . . . . . . . . ",
        "以太网适配器 以太网:",
        "连接特定的 DNS 后缀 . . . . . . . ",
        "DHCP 已启用 . . . . . . . . . . . ",
        "IPv4 地址 . . . . . . . . . . . . ",
        "子网掩码  . . . . . . . . . . . . ",
        "默认网关. . . . . . . . . . . . . ",
        "DNS 服务器  . . . . . . . . . . . ",
    ],
    [
        "Windows IP 設定",
        "主機名稱 . . . . . . . . . . . . .",
        "主要 DNS 尾碼  . . . . . . . . . .",
        "DNS 尾碼搜尋清單 . . . . . . . . .",
        "乙太網路卡 乙太網路:",
        "連線特定 DNS 尾碼 . . . . . . . . ",
        "DHCP 已啟用 . . . . . . . . . . . ",
        "IPv4 位址 . . . . . . . . . . . . ",
        "子網路遮罩 . . . . . . . . . . . .",
        "預設閘道 . . . . . . . . . . . . .",
        "DNS 伺服器 . . . . . . . . . . . .",
    ],
    [
        "Настройка протокола IP для Windows",
        "Имя компьютера  . . . . . . . . . ",
        "Основной DNS-суффикс  . . . . . . ",
        "Порядок просмотра суффиксов DNS . ",
        "Адаптер Ethernet Ethernet:",
        "DNS-суффикс подключения . . . . . ",
        "DHCP включен. . . . . . . . . . . ",
        "IPv4-адрес. . . . . . . . . . . . ",
        "Маска подсети . . . . . . . . . . ",
        "Основной шлюз. . . . . . . . . ",
        "DNS-серверы. . . . . . . . . . . ",
    ],
    [
        "Konfiguracja IP systemu Windows",
        "Nazwa hosta . . . . . . . . . . . ",
        "Sufiks podstawowej domeny DNS . . ",
        "Lista przeszukiwania sufiksów DNS ",
        "Karta Ethernet Ethernet:",
        "Sufiks DNS konkretnego połączenia : ",
        "DHCP włączone . . . . . . . . . . ",
        "Adres IPv4. . . . . . . . . . . . ",
        "Maska podsieci. . . . . . . . . . ",
        "Brama domyślna. . . . . . . . . . ",
        "Serwery DNS . . . . . . . . . . . ",
    ],
    [
        "Windows IP-configuratie",
        "Hostnaam  . . . . . . . . . . . . ",
        "Primair DNS-achtervoegsel . . . . ",
        "DNS-achtervoegselzoeklijst. . . . ",
        "Ethernet-adapter Ethernet:",
        "Verbindingsspec. DNS-achtervoegsel",
        "DHCP ingeschakeld . . . . . . . . ",
        "IPv4-adres. . . . . . . . . . . . ",
        "Subnetmasker. . . . . . . . . . . ",
        "Standaardgateway. . . . . . . . . ",
        "DNS-servers . . . . . . . . . . . ",
    ],
    [
        "Konfigurace protokolu IP systému Windows",
        "Název hostitele  . . . . . . . . . . ",
        "Přípona primárního názvu DNS . . . . ",
        "Prohledávací seznam přípon DNS  . . .",
        "Adaptér sítě Ethernet Ethernet:",
        "Přípona DNS podle připojení . . . . .",
        "Protokol DHCP povolen . . . . . . . .",
        "Adresa IPv4 . . . . . . . . . . . . .",
        "Maska podsítě . . . . . . . . . . . .",
        "Výchozí brána . . . . . . . . . . . .",
        "Servery DNS . . . . . . . . . . . . .",
    ],
    [
        "Windows IP Yapılandırması",
        "Ana bilgisayar adı. . . . . . . . . ",
        "Birincil DNS Soneki. . . . . . . . .",
        "DNS Soneki Arama Listesi. . . . . . ",
        "Ethernet bağdaştırıcısı Ethernet:",
        "Bağlantıya özgü DNS Soneki . . . . .",
        "DHCP Etkin. . . . . . . . . . . . . ",
        "IPv4 Adresi. . . . . . . . . . . . .",
        "Alt Ağ Maskesi . . . . . . . . . . .",
        "Varsayılan Ağ Geçidi . . . . . . . .",
        "DNS Sunucuları . . . . . . . . . . .",
    ],
];

#[test]
fn reads_every_language() {
    for [title, host, primary, search, heading, connection, dhcp, ipv4, mask, gateway, dns] in LANGUAGES {
        let connection = connection.trim_end_matches([':', ' ']);
        let config = one(&format!(
            "\n{title}\n\n   {host}: PC7\n   {primary}: contoso.com\n   {search}: contoso.com\n                 fabrikam.com\n\n{heading}\n\n   {connection}:\n\
             \x20  {dhcp}: XX\n   {ipv4}: 192.0.2.20(Bevorzugt)\n   {mask}: 255.255.255.0\n   {gateway}: 192.0.2.1\n   {dns}: 192.0.2.10\n                  192.0.2.11\n"
        ));
        assert_eq!(config.hostname.as_deref(), Some("PC7"), "{title}");
        assert_eq!(config.primary_dns_suffix.as_deref(), Some("contoso.com"), "{title}");
        assert_eq!(config.dns_suffix_search_list, ["contoso.com", "fabrikam.com"], "{title}");
        assert_eq!(config.adapters.len(), 1, "{title}");
        let adapter = &config.adapters[0];
        assert_eq!(adapter.addresses, ["192.0.2.20"], "{title}");
        assert_eq!(adapter.gateway.as_deref(), Some("192.0.2.1"), "{title}");
        assert_eq!(adapter.dns_servers, ["192.0.2.10", "192.0.2.11"], "{title}");
        assert_eq!(adapter.dns_suffix.as_deref(), Some(""), "{title}");
    }
}

#[test]
fn a_suffix_that_is_missing_is_not_one_that_was_blanked_out() {
    let config = one(
        "Windows IP Configuration\n   Host Name . . . . . . . . . . . . : PC7\n   Primary Dns Suffix  . . . . . . . :\n",
    );
    assert_eq!((config.primary_dns_suffix.as_deref(), config.redacted.len()), (Some(""), 0));
    let config = one(
        "Windows IP Configuration\n   Host Name . . . . . . . . . . . . : PC7\n   Primary Dns Suffix  . . . . . . . : <redacted>\n",
    );
    assert_eq!((config.primary_dns_suffix, config.redacted), (None, vec!["primary_dns_suffix".to_owned()]));
}

#[test]
fn reads_a_part_of_it() {
    let config = one(
        "   DNS Servers . . . . . . . . . . . : 192.0.2.10\n                                       192.0.2.11\n",
    );
    assert_eq!(config.adapters[0].dns_servers, ["192.0.2.10", "192.0.2.11"]);
}

proptest! {
    #[test]
    fn what_ipconfig_prints_is_read_again(
        host in "[A-Z][A-Z0-9]{1,12}",
        suffix in "[a-z]{2,8}\\.example",
        servers in proptest::collection::vec(1u8..=254, 1..4),
        list in proptest::collection::vec("[a-z]{2,8}\\.example", 1..4),
    ) {
        let servers: Vec<String> = servers.iter().map(|n| format!("198.51.100.{n}")).collect();
        let pad = "\r\n                                       ";
        let text = format!(
            "\r\nWindows IP Configuration\r\n\r\n   Host Name . . . . . . . . . . . . : {host}\r\n   Primary Dns Suffix  . . . . . . . : {suffix}\r\n   DNS Suffix Search List. . . . . . : {}\r\n\r\n\
             Ethernet adapter Ethernet:\r\n\r\n   Connection-specific DNS Suffix  . : {suffix}\r\n   DNS Servers . . . . . . . . . . . : {}\r\n",
            list.join(pad), servers.join(pad)
        );
        let config = one(&text);
        prop_assert_eq!(config.hostname, Some(host));
        prop_assert_eq!(config.primary_dns_suffix.as_deref(), Some(suffix.as_str()));
        prop_assert_eq!(config.dns_suffix_search_list, list);
        prop_assert_eq!(&config.adapters[0].dns_servers, &servers);
    }
}

#[test]
fn names_of_adapters_cut_by_the_console_and_lines_left_out() {
    let config = one(
        "Windows-IP-Konfiguration\n\n   Hostname  . . . . . . . . . . . . : PC7\n   Primäres DNS-Suffix . . . . . . . : \n\n\
        Drahtlos-LAN-Adapter LAN-Verbindung* 12 mit langem Namen\n:\n\n   Medienstatus. . . . . . . . . . . : Medium getrennt\n\n\
        Ethernet-Adapter Ethernet0:\n   <gekürzt>\n   IPv4-Adresse  . . . . . . . . . . : 192.0.2.20\n\n   [...]\n   DNS-Server  . . . . . . . . . . . : 192.0.2.10\n",
    );
    assert_eq!(config.hostname.as_deref(), Some("PC7"));
    let names: Vec<_> = config.adapters.iter().map(|adapter| adapter.name.as_deref().unwrap_or("")).collect();
    assert_eq!(
        names,
        ["Drahtlos-LAN-Adapter LAN-Verbindung* 12 mit langem Namen", "Ethernet-Adapter Ethernet0"]
    );
    assert!(config.adapters[0].disconnected);
    assert_eq!(config.adapters[1].dns_servers, ["192.0.2.10"]);
}
