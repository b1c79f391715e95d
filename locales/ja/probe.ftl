### kmscope probe が接続について示す文。

probe-kms = KMS ホスト: KMS インターフェイスが受け入れられました
probe-own-host = サイト独自のソフトウェア用の KMS ホスト (kmscope host) です: 専用のクライアントを受け付け、Windows クライアントは拒否します
probe-other-rpc = KMS インターフェイスのない RPC サーバー ({ $answer })
probe-bind-nak = バインドを拒否する RPC サーバー ({ $reason })
probe-odd-rpc = バインドに応答しない RPC サーバー ({ $what })
probe-malformed = 壊れた応答 ({ $error })
probe-other-protocol = RPC サーバーではありません: 別のプロトコルで応答します ({ $protocol })
probe-closed = 接続を受け入れ、応答せずに閉じます
probe-reset = 接続を受け入れた後でリセットします
probe-silent = 接続を受け入れますが、何も応答しません
probe-incomplete = 接続を受け入れますが、応答が完了しません
probe-filtered = 応答なし: 途中のフィルター、またはコンピューターの停止
probe-refused = 拒否: コンピューターは動作していますが、このポートで待ち受けていません
probe-reset-at-connect = 接続中にリセットされました
probe-no-route = 経路がありません ({ $error })
probe-not-tried = 試行できませんでした ({ $error })
probe-no-address = 名前にアドレスがありません
probe-lookup-timeout = 名前を時間内に解決できませんでした
probe-connected = { $connect } ms で接続
probe-connected-answered = { $connect } ms で接続、{ $answer } ms で応答
probe-statistics = { $tried } 回中 { $connected } 回接続 (損失 { $loss } %)、最小 { $minimum } ms、中央値 { $median } ms、最大 { $maximum } ms
probe-statistics-none = { $tried } 回とも接続できませんでした
probe-sent = 送信
probe-received = 受信
