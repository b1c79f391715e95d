### サイト独自のソフトウェアのための KMS: ホスト、クライアント、slmgr。

system-host-runs = { $publisher } の KMS ホスト、ポート { $port } で待機中
system-host-stopped = ホストは動作していません。最後の要求: { $last }
system-host-unwell = 正常ではありません: { $problem }
system-host-product = { $name }: 必要な { $needed } 台のうち { $count } 台、要求 { $total } 件 (拒否 { $failed } 件)、ライセンスは { $until } まで
system-host-not-in-force = { $name }: ライセンスが有効ではないため、要求は拒否されます。発行者に更新してもらうか (kmscope publisher renew-host)、失効している場合は新しいものを発行してもらい (replace-host)、次を実行します: kmscope host reload
system-installed = { $path } を書き込みました。開始するには: systemd-sysusers && systemctl daemon-reload && systemctl enable --now { $unit }
system-backed-up = { $path } を書き込みました
system-restored = 複製を { $path } に戻しました
system-kept-aside = 以前のジャーナルは { $path } にあります
system-reloaded = ホストがライセンスとオプションを読み直しました
system-needs-restart = 再起動しないと変わらないオプション: { $options }
system-revocations-taken = ホストは失効したホストの一覧を受け取りました
system-none-runs = { $path } で動作しているサービスがありません
system-no-client = { $path } にクライアントがありません
system-remote-needs-key = コンピューター名の後に、ユーザー (任意の名前) とサービスの制御キーを指定してください
system-client-activated = { $name } は { $host } により { $until } までライセンス認証されています
system-client-not-activated = { $name } はライセンス認証されていません: { $state }
system-client-why = 理由: { $code } { $meaning }
system-client-grace = 現在の状態は { $until } に終わります
system-client-next = 次の試行: { $at }
system-client-not-running = エージェントは動作していません。開始するには: kmscope client run
system-client-kept = これはクライアントが保存している状態です。エージェントに問い合わせできるのはその専用アカウントだけです
system-client-in-use = { $path } のクライアントは、問い合わせに応じない別の kmscope が使用中です。終了してからもう一度実行してください
