### kmscope dns audit がレコードについて示す文。

audit-fine = KMS ホスト
audit-not-tried = 問題は見当たりません (接続は試していません)
audit-unresolvable = ターゲットにアドレスがありません
audit-address-unknown = どのサーバーもアドレスを答えません
audit-dead = 応答がありません
audit-other-service = 別のサービスが応答します
audit-other-kind = 同じ名前にある他の KMS ホストと種類が異なります: Windows クライアントとサイト独自のクライアントがこの名前を共有しています
audit-rogue = 許可されたホストの一覧にありません
audit-duplicate = 別のレコードが同じアドレスとポートを指しています
audit-odd-port = ポート 1688 ではありません
audit-odd-ttl = 有効期間 (TTL) が通常と異なります
audit-other-name = アドレスに別の名前があります
audit-other-name-is = { $address } は PTR レコードでは { $name } です
audit-no-zone-file = { $path }: ゾーンがありません。ゾーン ファイル、または dnscmd /zoneprint か dig axfr の一覧を指定してください
audit-no-origin = { $path }: ゾーン名がありません。先頭に $ORIGIN を置くか、ファイル名をゾーン名にしてください (contoso.com.dns)
audit-no-answer = 応答なし
audit-summary = { $zones } ゾーン、うち KMS レコードあり { $with }。{ $records } レコード、うち問題あり { $wrong }
