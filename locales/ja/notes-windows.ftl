# Windows と Azure の出力を読む部分の注記
note-registry-skipped = ライセンス認証に関係のないキーのレジストリ値 { $count } 個を省きました (最初のキー: { $key })。
note-service-not-installed = サービス { $service } はこのコンピューターにインストールされていません。
note-ip-flow-verify = IP フロー検証の結果は { $access } (規則 { $rule }) でした。IP フロー検証はライセンス認証の通信に対するプラットフォーム独自の規則を考慮しないため、この結果は判断に使いません。
