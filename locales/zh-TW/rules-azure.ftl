### 規則 7xx 的文字：Azure。

## K701：強制通道

K701-title = KMS 流量經由閘道離開 Azure
K701-checked = 通往 Azure KMS 的路由
K701-summary = { $prefix-given ->
    [no] 套用至 Azure KMS 的路由
   *[yes] 套用至 Azure KMS 的路由 { $prefix }{" "}
  }通往 VPN 或 ExpressRoute 閘道。因此要求會從非 Azure 公用位址到達 Azure 的 KMS，因而不會獲得處理。下列位址各需要一條下一個躍點為「網際網路」的路由：{ $addresses }。
K701-remedy-add-routes = 為每個 KMS 位址新增下一個躍點為「網際網路」的 /32 路由
K701-missing = 缺少網路介面的有效路由，或從該電腦進行的連線測試。

## K702：路由表中的舊位址

K702-title = 路由只排除了已被取代的 KMS 位址
K702-checked = 路由所排除的 KMS 位址
K702-summary = 路由表只將已被取代的 KMS 位址 ({ $old }) 直接送往網際網路。Azure KMS 的位址在 2022 年 7 月到 2023 年 3 月之間已變更，目前使用的位址則經由其他路徑離開：{ $addresses }。變更之前啟用的電腦最多可繼續運作 180 天，因此故障會較晚出現。
K702-remedy-add-routes = 保留舊路由，並新增目前 KMS 位址的路由

## K703：防火牆中的舊位址

K703-title = 防火牆規則只包含已被取代的 KMS 位址
K703-checked = 防火牆規則中的 KMS 位址
K703-summary = TCP 1688 的規則包含 2022 年變更之前的 KMS 位址，而不包含任何目前使用的位址。對下列目前位址的要求不符合此規則：{ $addresses }。
K703-remedy-network-rule = 將目前所有的 KMS 位址加入網路規則

## K704：位址有誤

K704-title = KMS 的排除項目中有錯誤的位址：{ $wrong }
K704-checked = KMS 排除項目中的錯誤位址
K704-summary = KMS 的路由、規則或清單中列出了 { $wrong }，但此 Azure 雲端的 KMS 沒有這樣的端點。{ $meant-given ->
    [no] {""}
   *[yes] 該項目看起來是 { $meant } 的誤植，而其中沒有列出正確的位址。
  }該項目並未排除 KMS 流量。
K704-remedy-add-routes = 將錯誤的位址改為真正的 KMS 位址

## K705：沒有輸出路徑

K705-title = 子網路沒有通往網際網路的路徑
K705-checked = 子網路的輸出路徑
K705-summary-private-subnet = 此子網路為私人子網路 (沒有預設輸出存取)，且收集到的資訊中沒有 NAT 閘道、公用 IP 位址或輸出規則。任何流量都無法離開前往網際網路，因此無法連線到 Azure 的 KMS。僅新增路由並無幫助。
K705-summary-internal-load-balancer = 這部電腦位於 Standard 內部負載平衡器之後，且收集到的資訊中沒有 NAT 閘道、公用 IP 位址或輸出規則。這類電腦沒有輸出存取，因此無法連線到 Azure 的 KMS。僅新增路由並無幫助。
K705-summary-dropped = 下一個躍點為「無」的路由套用至 Azure KMS 的位址。Azure 會捨棄此流量，因此無法連線到 KMS。
K705-remedy-nat-gateway = 將 NAT 閘道附加至子網路

## K706：NSG 拒絕

K706-title = 網路安全性群組拒絕通往 Azure KMS 的 TCP 1688
K706-checked = 網路安全性群組的輸出規則
K706-summary-tag = 輸出規則「{ $rule }」拒絕了服務標籤 AzurePlatformLKM。除非有規則拒絕此標籤，否則 Azure 會自行放行授權流量，因此是這項規則阻擋了 KMS 啟用。
K706-summary-default-route = 輸出規則「{ $rule }」拒絕了通往 Azure KMS 的流量。Azure 通常會自行放行授權流量，但使用者定義的預設路由會使其失效，此時便會套用網路安全性群組的規則。
K706-remedy-allow = 以高於拒絕規則的優先順序，允許通往 KMS 位址的 TCP 1688
K706-missing = 缺少網路安全性群組的規則，或決定是否套用這些規則的路由。

## K707：共用位址

K707-title = 與 Azure KMS 的連線遭重設，或只有部分成功
K707-checked = 與 Azure KMS 的連線遭重設的情形
K707-summary = 與 Azure KMS 的部分連線遭重設或中斷，而收集到的資訊中沒有錯誤的路由。許多電腦共用一個公用位址 (例如位於 NAT 閘道之後) 時，會出現此情形。Microsoft 並未記載任何上限，而途中的防火牆也可能造成重設。
K707-remedy-more-addresses = 為 NAT 閘道新增公用位址

## K708：執行個體中繼資料

K708-title = 無法連線到 Azure 執行個體中繼資料，或無法加以驗證
K708-checked = Azure 執行個體中繼資料服務
K708-summary-unreachable = 這部電腦無法連線到 Azure 執行個體中繼資料服務 (169.254.169.254)。Windows Server Datacenter: Azure Edition 除了 KMS 啟用之外，還需要該服務的證明文件；若沒有，即使啟用成功，浮水印仍會存在。
K708-summary-certificate = 無法驗證 Azure 執行個體中繼資料服務之證明文件的憑證。Windows Server Datacenter: Azure Edition 除了 KMS 啟用之外，還需要此文件；若沒有，即使啟用成功，浮水印仍會存在。
K708-summary-other-edition = 無法連線到 Azure 執行個體中繼資料服務 (169.254.169.254)，或無法驗證其文件。只有 Windows Server Datacenter: Azure Edition 的啟用需要它，而收集到的資訊並未顯示是該版本。
K708-remedy-bypass-proxy = 讓 169.254.169.254 略過 Proxy
K708-remedy-certificates = 安裝缺少的中繼憑證與更新
