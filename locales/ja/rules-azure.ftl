### ルール 7xx の文: Azure。

## K701: 強制トンネリング

K701-title = KMS の通信がゲートウェイ経由で Azure の外に出ています
K701-checked = Azure の KMS へのルート
K701-summary = { $prefix-given ->
    [no] Azure の KMS に適用されるルートは、
   *[yes] Azure の KMS に適用されるルート { $prefix } は、
  }VPN または ExpressRoute のゲートウェイに向かっています。要求は Azure のパブリック アドレスではないアドレスから Azure の KMS に届くため、処理されません。次のアドレスには、次ホップがインターネットの個別のルートが必要です: { $addresses }。
K701-remedy-add-routes = すべての KMS アドレスに、次ホップがインターネットの /32 ルートを追加する
K701-missing = ネットワーク インターフェイスの有効なルート、またはコンピューターからの接続テストの情報がありません。

## K702: ルート テーブルの古いアドレス

K702-title = ルートで除外されているのは古い KMS アドレスだけです
K702-checked = ルートで除外されている KMS アドレス
K702-summary = ルート テーブルがインターネットに直接送るのは、古い KMS アドレス ({ $old }) だけです。Azure の KMS のアドレスは 2022 年 7 月から 2023 年 3 月にかけて変更されており、現在使用されている次のアドレスは別の経路で出ていきます: { $addresses }。変更前にライセンス認証されたコンピューターは最大 180 日間動作し続けるため、障害は遅れて現れます。
K702-remedy-add-routes = 古いルートを残したまま、現在の KMS アドレスのルートを追加する

## K703: ファイアウォールの古いアドレス

K703-title = ファイアウォール規則に古い KMS アドレスしか含まれていません
K703-checked = ファイアウォール規則の KMS アドレス
K703-summary = TCP 1688 の規則に含まれているのは 2022 年の変更前の KMS アドレスで、現在使用されているアドレスは 1 つも含まれていません。次の現在のアドレスへの要求は、この規則に一致しません: { $addresses }。
K703-remedy-network-rule = 現在のすべての KMS アドレスをネットワーク規則に追加する

## K704: アドレスの誤り

K704-title = KMS 用の除外設定に誤ったアドレスがあります: { $wrong }
K704-checked = KMS 用に除外されたアドレスの誤り
K704-summary = KMS 用のルート、規則、または一覧に { $wrong } がありますが、この Azure クラウドの KMS にこのようなエンドポイントはありません。{ $meant-given ->
    [no] {""}
   *[yes] { $meant } の誤記とみられ、正しいアドレスは含まれていません。
  }このエントリは KMS の通信を除外していません。
K704-remedy-add-routes = 誤ったアドレスを実際の KMS アドレスに置き換える

## K705: 送信経路がない

K705-title = サブネットにインターネットへの経路がありません
K705-checked = サブネットの送信経路
K705-summary-private-subnet = サブネットがプライベート (既定の送信アクセスなし) で、NAT ゲートウェイ、パブリック IP アドレス、アウトバウンド規則のいずれも確認されていません。インターネットには何も出ていかないため、Azure の KMS に到達できません。ルートを追加するだけでは解決しません。
K705-summary-internal-load-balancer = コンピューターが Standard の内部ロード バランサーの背後にあり、NAT ゲートウェイ、パブリック IP アドレス、アウトバウンド規則のいずれも確認されていません。このようなコンピューターには送信アクセスがないため、Azure の KMS に到達できません。ルートを追加するだけでは解決しません。
K705-summary-dropped = Azure の KMS のアドレスに、次ホップが「なし」のルートが適用されています。この通信は Azure によって破棄されるため、KMS に到達できません。
K705-remedy-nat-gateway = サブネットに NAT ゲートウェイを関連付ける

## K706: NSG による拒否

K706-title = ネットワーク セキュリティ グループが Azure の KMS への TCP 1688 を拒否しています
K706-checked = ネットワーク セキュリティ グループの送信規則
K706-summary-tag = 送信規則「{ $rule }」がサービス タグ AzurePlatformLKM を拒否しています。このタグを拒否する規則がない限り、Azure はライセンスの通信を自動的に許可します。そのため、この規則が KMS のライセンス認証を妨げています。
K706-summary-default-route = 送信規則「{ $rule }」が Azure の KMS への通信を拒否しています。Azure は通常、ライセンスの通信を自動的に許可しますが、ユーザー定義の既定のルートがあるとこの許可は無効になり、ネットワーク セキュリティ グループの規則が適用されます。
K706-remedy-allow = 拒否の規則より高い優先度で、KMS アドレスへの TCP 1688 を許可する
K706-missing = ネットワーク セキュリティ グループの規則、またはその適用を左右するルートの情報がありません。

## K707: アドレスの共有

K707-title = Azure の KMS への接続がリセットされるか、一部しか成功しません
K707-checked = Azure の KMS への接続のリセット
K707-summary = Azure の KMS への接続の一部がリセットされるか失われていますが、ルートの誤りは確認されていません。NAT ゲートウェイの背後など、多数のコンピューターが 1 つのパブリック アドレスを共有している場合に見られます。Microsoft は上限を公開していません。また、経路上のファイアウォールがリセットの原因になることもあります。
K707-remedy-more-addresses = NAT ゲートウェイにパブリック アドレスを追加する

## K708: インスタンス メタデータ

K708-title = Azure のインスタンス メタデータに到達できないか、検証できません
K708-checked = Azure Instance Metadata Service
K708-summary-unreachable = コンピューターが Azure Instance Metadata Service (169.254.169.254) に到達できません。Windows Server Datacenter: Azure Edition では、KMS のライセンス認証のほかに、このサービスの構成証明済みドキュメントが必要です。これがないと、ライセンス認証に成功しても透かしが消えません。
K708-summary-certificate = Azure Instance Metadata Service の構成証明済みドキュメントの証明書を検証できません。Windows Server Datacenter: Azure Edition では、KMS のライセンス認証のほかに、このドキュメントが必要です。これがないと、ライセンス認証に成功しても透かしが消えません。
K708-summary-other-edition = Azure Instance Metadata Service (169.254.169.254) に到達できないか、そのドキュメントを検証できません。ライセンス認証にこれを必要とするのは Windows Server Datacenter: Azure Edition だけで、このエディションであることを示す情報はありません。
K708-remedy-bypass-proxy = 169.254.169.254 をプロキシの対象から除外する
K708-remedy-certificates = 不足している中間証明書と更新プログラムをインストールする
