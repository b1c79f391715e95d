### kmscope dns audit がレコードについて示す文。

audit-fine = KMS ホスト
audit-unresolvable = ターゲットにアドレスがありません
audit-address-unknown = どのサーバーもアドレスを答えません
audit-dead = 応答がありません
audit-other-service = 別のサービスが応答します
audit-rogue = 許可されたホストの一覧にありません
audit-duplicate = 別のレコードが同じアドレスとポートを指しています
audit-odd-port = ポート 1688 ではありません
audit-odd-ttl = 有効期間 (TTL) が通常と異なります
audit-no-answer = 応答なし
audit-summary = { $zones } ゾーン、うち KMS レコードあり { $with }。{ $records } レコード、うち問題あり { $wrong }
